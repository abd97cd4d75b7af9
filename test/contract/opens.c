/* SPDX-License-Identifier: MIT */
/*
 * What a public call opens, it opens once: neither a probe before the work, nor a second look.
 * Properties of the device tree are not devices, nor is the journal of firmware memory.
 */
#include "opens.h"

#include <string.h>

#include "machine.h"

static void check_opens(const char *call)
{
	const char *path;
	unsigned count;

	for (size_t i = 0; (path = fake_opened(i, &count)); i++) {
		if (strncmp(path, "/proc/device-tree", 17) != 0 && strncmp(path, "/run/", 5) != 0)
			ck_assert_msg(count == 1, "%s: %s opens %s %u times", ops->name, call, path,
				count);
	}
	fake_count_opens(true);
}

static void check_region_calls(struct pmem_region *region)
{
	uint64_t value;

	ck_assert_int_eq(pmem_region_phys(region, &value), 0);
	check_opens("phys");
	pmem_region_bus(region, &value);
	check_opens("bus");
	ck_assert_int_eq(pmem_region_close(region), 0);
	check_opens("close");
}

/* backend NULL: the machine's first choice. */
static void allocate(const char *backend, uint64_t size)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = backend,
		.flags = fixture->alloc_flags };
	struct pmem_region *region;

	assert_works(pmem_region_alloc(ctx, size, &opts, &region));
	check_opens("alloc");
	check_region_calls(region);
}

static void ask(enum way way)
{
	struct pmem_region *region;

	if (way == WAY_ALLOC) {
		for (int i = 0; i < 2; i++) { /* what is remembered may make the first differ */
			allocate(ops->name, 3 * os->page_size());
			allocate(ops->name, os->page_size());
			allocate(NULL, 4 * os->page_size());
		}
		return;
	}
	if (way == WAY_MAP)
		assert_works(pmem_region_map(ctx, fixture->phys, fixture->size, 0, &region));
	else if (way == WAY_MAKE)
		assert_works(pmem_region_map_pci(ctx, "00:04.0", 0, 0, &region));
	else
		assert_works(pmem_region_import(ctx, foreign_fd, 0, &region));
	check_opens(way_names[way]);
	check_region_calls(region);
}

START_TEST(once)
{
	unsigned opens = 0, count;

	machine_start(_i, true);
	fake_count_opens(true);
	for (size_t i = 0; i < pmem_backend_count(ctx); i++) {
		pmem_backend_status(ctx, i, NULL);
		for (size_t n = 0; fake_opened(n, &count); n++)
			opens += count;
		check_opens("status");
	}
	ck_assert_uint_gt(opens, 0); /* they are counted */
	for (enum way way = WAY_MAP; way < WAYS; way++) {
		if (way_exists(way))
			ask(way);
	}
	fake_count_opens(false);
	machine_stop();
}
END_TEST

void opens_add(TCase *tc, int backends)
{
	tcase_add_loop_test(tc, once, 0, backends);
}
