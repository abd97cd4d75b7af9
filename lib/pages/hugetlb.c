/* SPDX-License-Identifier: MIT */
#include "pages/hugetlb.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/bits.h"
#include "os/file.h"
#include "os/os.h"

struct listing {
	size_t *sizes;
	size_t count;
};

static int add(void *user, const char *name)
{
	struct listing *l = user;
	unsigned long long kib;

	if (l->count < HUGETLB_POOLS && sscanf(name, "hugepages-%llukB", &kib) == 1 &&
		bits_is_power_of_two(kib) && kib <= SIZE_MAX / 4096)
		l->sizes[l->count++] = (size_t)kib * 1024;
	return 0;
}

static int by_size(const void *a, const void *b)
{
	const size_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static size_t list_sizes(const char *root, size_t sizes[HUGETLB_POOLS])
{
	struct listing l = { .sizes = sizes };
	char path[PATH_MAX];

	if (file_path(path, root, HUGETLB_FOLDER) < 0 || os->list(path, add, &l) < 0)
		return 0;
	qsort(sizes, l.count, sizeof(sizes[0]), by_size);
	return l.count;
}

/* A kernel knows its sizes from its start on; how many pages there are of each, is another thing. */
size_t hugetlb_sizes(const char *root, size_t sizes[HUGETLB_POOLS])
{
	static _Atomic size_t kept[HUGETLB_POOLS], kept_count;
	bool keep = file_is_this_machine(root);
	size_t count = keep ? atomic_load(&kept_count) : 0;

	if (count) {
		for (size_t i = 0; i < count; i++)
			sizes[i] = atomic_load(&kept[i]);
		return count;
	}
	count = list_sizes(root, sizes);
	for (size_t i = 0; keep && i < count; i++)
		atomic_store(&kept[i], sizes[i]);
	if (keep)
		atomic_store(&kept_count, count);
	return count;
}

/* A figure of the pool of that size; 0 if the kernel does not tell. */
static uint64_t figure(const char *root, size_t size, const char *name)
{
	char path[128];
	uint64_t count;

	snprintf(path, sizeof(path), HUGETLB_FOLDER "/hugepages-%zukB/%s", size / 1024, name);
	return file_read_u64(root, path, &count) == 0 ? count : 0;
}

size_t hugetlb_smallest(const char *root, size_t below)
{
	size_t sizes[HUGETLB_POOLS], count = hugetlb_sizes(root, sizes);

	for (size_t i = 0; i < count && sizes[i] < below; i++) {
		if (figure(root, sizes[i], "nr_hugepages"))
			return sizes[i];
	}
	return 0;
}

uint64_t hugetlb_free(const char *root, size_t size)
{
	return figure(root, size, "free_hugepages");
}
