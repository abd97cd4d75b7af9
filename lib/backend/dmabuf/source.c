/* SPDX-License-Identifier: MIT */
#include "dmabuf/source.h"

void source_refused(struct source_refusals *all, bool asked)
{
	if (all->count == error_list_count(all->list))
		error_list_add(&all->list, error_last(), all->backend);
	if (all->count == 0 || (asked && !all->asked))
		error_save(&all->one);
	all->asked |= asked;
	all->count++;
}

void source_gave(struct source_refusals *all)
{
	error_list_unref(all->list);
}

int source_none_gave(struct source_refusals *all)
{
	int r = error_restore(&all->one);

	if (all->count > 1)
		error_adopt(all->list);
	else
		error_list_unref(all->list);
	return r;
}

void source_name(const char *path)
{
	const struct pmem_error *e = error_last();

	if (!e->path[0])
		error_set(e->errnum, e->cause, e->operation, path, e->hint, "%s", e->message);
}
