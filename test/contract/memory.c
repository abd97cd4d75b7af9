/* SPDX-License-Identifier: MIT */
/*
 * Every allocation of every public path failing in turn, on the played machine of each backend: a
 * clean error or full success, and no byte, descriptor or mapping left.
 */
#include "memory.h"

#include <errno.h>
#include <string.h>

#include "heap.h"
#include "machine.h"

/* One life of the library: a context, everything asked of it, a region by each way. */
static int life(uint32_t flags)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = ops->name, .flags = flags };
	struct pmem_region *region = NULL;
	struct pmem_ctx *own;
	uint64_t phys, size;
	char path[256];
	int r = pmem_ctx_new(&own), first = r;

	if (r < 0)
		return r;
	for (size_t i = 0; i < pmem_backend_count(own); i++) {
		struct pmem_error *why = NULL;

		pmem_backend_status(own, i, &why);
		pmem_error_free(why);
	}
	pmem_soc_model(own);
	pmem_soc_node(own, "brcm,bcm2835-gpio", 0, &phys, &size);
	pmem_soc_node_path(own, "gpio0", 0, path, sizeof(path));
	pmem_soc_phys_to_bus(own, NULL, 0, &phys);
	if (ops->alloc) {
		r = pmem_region_alloc(own, 5000, &opts, &region);
		first = first < 0 ? first : r;
		if (r == 0) {
			pmem_region_phys(region, &phys);
			pmem_region_bus(region, &phys);
			pmem_region_close(region);
		}
	}
	if (ops->map && pmem_region_map(own, fixture->phys, fixture->size, 0, &region) == 0)
		pmem_region_close(region);
	if (ops->import && pmem_region_import(own, foreign_fd, 0, &region) == 0)
		pmem_region_close(region);
	pmem_ctx_unref(own);
	return first;
}

START_TEST(no_memory)
{
	size_t fds;

	machine_start(_i, true);
	fds = fake_fds();
	for (unsigned n = 1;; n++) {
		bool failed;
		int r;

		heap_arm(n);
		r = life(fixture->alloc_flags);
		failed = heap_disarm();
		ck_assert_msg(heap_live() == 0, "%s: %zu blocks left when allocation %u fails",
			ops->name, heap_live(), n);
		nothing_is_left(fds, "an allocation failed");
		ck_assert_int_le(r, 0);
		if (!failed)
			break;
		ck_assert_uint_lt(n, 5000);
	}
	machine_stop();
}
END_TEST

void memory_add(TCase *tc, int backends)
{
	tcase_add_loop_test(tc, no_memory, 0, backends);
}
