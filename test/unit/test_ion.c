/* SPDX-License-Identifier: MIT */
/* The backend ion on each generation of /dev/ion, with and without the vendors' address calls. */
#include <fcntl.h>
#include <unistd.h>

#include "pagemap.h"
#include "played_ion.h"

static struct pmem_ctx *ctx;
static struct pmem_region *region;

static const char *const boards[] = {
	[NONE] = "a,board",
	[ALLWINNER] = "allwinner,sun8i-h3",
	[ROCKCHIP] = "rockchip,rk3288",
	[ROCKCHIP_OLD] = "rockchip,rk3288",
	[NXP] = "fsl,imx6q",
	[NXP_HANDLE] = "fsl,imx6q",
	[HISILICON] = "hisilicon,hi3660",
	[AMLOGIC] = "amlogic,g12a",
};

static void start(enum ion_abi abi, enum vendor vendor)
{
	memset(&k, 0, sizeof(k));
	k.abi = abi;
	k.vendor = vendor;
	k.masks = abi == ION_LEGACY ? 1u << ION_TYPE_DMA | 1u << ION_TYPE_SYSTEM :
				      1u << 3 | 1u << 7 | 1u << 9;
	fake_start();
	played.exporter = "ion";
	fake_string("/", "compatible", boards[vendor]);
	fake_device(&ion);
	assert_works(pmem_ctx_new(&ctx));
}

static void stop(void)
{
	pmem_ctx_unref(ctx);
	fake_stop();
	ck_assert_uint_eq(k.handles, 0);
	ck_assert_uint_eq(played.created, played.closed);
}

static int alloc_in(const char *heap, uint64_t size, uint32_t flags)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = flags, .backend = "ion",
		.heap = heap };

	return pmem_region_alloc(ctx, size, &opts, &region);
}

static int alloc(uint64_t size, uint32_t flags)
{
	return alloc_in(NULL, size, flags);
}

/* The generation is told without a single allocation, in its own way or in another's. */
START_TEST(generations)
{
	static const enum ion_abi abis[] = { ION_LEGACY, ION_MODERN, ION_MODULAR };
	int fd;

	start(abis[_i], NONE);
	fd = fake_device_fd(&ion);
	ck_assert_int_eq(ion_abi(fd), abis[_i]);
	ck_assert_uint_eq(k.allocations, 0);
	fake_fail_named("ioctl", EPERM);
	assert_fails(ion_abi(fd), EPERM, PMEM_CAUSE_SYSTEM);
	fake_fail_named(NULL, 0);
	os->close(fd);
	stop();
}
END_TEST

START_TEST(vendors)
{
	static const struct {
		enum vendor vendor;
		bool query;
		uint64_t phys;
	} cases[] = {
		{ ALLWINNER, false, PHYS },
		{ ROCKCHIP, false, PHYS },
		{ ROCKCHIP_OLD, false, PHYS },
		{ NXP, false, PHYS },
		{ NXP_HANDLE, false, PHYS },
		{ HISILICON, true, 0x100000000ull + PHYS },
		{ AMLOGIC, true, PHYS },
	};
	uint64_t phys = 0;

	start(ION_LEGACY, cases[_i].vendor);
	k.query = cases[_i].query;
	if (k.query)
		k.masks = 1u << 7;
	assert_works(alloc(10000, 0));
	ck_assert_uint_eq(k.handles, 0); /* not held longer than the vendor's call needs it */
	assert_works(pmem_region_phys(region, &phys));
	ck_assert_uint_eq(phys, cases[_i].phys);
	ck_assert_uint_eq(pmem_region_attrs(region), PMEM_REGION_COHERENT | PMEM_REGION_PINNED |
		PMEM_REGION_CONTIGUOUS | PMEM_REGION_DMABUF);
	ck_assert_uint_eq(k.flags, 0);
	assert_works(pmem_region_close(region));
	assert_works(alloc(10000, PMEM_ALLOC_CACHED));
	ck_assert_uint_eq(k.flags, 1);
	ck_assert(pmem_region_attrs(region) & PMEM_REGION_NEEDS_SYNC);
	assert_works(pmem_region_close(region));
	k.within_page = 16;
	assert_fails(alloc(10000, 0), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	k.within_page = 0;
	k.told_size = 4096; /* of the first piece */
	if (cases[_i].vendor != NXP_HANDLE) {
		assert_fails(alloc(10000, 0), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	}
	stop();
}
END_TEST

/* A driver that tells no descriptor: what stands there then is none, and never the program's own. */
START_TEST(no_descriptor)
{
	static const enum ion_abi abis[] = { ION_LEGACY, ION_MODERN, ION_MODULAR };
	int flags = fcntl(STDIN_FILENO, F_GETFD);

	start(abis[_i], _i ? NONE : ALLWINNER);
	k.gives_none = true;
	assert_fails(alloc(10000, 0), EPROTO, PMEM_CAUSE_SYSTEM);
	ck_assert_uint_eq(k.handles, 0);
	ck_assert_int_eq(fcntl(STDIN_FILENO, F_GETFD), flags);
	stop();
}
END_TEST

/* Nobody's call is asked of another vendor's kernel: the numbers mean other things there. */
START_TEST(foreign_call)
{
	start(ION_LEGACY, NONE);
	k.vendor = ALLWINNER;
	assert_fails(alloc(10000, 0), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	assert_fails(alloc(10000, PMEM_ALLOC_NO_ADDRESS), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS);
	assert_works(alloc(10000, PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_SCATTERED));
	assert_works(pmem_region_close(region));
	stop();
}
END_TEST

/* Calls that tell the first piece of anything are believed only of a heap known to be whole. */
START_TEST(no_proof)
{
	start(ION_LEGACY, AMLOGIC);
	assert_fails(alloc(10000, 0), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	stop();
	start(ION_MODERN, AMLOGIC);
	assert_works(alloc_in("ion_system_heap", 10000,
		PMEM_ALLOC_SCATTERED | PMEM_ALLOC_NO_ADDRESS));
	ck_assert_uint_eq(pmem_region_attrs(region) & PMEM_REGION_CONTIGUOUS, 0);
	assert_works(pmem_region_close(region));
	stop();
}
END_TEST

START_TEST(newer)
{
	static const enum ion_abi abis[] = { ION_MODERN, ION_MODULAR };
	uint64_t phys = 0;

	start(abis[_i], AMLOGIC);
	assert_works(alloc(10000, 0));
	assert_works(pmem_region_phys(region, &phys));
	ck_assert_uint_eq(phys, PHYS);
	assert_works(pmem_region_close(region));
	stop();
	start(abis[_i], NONE);
	assert_fails(alloc(10000, 0), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	assert_works(alloc(10000, PMEM_ALLOC_NO_ADDRESS));
	ck_assert(pmem_region_attrs(region) & PMEM_REGION_CONTIGUOUS);
	assert_works(pmem_region_close(region));
	k.alloc_errnum = ENOMEM;
	assert_fails(alloc(10000, PMEM_ALLOC_NO_ADDRESS), ENOMEM, PMEM_CAUSE_NO_MEMORY);
	k.alloc_errnum = 0;
	played.nxp = true; /* NXP's kernels from 4.14 on: a call of the dma-buf itself */
	assert_works(alloc_in("carveout", 10000, 0));
	assert_works(pmem_region_phys(region, &phys));
	ck_assert_uint_eq(phys, 0x40000000);
	assert_works(pmem_region_close(region));
	assert_fails(alloc_in("none", 10000, 0), ENOENT, PMEM_CAUSE_NOT_FOUND);
	stop();
}
END_TEST

/* A heap of a type that is one piece, which pagemap does not see; one page is always one. */
START_TEST(pieces_in_spite_of_the_type)
{
	start(ION_MODERN, NONE);
	pagemap_play(PAGEMAP_APART);
	assert_fails(alloc_in("carveout", 10000, 0), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS);
	assert_works(alloc_in("carveout", 10000, PMEM_ALLOC_SCATTERED));
	ck_assert_uint_eq(pmem_region_attrs(region) & PMEM_REGION_CONTIGUOUS, 0);
	assert_works(pmem_region_close(region));
	assert_works(alloc_in("ion_system_heap", 4096, PMEM_ALLOC_NO_ADDRESS));
	ck_assert(pmem_region_attrs(region) & PMEM_REGION_CONTIGUOUS);
	assert_works(pmem_region_close(region));
	stop();
}
END_TEST

static int alloc_and_close(void *user)
{
	int r = alloc(10000, *(const uint32_t *)user);

	return r < 0 ? r : pmem_region_close(region);
}

START_TEST(every_call_failing)
{
	static const struct {
		enum ion_abi abi;
		enum vendor vendor;
	} cases[] = { { ION_LEGACY, ALLWINNER }, { ION_LEGACY, NXP_HANDLE }, { ION_MODERN, AMLOGIC },
		{ ION_MODULAR, NONE } };
	uint32_t flags = PMEM_ALLOC_NO_ADDRESS;

	start(cases[_i].abi, cases[_i].vendor);
	ck_assert_uint_ge(fake_fail_each(EIO, alloc_and_close, &flags), 6);
	ck_assert_uint_ge(fake_fail_each(ENOTTY, alloc_and_close, &flags), 6);
	if (cases[_i].abi == ION_LEGACY) {
		k.share_errnum = EMFILE;
		assert_fails(alloc(10000, 0), EMFILE, PMEM_CAUSE_LIMIT);
	}
	/* A FREE that was made to fail leaves its handle to the close of /dev/ion. */
	k.handles = 0;
	stop();
}
END_TEST

START_TEST(absent)
{
	fake_start();
	assert_works(pmem_ctx_new(&ctx));
	assert_fails(alloc(4096, 0), ENOENT, PMEM_CAUSE_NO_DEVICE);
	pmem_ctx_unref(ctx);
	fake_stop();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("ion");
	TCase *tc = tcase_create("ion");

	tcase_add_loop_test(tc, generations, 0, 3);
	tcase_add_loop_test(tc, vendors, 0, 7);
	tcase_add_loop_test(tc, no_descriptor, 0, 3);
	tcase_add_test(tc, foreign_call);
	tcase_add_test(tc, no_proof);
	tcase_add_loop_test(tc, newer, 0, 2);
	tcase_add_test(tc, pieces_in_spite_of_the_type);
	tcase_add_loop_test(tc, every_call_failing, 0, 4);
	tcase_add_test(tc, absent);
	suite_add_tcase(suite, tc);
	return suite;
}
