/* SPDX-License-Identifier: MIT */
#include "base/error_list.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/error.h"

struct entry {
	struct entry *next;
	struct pmem_error error;
};

struct error_list {
	atomic_uint refs;
	size_t count;
	struct entry *first;
};

bool error_list_insert(struct error_list **list, size_t place, const struct pmem_error *e,
	const char *backend)
{
	struct error_list *to = *list;
	struct entry *entry = malloc(sizeof(*entry)), **at;

	if (entry && !to) {
		to = calloc(1, sizeof(*to));
		if (to)
			atomic_init(&to->refs, 1);
	}
	if (!entry || !to) {
		free(entry);
		error_list_unref(to);
		*list = NULL;
		return false;
	}
	entry->error = *e;
	entry->error.backend = backend;
	error_list_ref(e->children);
	for (at = &to->first; place-- > 0;)
		at = &(*at)->next;
	entry->next = *at;
	*at = entry;
	to->count++;
	*list = to;
	return true;
}

bool error_list_add(struct error_list **list, const struct pmem_error *e, const char *backend)
{
	return error_list_insert(list, error_list_count(*list), e, backend);
}

struct error_list *error_list_ref(struct error_list *list)
{
	if (list)
		atomic_fetch_add_explicit(&list->refs, 1, memory_order_relaxed);
	return list;
}

void error_list_unref(struct error_list *list)
{
	struct entry *entry, *next;

	if (!list || atomic_fetch_sub_explicit(&list->refs, 1, memory_order_acq_rel) != 1)
		return;
	for (entry = list->first; entry; entry = next) {
		next = entry->next;
		error_list_unref(entry->error.children);
		free(entry);
	}
	free(list);
}

size_t error_list_count(const struct error_list *list)
{
	return list ? list->count : 0;
}

const struct pmem_error *error_list_at(const struct error_list *list, size_t i)
{
	const struct entry *entry = list ? list->first : NULL;

	while (entry && i--)
		entry = entry->next;
	return entry ? &entry->error : NULL;
}
