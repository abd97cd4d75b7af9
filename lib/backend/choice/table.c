/* SPDX-License-Identifier: MIT */
/* The one list of backends, and its order on this machine. */
#include <stdbool.h>
#include <string.h>

#include "backend/backend.h"
#include "base/word_list.h"
#include "soc/soc.h"

/* Those that map first, then those that allocate in the general order. */
const struct pmem_backend_ops *const backend_table[] = {
	&backend_gpiomem,
	&backend_devmem,
	&backend_pci,
	&backend_vcsm,
	&backend_dmaheap,
	&backend_videocore,
	&backend_ion,
	&backend_udmabuf,
	&backend_pages,
	&backend_udmabuf_kmod, /* somebody's, who set it up for some purpose: when nobody else can */
	NULL,
};
_Static_assert(ARRAY_SIZE(backend_table) - 1 < BACKENDS_MAX, "backend_order() has room for all");

const struct pmem_backend_ops *backend_find(const char *name)
{
	for (size_t i = 0; backend_table[i]; i++) {
		if (strcmp(backend_table[i]->name, name) == 0)
			return backend_table[i];
	}
	return NULL;
}

static const struct pmem_backend_ops *find_word(struct word name)
{
	size_t i = 0;

	while (backend_table[i] && !word_is(name, backend_table[i]->name))
		i++;
	return backend_table[i];
}

static bool ordered_by_soc(const char *order, const struct pmem_backend_ops *ops)
{
	return words_have(order, " ", ops->name);
}

/*
 * The SoC's order where it names a backend, the table's for the rest: those before the first
 * allocator keep their place, so that the list reads "mapping, then memory".
 */
size_t backend_order(const struct pmem_ctx *ctx, const struct pmem_backend_ops *order[BACKENDS_MAX])
{
	const char *words = soc_family(ctx)->order;
	size_t n = 0, t = 0;
	struct word name;

	for (; backend_table[t] && !(backend_table[t]->caps & PMEM_BACKEND_ALLOC); t++) {
		if (!ordered_by_soc(words, backend_table[t]))
			order[n++] = backend_table[t];
	}
	for (const char *rest = words; word_next(&rest, " ", &name);) {
		order[n] = find_word(name);
		n += order[n] != NULL;
	}
	for (; backend_table[t]; t++) {
		if (!ordered_by_soc(words, backend_table[t]))
			order[n++] = backend_table[t];
	}
	return n;
}
