/* SPDX-License-Identifier: MIT */
/* One entry of the table on its played machine, and the ways to a region there. */
#include "machine.h"

#include <stdlib.h>
#include <string.h>

const struct pmem_backend_ops *ops;
const struct contract_fixture *fixture;
struct pmem_ctx *ctx;
int foreign_fd = -1;

const char *const way_names[] = { "map", "make", "alloc", "import" };

static const struct contract_fixture *fixture_of(const char *name)
{
	for (size_t i = 0; contract_fixtures[i]; i++) {
		if (strcmp(contract_fixtures[i]->name, name) == 0)
			return contract_fixtures[i];
	}
	return NULL;
}

int machine_count(void)
{
	int n = 0;

	while (backend_table[n])
		n++;
	return n + 1;
}

void machine_start(int i, bool usable)
{
	ops = backend_table[i] ? backend_table[i] : &backend_template;
	fixture = fixture_of(ops->name);
	ck_assert_msg(fixture != NULL, "the backend %s has no fixture in test/contract", ops->name);
	fake_start();
	if (usable && fixture->usable)
		fixture->usable();
	if (!usable && fixture->absent)
		fixture->absent();
	assert_works(pmem_ctx_new(&ctx));
	foreign_fd = usable && fixture->import_fd ? fixture->import_fd() : -1;
}

void machine_stop(void)
{
	if (foreign_fd >= 0)
		ck_assert_int_eq(os->close(foreign_fd), 0);
	pmem_ctx_unref(ctx);
	fake_stop();
	if (fixture->stop)
		fixture->stop();
}

bool way_exists(enum way way)
{
	switch (way) {
	case WAY_MAP:
		return ops->map != NULL;
	case WAY_MAKE:
		return fixture->make != NULL;
	case WAY_ALLOC:
		return ops->alloc != NULL;
	default:
		return ops->import != NULL;
	}
}

static struct alloc_request request(void)
{
	uint64_t page = os->page_size();

	return (struct alloc_request){
		.size = 3 * page - 5,
		.length = 3 * page,
		.align = page,
		.max_addr = UINT64_MAX,
		.flags = fixture->alloc_flags,
		.name = "contract",
		.backend = ops->name,
	};
}

uint64_t way_size(enum way way)
{
	switch (way) {
	case WAY_MAP:
	case WAY_MAKE:
		return fixture->size;
	case WAY_ALLOC:
		return request().size;
	default:
		return 2 * os->page_size();
	}
}

int way_make(enum way way, uint32_t flags, struct pmem_region *region)
{
	struct alloc_request wanted = request();

	*region = (struct pmem_region){ .ctx = ctx, .ops = ops, .fd = -1 };
	switch (way) {
	case WAY_MAP:
		return ops->map(ctx, fixture->phys, fixture->size, flags, region);
	case WAY_MAKE:
		return fixture->make(ctx, flags, region);
	case WAY_ALLOC:
		wanted.flags |= flags;
		return ops->alloc(ctx, &wanted, region);
	default:
		return ops->import(ctx, foreign_fd, flags, region);
	}
}

int machine_close(struct pmem_region *region)
{
	int r = ops->close(region);

	error_free(region->why_unknown); /* as lib/api/region.c does */
	region->why_unknown = NULL;
	return r;
}

void nothing_is_left(size_t fds, const char *after)
{
	ck_assert_msg(fake_fds() == fds, "%s: %zu descriptors left after %s", ops->name,
		fake_fds() - fds, after);
	ck_assert_msg(fake_mapped() == 0, "%s: %zu bytes left mapped after %s", ops->name,
		fake_mapped(), after);
}
