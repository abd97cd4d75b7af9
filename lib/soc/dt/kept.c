/* SPDX-License-Identifier: MIT */
#include "dt/kept.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 1024u /* a Raspberry Pi's tree has some 600 answers after the usual questions */

struct kept {
	atomic_size_t bytes;
	_Atomic(struct kept_answer *) bucket[BUCKETS];
};

struct kept *kept_new(void)
{
	return calloc(1, sizeof(struct kept));
}

void kept_free(struct kept *kept)
{
	for (size_t i = 0; kept && i < BUCKETS; i++) {
		struct kept_answer *next, *answer = atomic_load(&kept->bucket[i]);

		for (; answer; answer = next) {
			next = answer->next;
			free(answer);
		}
	}
	free(kept);
}

/* FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint32_t hash_of(enum kept_kind kind, const char *path)
{
	uint32_t hash = (2166136261u ^ (uint32_t)kind) * 16777619u;

	for (; *path; path++)
		hash = (hash ^ (unsigned char)*path) * 16777619u;
	return hash;
}

static struct kept_answer *find(struct kept_answer *first, uint32_t hash, enum kept_kind kind,
	const char *path)
{
	while (first && (first->hash != hash || first->key[0] != (char)kind ||
				strcmp(first->key + 1, path) != 0))
		first = first->next;
	return first;
}

const struct kept_answer *kept_find(const struct kept *kept, enum kept_kind kind, const char *path)
{
	uint32_t hash = hash_of(kind, path);

	return find(atomic_load_explicit(&kept->bucket[hash % BUCKETS], memory_order_acquire), hash,
		kind, path);
}

static struct kept_answer *make(enum kept_kind kind, const char *path, int result, const char *data,
	size_t size, size_t bytes)
{
	struct kept_answer *answer = malloc(bytes);
	size_t length = strlen(path) + 1;
	char *copy;

	if (!answer)
		return NULL;
	copy = answer->key + 1 + length;
	*answer = (struct kept_answer){ .data = copy, .size = size, .result = result };
	answer->hash = hash_of(kind, path);
	answer->key[0] = (char)kind;
	memcpy(answer->key + 1, path, length);
	if (size)
		memcpy(copy, data, size);
	copy[size] = '\0';
	return answer;
}

const struct kept_answer *kept_add(struct kept *kept, enum kept_kind kind, const char *path, int result,
	const char *data, size_t size)
{
	size_t bytes = sizeof(struct kept_answer) + strlen(path) + size + 3;
	struct kept_answer *answer = NULL, *head, *other;
	_Atomic(struct kept_answer *) *bucket;

	if (atomic_fetch_add(&kept->bytes, bytes) + bytes <= KEPT_MAX)
		answer = make(kind, path, result, data, size, bytes);
	if (!answer) {
		atomic_fetch_sub(&kept->bytes, bytes);
		return NULL;
	}
	bucket = &kept->bucket[answer->hash % BUCKETS];
	head = atomic_load_explicit(bucket, memory_order_acquire);
	do {
		other = find(head, answer->hash, kind, path);
		if (other) {
			free(answer);
			atomic_fetch_sub(&kept->bytes, bytes);
			return other;
		}
		answer->next = head;
	} while (!atomic_compare_exchange_weak_explicit(bucket, &head, answer, memory_order_release,
		memory_order_acquire));
	return answer;
}
