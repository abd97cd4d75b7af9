/* SPDX-License-Identifier: MIT */
/*
 * The only policy of the library: which backend serves a request. The first in the machine's
 * order that can give all of what was asked; every refusal is kept: a child of the error.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "base/cut.h"
#include "soc/master.h"

/* "I am not here", or not for this: another backend's refusal says more about the request. */
static bool says_little(const struct pmem_error *e)
{
	return e->cause == PMEM_CAUSE_NO_DEVICE || e->cause == PMEM_CAUSE_UNSUPPORTED;
}

/* The same of registers to map, where a backend with a window also says "not mine". */
static bool says_little_of_map(const struct pmem_error *e)
{
	return e->cause == PMEM_CAUSE_OUTSIDE_WINDOW || says_little(e);
}

/* Who is asked for one request, and the refusals: one counts, all are told. */
struct refusals {
	const struct pmem_backend_ops *order[BACKENDS_MAX];
	size_t backends;
	struct error_list *list; /* NULL before the first, and if there was no memory */
	struct pmem_error one;
	size_t place;            /* whose it is, in the order of preference */
	bool counts;
	uint32_t asked;          /* who refused: bits by that order */
	unsigned count;
};

/*
 * Note the thread's error as the refusal of the backend at that place in the order of preference.
 * counts: more than those before it in the order. Who is asked when makes no difference to the result.
 */
static void refused(struct refusals *all, struct pmem_ctx *ctx, size_t place, bool counts)
{
	const struct pmem_backend_ops *ops = all->order[place];
	const struct pmem_error *e = error_last();
	bool says_more = counts ? !all->counts || place > all->place :
				  !all->counts && place < all->place;

	if (all->count == error_list_count(all->list))
		error_list_insert(&all->list,
			(size_t)__builtin_popcount(all->asked & ((1u << place) - 1)), e, ops->name);
	if (says_more || all->count == 0) {
		error_save(&all->one);
		all->one.backend = ops->name;
		all->place = place;
		all->counts = counts;
	}
	all->asked |= 1u << place;
	all->count++;
	log_write(&ctx->log, PMEM_LEVEL_DEBUG, "%s refused: %s", ops->name, e->text);
}

#define NOBODY "no backend could: "

/*
 * All reasons in one line. Each backend is named: where the room is too small, a reason may take
 * its share of what those before it have left.
 */
static void summarize(const struct error_list *list, char *text, size_t size)
{
	size_t count = error_list_count(list);

	text[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		const struct pmem_error *e = error_list_at(list, i);
		size_t used = strlen(text), share = (size - 1 - used) / (count - i) + 1;
		int n = snprintf(text + used, share, "%s%s: %s%s%s", used ? "; " : "", e->backend,
			e->path, e->path[0] ? ": " : "", e->message);

		cut_mark(text + used, share, n < 0 ? 0 : (size_t)n);
	}
}

/* The error of a request that nobody served. */
static int nobody(struct refusals *all, const char *operation)
{
	char text[sizeof(all->one.message) - sizeof(NOBODY) + 1];
	const struct pmem_error *one = &all->one;
	int r;

	if (all->count == 0)
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, operation, NULL, NULL,
			"no backend can do this");
	if (all->count == 1) {
		error_list_unref(all->list);
		return error_restore(one);
	}
	if (!all->list)
		return error_set(one->errnum, one->cause, one->operation, one->path, one->hint,
			"no backend could, and there is no memory for all reasons; %s: %s",
			one->backend, one->message);
	summarize(all->list, text, sizeof(text));
	r = error_set(one->errnum, one->cause, one->operation, one->path, one->hint, NOBODY "%s",
		text);
	error_adopt(all->list);
	return r;
}

/* The first refusal of the range itself counts: it takes the least privilege to overcome. */
int select_map(struct pmem_ctx *ctx, uint64_t phys, uint64_t size, uint32_t flags,
	struct pmem_region *region)
{
	struct refusals all = { .count = 0 };

	all.backends = backend_order(ctx, all.order);
	for (size_t i = 0; i < all.backends; i++) {
		const struct pmem_backend_ops *ops = all.order[i];

		if (!ops->map)
			continue;
		region_reset(region, ops);
		if (ops->map(ctx, phys, size, flags, region) == 0) {
			log_write(&ctx->log, PMEM_LEVEL_INFO, "%s maps 0x%llx", ops->name,
				(unsigned long long)phys);
			error_list_unref(all.list);
			return 0;
		}
		refused(&all, ctx, i, says_little_of_map(&all.one));
	}
	return nobody(&all, "map");
}

/* Ask one backend; 0 if the region keeps every promise. */
static int try_alloc(struct pmem_ctx *ctx, const struct pmem_backend_ops *ops,
	const struct alloc_request *request, struct pmem_region *region)
{
	struct pmem_error why;
	int r;

	region_reset(region, ops);
	if (request->node && !(ops->caps & PMEM_BACKEND_NODE))
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "alloc", NULL,
			"the backend pages can", "%s cannot choose the NUMA node", ops->name);
	r = ops->alloc(ctx, request, region);
	if (r < 0)
		return select_explain(request, r);
	r = select_check(request, region);
	if (r == 0)
		return 0;
	error_save(&why);
	ops->close(region);
	region_reset(region, ops);
	return error_restore(&why);
}

/* What no backend with these capabilities can give need not be asked of it. */
static bool suits(const struct pmem_backend_ops *ops, const struct alloc_request *request)
{
	if (!(ops->caps & PMEM_BACKEND_ALLOC))
		return false;
	return !(request->flags & PMEM_ALLOC_DMABUF) || (ops->caps & PMEM_BACKEND_EXPORT);
}

/* Of a heap that is named, those say most that have it. */
static bool knows_not(const struct alloc_request *request, const struct pmem_error *e)
{
	return request->heap && e->cause == PMEM_CAUSE_NOT_FOUND;
}

/* The backend by its place in the table, as a bit of ctx->absent. */
static unsigned bit_of(const struct pmem_backend_ops *ops)
{
	unsigned place = 0;

	while (backend_table[place] != ops)
		place++;
	return 1u << place;
}

/* Ask the backend at that place, and remember whether it has a device here. */
static int ask(struct pmem_ctx *ctx, size_t place, const struct alloc_request *request,
	struct pmem_region *region, struct refusals *all)
{
	const struct pmem_backend_ops *ops = all->order[place];
	int r = try_alloc(ctx, ops, request, region);

	if (r < 0 && error_last()->cause == PMEM_CAUSE_NO_DEVICE)
		atomic_fetch_or(&ctx->absent, bit_of(ops));
	else if (atomic_load(&ctx->absent) & bit_of(ops))
		atomic_fetch_and(&ctx->absent, ~bit_of(ops));
	if (r < 0) {
		refused(all, ctx, place,
			!says_little(error_last()) && !knows_not(request, error_last()));
		return r;
	}
	log_write(&ctx->log, PMEM_LEVEL_INFO, "%s gives 0x%llx bytes", ops->name,
		(unsigned long long)request->size);
	error_list_unref(all->list);
	return 0;
}

/* May it be asked? By name, if one is named; else what it cannot do need not be asked of it. */
static bool is_meant(const struct pmem_backend_ops *ops, const char *only,
	const struct alloc_request *request)
{
	return only ? strcmp(ops->name, only) == 0 : suits(ops, request);
}

/*
 * A device that a call of this context has not found is looked for last in the next ones, that is
 * if nobody else serves the request: so what is not there costs nothing, and what comes is found.
 */
int select_alloc(struct pmem_ctx *ctx, const struct alloc_request *request,
	struct pmem_region *region)
{
	const char *only = request->backend ? request->backend : ctx->backend;
	const struct pmem_backend_ops *ops = only ? backend_find(only) : NULL;
	const unsigned absent = atomic_load(&ctx->absent);
	struct refusals all = { .count = 0 };

	if (only && !ops)
		return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, "alloc", NULL,
			"physmem info lists the backends", "there is no backend called %s", only);
	if (only && !(ops->caps & PMEM_BACKEND_ALLOC))
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "alloc", NULL, NULL,
			"the backend %s does not allocate", only);
	all.backends = backend_order(ctx, all.order);
	for (int last = 0; last < (absent ? 2 : 1); last++) {
		for (size_t i = 0; i < all.backends; i++) {
			ops = all.order[i];
			if ((absent & bit_of(ops) ? 1 : 0) != last || !is_meant(ops, only, request))
				continue;
			if (ask(ctx, i, request, region, &all) == 0)
				return 0;
		}
	}
	return nobody(&all, "alloc");
}

int select_import(struct pmem_ctx *ctx, int fd, uint32_t flags, struct pmem_region *region)
{
	struct refusals all = { .count = 0 };

	all.backends = backend_order(ctx, all.order);
	for (size_t i = 0; i < all.backends; i++) {
		const struct pmem_backend_ops *ops = all.order[i];

		if (!(ops->caps & PMEM_BACKEND_IMPORT))
			continue;
		region_reset(region, ops);
		if (ops->import(ctx, fd, flags, region) == 0) {
			error_list_unref(all.list);
			return 0;
		}
		refused(&all, ctx, i, !says_little(error_last()));
	}
	return nobody(&all, "import");
}
