/* SPDX-License-Identifier: MIT */
/*
 * The children of an error: why each backend refused. A list is built by one thread and does not
 * change once it has been given to an error (error_adopt()); from then on whoever keeps a copy of
 * that error keeps the list, by counting. So a copy costs no more than before.
 */
#ifndef BASE_ERROR_LIST_H
#define BASE_ERROR_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct pmem_error;
struct error_list;

/* One more error as number place, at most their count, or at the end, with the name of its backend,
 * which is static text; those from place on move up. *list NULL: a new list. Without memory the list is given up, *list becomes NULL, and the result is false: some
 * reasons would look like all of them. */
bool error_list_insert(struct error_list **list, size_t place, const struct pmem_error *e,
	const char *backend);
bool error_list_add(struct error_list **list, const struct pmem_error *e, const char *backend);

/* NULL is a list of nothing, for all of these. */
struct error_list *error_list_ref(struct error_list *list);
void error_list_unref(struct error_list *list);
size_t error_list_count(const struct error_list *list);
/* NULL past the end. Borrowed from the list. */
const struct pmem_error *error_list_at(const struct error_list *list, size_t i);

#endif
