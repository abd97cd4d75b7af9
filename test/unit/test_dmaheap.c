/* SPDX-License-Identifier: MIT */
/* The backend dmaheap through the public functions: which heap, where, whose caches, refusals. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "dmabuf/heap_list.h"
#include "pagemap.h"
#include "played_dmabuf.h"
#include "suite.h"

static struct pmem_ctx *ctx;
static struct pmem_region *region;

static const struct fake_device cma = { .path = "/dev/dma_heap/linux,cma",
	.ioctl = played_heap_ioctl };
static const struct fake_device uncached = { .path = "/dev/dma_heap/linux,cma-uncached",
	.ioctl = played_heap_ioctl };
static const struct fake_device systemheap = { .path = "/dev/dma_heap/system",
	.ioctl = played_heap_ioctl };
static const struct fake_device strange = { .path = "/dev/dma_heap/strange",
	.ioctl = played_heap_ioctl };

static void setup(void)
{
	fake_start();
	fake_string("/", "compatible", "fsl,imx8mm");
	fake_string("/", "model", "a board");
	fake_text("/proc/meminfo", "MemTotal: 4 kB\nCmaTotal:  65536 kB\nCmaFree:  1024 kB\n");
	assert_works(pmem_ctx_new(&ctx));
}

static void teardown(void)
{
	pmem_ctx_unref(ctx);
	fake_stop();
	ck_assert_uint_eq(played.created, played.closed);
}

static int alloc_in(const char *heap, uint64_t size, uint64_t align, uint32_t flags)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = flags, .align = align,
		.backend = "dmaheap", .heap = heap, .name = "a name that is longer than dma-bufs" };

	return pmem_region_alloc(ctx, size, &opts, &region);
}

static int alloc(uint64_t size, uint32_t flags)
{
	return alloc_in(NULL, size, 0, flags);
}

START_TEST(classes)
{
	static const struct {
		const char *name;
		uint32_t class;
	} names[] = {
		{ "system", HEAP_SYSTEM },
		{ "system-uncached", HEAP_SYSTEM | HEAP_UNCACHED },
		{ "system-uncached-dma32", HEAP_SYSTEM | HEAP_UNCACHED },
		{ "system_cc_shared", HEAP_SYSTEM },
		{ "linux,cma", HEAP_CONTIGUOUS },
		{ "linux,cma-uncached", HEAP_CONTIGUOUS | HEAP_UNCACHED },
		{ "default_cma_region", HEAP_CONTIGUOUS },
		{ "reserved", HEAP_CONTIGUOUS },
		{ "default-pool", HEAP_CONTIGUOUS },
		{ "cma", HEAP_CONTIGUOUS },
		{ "cma-uncached-dma32", HEAP_CONTIGUOUS | HEAP_UNCACHED },
		{ "rk-dma-heap-cma", HEAP_CONTIGUOUS },
		{ "carveout_vision_apps_shared-memories", HEAP_CONTIGUOUS },
		{ "mtk_mm", HEAP_SYSTEM },
		{ "mtk_mm-uncached", HEAP_SYSTEM | HEAP_UNCACHED },
		{ "mtk_svp_page-uncached", HEAP_SECURE },
		{ "qcom,secure-pixel", HEAP_SECURE },
		{ "qcom,qseecom-ta", HEAP_CONTIGUOUS },
		{ "vidbuf_cached", HEAP_UNKNOWN },
		{ "strange", HEAP_UNKNOWN },
		{ "reserved-uncached", HEAP_CONTIGUOUS | HEAP_UNCACHED },
		{ "default-pool-uncached", HEAP_CONTIGUOUS | HEAP_UNCACHED },
		{ "qcom,system-uncached", HEAP_SYSTEM | HEAP_UNCACHED },
		{ "strange-uncached", HEAP_UNKNOWN | HEAP_UNCACHED },
		{ "uncached", HEAP_UNKNOWN },
		/* By the device tree: a reusable pool, its uncached view, one that is not reusable. */
		{ "linux,multimedia@50000000", HEAP_CONTIGUOUS },
		{ "linux,multimedia@50000000-uncached", HEAP_CONTIGUOUS | HEAP_UNCACHED },
		{ "vpu-firmware@60000000", HEAP_UNKNOWN },
	};

	fake_compatible("vendor,soc", sizeof("vendor,soc"));
	fake_string("/reserved-memory/linux,multimedia@50000000", "compatible", "shared-dma-pool");
	fake_cells("/reserved-memory/linux,multimedia@50000000", "reusable", 0, NULL);
	fake_string("/reserved-memory/vpu-firmware@60000000", "compatible", "shared-dma-pool");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		ck_assert_msg(heaps_class(ctx, names[i].name) == (int)names[i].class, "%s: 0x%x",
			names[i].name, heaps_class(ctx, names[i].name));
}
END_TEST

/* NXP's kernel on a machine that is not coherent: known, cached, cleaned before its first use. */
START_TEST(known_by_ioctl)
{
	uint64_t phys = 0;

	fake_node(&cma);
	played.nxp = true;
	assert_works(alloc(70000, 0));
	ck_assert_uint_eq(pmem_region_attrs(region), PMEM_REGION_CACHED | PMEM_REGION_NEEDS_SYNC |
		PMEM_REGION_PINNED | PMEM_REGION_CONTIGUOUS | PMEM_REGION_DMABUF);
	assert_works(pmem_region_phys(region, &phys));
	ck_assert_uint_eq(phys, 0x40000000);
	ck_assert_uint_eq(pmem_region_size(region), 70000);
	ck_assert_uint_ge(fake_cache_bytes(), 70000); /* the kernel's zeroing left dirty lines */
	ck_assert_str_eq(played.name, "a name that is longer than dma-"); /* 31 characters */
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(sync)
{
	unsigned before;

	fake_node(&cma);
	played.nxp = true;
	assert_works(alloc(8192, 0));
	before = fake_cache_calls();
	played.again = 3;
	assert_works(pmem_region_cpu_begin(region, 0, PMEM_TO_END, PMEM_DIR_READ));
	ck_assert_uint_eq(played.again, 0);
	ck_assert_uint_eq(played.starts, 1);
	ck_assert_uint_eq(played.last_sync, 1); /* READ | START */
	ck_assert_uint_eq(fake_cache_calls(), before + 1);
	assert_works(pmem_region_cpu_end(region, 4096, 10, PMEM_DIR_WRITE));
	ck_assert_uint_eq(played.last_sync, 2 | 4); /* WRITE | END */
	ck_assert_uint_eq(fake_cache_calls(), before + 2);
	played.sync_errnum = EIO;
	assert_fails(pmem_region_cpu_begin(region, 0, PMEM_TO_END, PMEM_DIR_READ), EIO, PMEM_CAUSE_SYSTEM);
	played.again = 1000000; /* it cannot be asked for ever */
	assert_fails(pmem_region_cpu_begin(region, 0, PMEM_TO_END, PMEM_DIR_READ), EAGAIN,
		PMEM_CAUSE_SYSTEM);
	assert_works(pmem_region_close(region));
}
END_TEST

/* A CPU that does not let programs clean caches: NXP's call does, nothing else, so it is refused. */
START_TEST(caches_that_cannot_be_cleaned)
{
	unsigned before;

	fake_node(&cma);
	fake_coherency(-EOPNOTSUPP, -EOPNOTSUPP);
	pagemap_play(PAGEMAP_IN_ORDER);
	assert_fails(alloc(8192, 0), EOPNOTSUPP, PMEM_CAUSE_NOT_COHERENT);
	played.nxp = true;
	assert_works(alloc(8192, 0));
	ck_assert_uint_eq(pmem_region_attrs(region) & PMEM_REGION_NEEDS_SYNC, PMEM_REGION_NEEDS_SYNC);
	before = played.phys_calls;
	assert_works(pmem_region_cpu_end(region, 0, PMEM_TO_END, PMEM_DIR_WRITE));
	ck_assert_uint_eq(played.phys_calls, before + 1);
	played.nxp = false;
	assert_fails(pmem_region_cpu_end(region, 0, PMEM_TO_END, PMEM_DIR_WRITE), ENOTTY,
		PMEM_CAUSE_SYSTEM);
	assert_works(pmem_region_close(region));
	fake_node(&uncached);
	played.nxp = true;
	assert_works(alloc(8192, PMEM_ALLOC_UNCACHED));
	ck_assert_uint_eq(pmem_region_attrs(region), PMEM_REGION_COHERENT | PMEM_REGION_PINNED |
		PMEM_REGION_CONTIGUOUS | PMEM_REGION_DMABUF);
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(known_by_pagemap)
{
	uint64_t phys = 0;

	fake_node(&cma);
	pagemap_play(PAGEMAP_IN_ORDER);
	assert_works(alloc(3 * 4096, 0));
	assert_works(pmem_region_phys(region, &phys));
	ck_assert_uint_eq(phys, pagemap_frame_of(pmem_region_data(region)));
	assert_works(pmem_region_close(region));
	pagemap_rule(PAGEMAP_MOVING);
	assert_fails(alloc(3 * 4096, 0), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	pagemap_rule(PAGEMAP_HIDDEN);
	assert_fails(alloc(3 * 4096, 0), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	assert_works(alloc(3 * 4096, PMEM_ALLOC_NO_ADDRESS));
	assert_fails(pmem_region_phys(region, &phys), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	assert_works(pmem_region_close(region));
}
END_TEST

/* A vendor may call any heap "cma": where pagemap shows pieces, the name tells nothing. */
START_TEST(pieces_in_spite_of_the_name)
{
	uint64_t phys, length = 0;

	fake_node(&cma);
	pagemap_play(PAGEMAP_APART);
	assert_fails(alloc(3 * 4096, 0), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS);
	assert_works(alloc(3 * 4096, PMEM_ALLOC_SCATTERED));
	ck_assert_uint_eq(pmem_region_attrs(region), PMEM_REGION_CACHED | PMEM_REGION_NEEDS_SYNC |
		PMEM_REGION_PINNED | PMEM_REGION_DMABUF);
	assert_works(pmem_region_extent(region, 0, &phys, &length));
	ck_assert_uint_eq(length, 4096);
	assert_fails(pmem_region_phys(region, &phys), EXDEV, PMEM_CAUSE_NOT_CONTIGUOUS);
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(unknown)
{
	uint64_t phys;

	fake_node(&cma);
	assert_fails(alloc(8192, 0), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	ck_assert_ptr_nonnull(strstr(pmem_error_message(pmem_error_last()), "pagemap"));
	assert_works(alloc(8192, PMEM_ALLOC_NO_ADDRESS));
	ck_assert_uint_eq(pmem_region_attrs(region) & PMEM_REGION_CONTIGUOUS, PMEM_REGION_CONTIGUOUS);
	assert_fails(pmem_region_phys(region, &phys), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	assert_works(pmem_region_close(region));
}
END_TEST

/* NXP's call may be there: of a heap that nobody knows it is not asked, and that is what is said. */
START_TEST(says_only_what_was_tried)
{
	const char *message, *unasked;

	fake_node(&strange);
	assert_fails(alloc_in("strange", 8192, 0, PMEM_ALLOC_SCATTERED), ENXIO,
		PMEM_CAUSE_ADDRESS_UNKNOWN);
	message = pmem_error_message(pmem_error_last());
	unasked = strchr(message, ';');
	ck_assert_msg(strstr(message, "none of ") && unasked, "%s", message);
	ck_assert_msg(strstr(message, "vcsm") < unasked && strstr(unasked, "nxp-ioctl"), "%s", message);
	ck_assert_ptr_null(strstr(message, "no call"));
}
END_TEST

/* Contiguous heaps first; one that refuses passes on; its refusal is the one that is told. */
START_TEST(choice)
{
	fake_node(&systemheap);
	fake_node(&strange);
	fake_node(&cma);
	fake_node(&uncached);
	played.nxp = true;
	assert_works(alloc(8192, PMEM_ALLOC_UNCACHED));
	ck_assert_uint_eq(pmem_region_attrs(region) & PMEM_REGION_CACHED, 0);
	assert_works(pmem_region_close(region));
	assert_works(alloc(8192, PMEM_ALLOC_CACHED));
	assert_works(pmem_region_close(region));
	assert_works(alloc(8192, PMEM_ALLOC_SCATTERED | PMEM_ALLOC_NO_ADDRESS));
	ck_assert_uint_eq(pmem_region_attrs(region) & PMEM_REGION_CONTIGUOUS, 0); /* CMA is scarce */
	assert_works(pmem_region_close(region));
	assert_works(alloc_in("system", 4096, 0, 0)); /* one page is one piece */
	assert_works(pmem_region_close(region));
	assert_fails(alloc_in("system", 8192, 0, PMEM_ALLOC_NO_ADDRESS), ENOMEM,
		PMEM_CAUSE_NOT_CONTIGUOUS);
	assert_fails(alloc_in("strange", 8192, 0, PMEM_ALLOC_NO_ADDRESS), ENOMEM,
		PMEM_CAUSE_NOT_CONTIGUOUS);
	assert_fails(alloc_in("linux,cma-uncached", 8192, 0, PMEM_ALLOC_CACHED), EOPNOTSUPP,
		PMEM_CAUSE_UNSUPPORTED);
	played.create_errnum = ENOMEM;
	assert_fails(alloc_in("system", 4096, 0, 0), ENOMEM, PMEM_CAUSE_NO_MEMORY);
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(pmem_error_last()), "MemAvailable"));
	assert_fails(alloc(1u << 21, 0), ENOMEM, PMEM_CAUSE_NO_MEMORY);
	ck_assert_ptr_nonnull(strstr(pmem_error_message(pmem_error_last()),
		"2048 KiB in one piece; CmaTotal 65536 kB, CmaFree 1024 kB"));
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(pmem_error_last()), "cma="));
	ck_assert_ptr_nonnull(strstr(pmem_error_path(pmem_error_last()), "linux,cma"));
	played.create_errnum = EMFILE;
	assert_fails(alloc(4096, 0), EMFILE, PMEM_CAUSE_LIMIT);
}
END_TEST

/* Each heap has told why: an error of its own, which names the heap. */
START_TEST(the_reason_of_each_heap)
{
	static const char *const names[] = { "linux,cma", "linux,cma-uncached", "system" };
	const struct pmem_error *e;
	struct pmem_error *why;

	fake_node(&systemheap);
	fake_node(&cma);
	assert_fails(alloc(8192, PMEM_ALLOC_UNCACHED), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	fake_node(&uncached);
	pmem_ctx_unref(ctx);
	assert_works(pmem_ctx_new(&ctx));
	assert_fails(alloc(8192, 0), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	e = pmem_error_last();
	ck_assert_str_eq(pmem_error_backend(e), "dmaheap");
	ck_assert_uint_eq(pmem_error_child_count(e), 3);
	for (size_t i = 0; i < 3; i++) {
		const struct pmem_error *child = pmem_error_child(e, i);

		ck_assert_str_eq(pmem_error_backend(child), "dmaheap");
		ck_assert_ptr_nonnull(strstr(pmem_error_path(child), names[i]));
		ck_assert_ptr_nonnull(strstr(pmem_error_text(child), pmem_error_path(child)));
		ck_assert_str_ne(pmem_error_message(child), "");
	}
	ck_assert_uint_eq(pmem_error_cause(pmem_error_child(e, 2)), PMEM_CAUSE_NOT_CONTIGUOUS);
	ck_assert_str_eq(pmem_error_path(e), pmem_error_path(pmem_error_child(e, 0)));
	ck_assert_uint_eq(pmem_error_cause(e), pmem_error_cause(pmem_error_child(e, 0)));
	/* One heap alone has no children: its error says it all. */
	assert_fails(alloc_in("linux,cma", 8192, 0, 0), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	ck_assert_uint_eq(pmem_error_child_count(pmem_error_last()), 0);
	/* What refused is gone with the success of another heap. */
	played.nxp = true;
	assert_works(pmem_error_dup(pmem_error_last(), &why));
	assert_works(alloc(8192, PMEM_ALLOC_UNCACHED));
	assert_works(pmem_region_close(region));
	pmem_error_free(why);
	/* The probe asks each heap too. */
	fake_fail_named("open", EMFILE);
	ck_assert_int_lt(alloc(8192, 0), 0);
	fake_fail_named(NULL, 0);
}
END_TEST

START_TEST(no_such_heap)
{
	fake_dir("/dev/dma_heap");
	assert_fails(alloc_in(NULL, 4096, 0, 0), ENOENT, PMEM_CAUSE_NO_DEVICE);
	fake_node(&cma);
	fake_node(&systemheap);
	assert_fails(alloc_in("cma2", 4096, 0, 0), ENOENT, PMEM_CAUSE_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(pmem_error_message(pmem_error_last()),
		"no heap called cma2; there are: linux,cma, system"));
}
END_TEST

START_TEST(alignment_and_limit)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .max_addr = 0x3fffffff,
		.backend = "dmaheap" };

	fake_node(&cma);
	played.nxp = true;
	assert_works(alloc_in(NULL, 4096, 65536, 0));
	ck_assert_uint_eq(played.last_length, 65536); /* the heap aligns to the size */
	ck_assert_uint_eq(played.last_flags, O_RDWR | O_CLOEXEC);
	ck_assert_uint_eq(pmem_region_size(region), 4096);
	assert_works(pmem_region_close(region));
	played.nxp_phys = 0x40001000;
	assert_fails(alloc_in(NULL, 4096, 65536, 0), ENOMEM, PMEM_CAUSE_ALIGNMENT);
	assert_fails(pmem_region_alloc(ctx, 4096, &opts, &region), ERANGE, PMEM_CAUSE_ADDRESS_LIMIT);
	ck_assert_uint_eq(played.created, played.closed);
}
END_TEST

/* --- the other ways to ask for an address --------------------------------------------------------- */

static struct {
	unsigned open;
	int errnum;
	bool old; /* the struct of 32-bit programs */
	uint64_t phys;
} driver;

/* {u32 fd; u64 phys}, of /dev/dmabuf_imx and /dev/dma-buf-phys */
static int convert_ioctl(void *user, int fd, unsigned long request, void *arg)
{
	uint64_t *words = arg;

	(void)fd;
	if (request != (user ? 0xc0104400ul : 0xc0104d20ul))
		return -ENOTTY;
	if (driver.errnum)
		return -driver.errnum;
	words[1] = driver.phys ? driver.phys : 0x123456000;
	driver.open += user != NULL;
	return 0;
}

static void convert_closed(void *user, int fd)
{
	(void)fd;
	driver.open -= user != NULL && driver.open;
}

static char ti_user;
static const struct fake_device imx = { .path = "/dev/dmabuf_imx", .ioctl = convert_ioctl };
static const struct fake_device ti = { .path = "/dev/dma-buf-phys", .ioctl = convert_ioctl,
	.closed = convert_closed, .user = &ti_user };

START_TEST(known_by_devices)
{
	uint64_t phys = 0;

	fake_node(&cma);
	fake_device(&imx);
	assert_works(alloc(8192, 0));
	assert_works(pmem_region_phys(region, &phys));
	ck_assert_uint_eq(phys, 0x123456000);
	assert_works(pmem_region_close(region));
	driver.errnum = EINVAL;
	fake_device(&ti);
	assert_fails(alloc(8192, 0), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	driver.errnum = 0;
	fake_remove("/dev/dmabuf_imx");
	assert_works(alloc(8192, 0));
	assert_works(pmem_region_close(region));
}
END_TEST

/* TI's driver pins while its file is open; that attachment makes the exporter's sync work. */
START_TEST(kept_open)
{
	fake_node(&cma);
	fake_device(&ti);
	fake_coherency(-EOPNOTSUPP, -EOPNOTSUPP);
	assert_works(alloc(8192, 0));
	ck_assert_uint_eq(driver.open, 1);
	ck_assert_uint_eq(played.starts, 1); /* the zeroes were cleaned that way */
	ck_assert_uint_eq(played.ends, 1);
	assert_works(pmem_region_cpu_begin(region, 0, PMEM_TO_END, PMEM_DIR_READ));
	ck_assert_uint_eq(played.starts, 2);
	assert_works(pmem_region_close(region));
	ck_assert_uint_eq(driver.open, 0);
}
END_TEST

/* No memory begins within a page, and none goes on at 0: who says so is not believed, and not held either. */
START_TEST(kept_for_nothing)
{
	static const uint64_t told[] = { 0x123456010, UINT64_MAX - 4095 };

	fake_node(&cma);
	fake_device(&ti);
	driver.phys = told[_i];
	assert_fails(alloc(8192, 0), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	ck_assert_uint_eq(driver.open, 0);
	ck_assert_uint_eq(played.created, played.closed);
}
END_TEST

static int alloc_and_close(void *user)
{
	int r = alloc(8192, *(const uint32_t *)user);

	return r < 0 ? r : pmem_region_close(region);
}

START_TEST(every_call_failing)
{
	static const int errnums[] = { EIO, ENOMEM, EPERM, ENOTTY };
	uint32_t flags = 0;

	fake_node(&cma);
	fake_node(&uncached);
	fake_device(&ti);
	for (size_t i = 0; i < ARRAY_SIZE(errnums); i++)
		ck_assert_uint_ge(fake_fail_each(errnums[i], alloc_and_close, &flags), 10);
	flags = PMEM_ALLOC_NO_ADDRESS;
	ck_assert_uint_ge(fake_fail_each(EIO, alloc_and_close, &flags), 10);
	ck_assert_uint_eq(played.created, played.closed);
	ck_assert_uint_eq(driver.open, 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("dmaheap");
	TCase *tc = tcase_create("dmaheap");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, classes);
	tcase_add_test(tc, known_by_ioctl);
	tcase_add_test(tc, sync);
	tcase_add_test(tc, caches_that_cannot_be_cleaned);
	tcase_add_test(tc, known_by_pagemap);
	tcase_add_test(tc, pieces_in_spite_of_the_name);
	tcase_add_test(tc, unknown);
	tcase_add_test(tc, says_only_what_was_tried);
	tcase_add_test(tc, choice);
	tcase_add_test(tc, the_reason_of_each_heap);
	tcase_add_test(tc, no_such_heap);
	tcase_add_test(tc, alignment_and_limit);
	tcase_add_test(tc, known_by_devices);
	tcase_add_test(tc, kept_open);
	tcase_add_loop_test(tc, kept_for_nothing, 0, 2);
	tcase_add_test(tc, every_call_failing);
	suite_add_tcase(suite, tc);
	return suite;
}
