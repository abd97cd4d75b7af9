/* SPDX-License-Identifier: MIT */
/* The vcsm backend over a played /dev/vcsm-cma. */
#include <errno.h>
#include <limits.h>
#include <linux/dma-buf.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "suite.h"
#include "dmabuf/vcsm.h"

/* 64 bytes each, as the driver has them. */
struct alloc {
	uint32_t size, num, cached, pad;
	char name[32];
	int32_t handle;
	uint32_t vc_handle;
	uint64_t dma_addr;
};
struct import {
	int32_t dmabuf_fd;
	uint32_t cached;
	char name[32];
	int32_t handle;
	uint32_t vc_handle, size, pad;
	uint64_t dma_addr;
};

static struct pmem_ctx *ctx;
static struct fake_device driver, buffer;
static uint64_t address;      /* of the next buffer, as the device sees it */
static int errnum;            /* of the next call */
static int next_errnum;       /* of the one after it */
static unsigned interruptions; /* calls that a signal interrupts first */
static int no_handle;         /* it says this instead of a descriptor, and that all is well */
static struct alloc asked;
static uint64_t synced;

static int driver_ioctl(void *user, int fd, unsigned long request, void *arg)
{
	(void)user;
	(void)fd;
	if (interruptions && interruptions--)
		return -EINTR;
	if (errnum)
		return -errnum;
	if (request == 0x80404a5a) {
		struct alloc *a = arg;

		asked = *a;
		buffer.memory = (a->size + 4095) & ~4095u;
		a->dma_addr = address;
		a->handle = no_handle ? no_handle : fake_device_fd(&buffer);
		errnum = next_errnum;
		return 0;
	}
	if (request == 0x80404a5b) {
		struct import *i = arg;

		i->dma_addr = address;
		i->handle = fake_device_fd(&buffer);
		return 0;
	}
	return -EINVAL;
}

static int buffer_ioctl(void *user, int fd, unsigned long request, void *arg)
{
	(void)user;
	(void)fd;
	if (request != DMA_BUF_IOCTL_SYNC)
		return -ENOTTY;
	synced = ((struct dma_buf_sync *)arg)->flags;
	return 0;
}

static void begin(const char *compatible)
{
	address = 0xc0000000u + 0x1e000000u;
	errnum = next_errnum = 0;
	interruptions = 0;
	no_handle = 0;
	driver = (struct fake_device){ .path = "/dev/vcsm-cma", .memory = 1, .ioctl = driver_ioctl };
	buffer = (struct fake_device){ .memory = 4096, .ioctl = buffer_ioctl };
	fake_start();
	fake_env("LIBPMEM_BACKEND", "vcsm");
	fake_device(&driver);
	fake_string("/", "compatible", compatible);
	assert_works(pmem_ctx_new(&ctx));
}

static void setup(void)
{
	begin("brcm,bcm2711");
}

static void setup_2712(void)
{
	begin("brcm,bcm2712");
}

static void teardown(void)
{
	pmem_ctx_unref(ctx);
	fake_stop();
}

START_TEST(memory_is_what_was_asked_for)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .name = "waves" };
	struct pmem_region *region;
	uint64_t phys, bus;
	int fd;

	ck_assert_uint_eq(sizeof(struct alloc), 64);
	ck_assert_uint_eq(sizeof(struct import), 64);
	interruptions = 2;
	assert_works(pmem_region_alloc(ctx, 5000, &opts, &region));
	ck_assert_str_eq(pmem_region_backend(region), "vcsm");
	ck_assert_uint_eq(asked.size, 8192);
	ck_assert_uint_eq(asked.num, 1);
	ck_assert_str_eq(asked.name, "waves");
	assert_works(pmem_region_phys(region, &phys));
	assert_works(pmem_region_bus(region, &bus));
	ck_assert_uint_eq(phys, 0x1e000000);
	ck_assert_uint_eq(bus, 0xde000000);
	ck_assert_uint_eq(pmem_region_attrs(region), PMEM_REGION_COHERENT | PMEM_REGION_PINNED |
		PMEM_REGION_CONTIGUOUS | PMEM_REGION_DMABUF);
	memset(pmem_region_data(region), 0x5a, 5000);
	fd = pmem_region_dup_fd(region);
	ck_assert_int_ge(fd, 0);
	os->close(fd);
	assert_works(pmem_region_close(region));
}
END_TEST

/* -5 would be EIO "of the kernel", which has said nothing of the kind. */
START_TEST(no_descriptor_is_no_errno)
{
	struct pmem_region *region;

	no_handle = -5;
	assert_fails(pmem_region_alloc(ctx, 5000, NULL, &region), EPROTO, PMEM_CAUSE_SYSTEM);
	no_handle = INT_MIN;
	assert_fails(pmem_region_alloc(ctx, 5000, NULL, &region), EPROTO, PMEM_CAUSE_SYSTEM);
}
END_TEST

START_TEST(alignment_is_found_in_a_larger_piece)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .align = 1 << 16 };
	struct pmem_region *region;
	uint64_t phys, bus;

	address += 4096;
	assert_works(pmem_region_alloc(ctx, 4096, &opts, &region));
	assert_works(pmem_region_phys(region, &phys));
	assert_works(pmem_region_bus(region, &bus));
	ck_assert_uint_eq(phys, 0x1e010000);
	ck_assert_uint_eq(bus, 0xde010000);
	ck_assert_uint_eq(pmem_region_attrs(region) & PMEM_REGION_DMABUF, 0);
	assert_fails(pmem_region_fd(region), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED); /* it begins elsewhere */
	memset(pmem_region_data(region), 0x5a, 4096);
	assert_works(pmem_region_close(region));
	next_errnum = EPERM;
	assert_fails(pmem_region_alloc(ctx, 4096, &opts, &region), EPERM, PMEM_CAUSE_BUSY);
	errnum = next_errnum = 0;
	opts.flags = PMEM_ALLOC_DMABUF;
	assert_fails(pmem_region_alloc(ctx, 4096, &opts, &region), ENOMEM, PMEM_CAUSE_ALIGNMENT);
}
END_TEST

START_TEST(memory_that_is_not_mapped)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = PMEM_ALLOC_NO_MAP,
		.align = 1 << 16 };
	struct pmem_region *region;
	uint64_t phys, bus;
	int foreign;

	address += 4096;
	assert_works(pmem_region_alloc(ctx, 5000, &opts, &region));
	ck_assert_uint_eq(fake_mapped(), 0);
	assert_works(pmem_region_phys(region, &phys));
	assert_works(pmem_region_bus(region, &bus));
	ck_assert_uint_eq(phys, 0x1e010000);
	ck_assert_uint_eq(bus, 0xde010000);
	ck_assert_uint_eq(pmem_region_attrs(region), PMEM_REGION_COHERENT | PMEM_REGION_PINNED |
		PMEM_REGION_CONTIGUOUS | PMEM_REGION_UNMAPPED);
	assert_works(pmem_region_close(region));
	foreign = fake_device_fd(&buffer);
	assert_works(pmem_region_import(ctx, foreign, PMEM_IMPORT_NO_MAP, &region));
	ck_assert_str_eq(pmem_region_backend(region), "vcsm");
	ck_assert_uint_eq(fake_mapped(), 0);
	ck_assert_uint_eq(pmem_region_size(region), buffer.memory);
	assert_works(pmem_region_phys(region, &phys));
	assert_works(pmem_region_close(region));
	os->close(foreign);
}
END_TEST

START_TEST(refusals_are_explained)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .max_addr = 0x1e000fff };
	struct pmem_region *region;

	assert_fails(pmem_region_alloc(ctx, 8192, &opts, &region), ERANGE,
		PMEM_CAUSE_ADDRESS_LIMIT);
	opts.max_addr = 0;
	opts.flags = PMEM_ALLOC_CACHED;
	assert_fails(pmem_region_alloc(ctx, 1, &opts, &region), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	opts.flags = 0;
	opts.heap = "system";
	assert_fails(pmem_region_alloc(ctx, 1, &opts, &region), ENOENT, PMEM_CAUSE_NOT_FOUND);
	/* Not 1 << 31: a 32-bit program refuses that itself. */
	assert_fails(pmem_region_alloc(ctx, (1ull << 31) - 4096 * 16, NULL, &region), ENOMEM,
		PMEM_CAUSE_NO_MEMORY);
	address = 0x4c0000000;
	assert_fails(pmem_region_alloc(ctx, 1, NULL, &region), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	errnum = ENOMEM;
	assert_fails(pmem_region_alloc(ctx, 1, NULL, &region), ENOMEM, PMEM_CAUSE_NO_MEMORY);
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(pmem_error_last()), "cma"));
	errnum = EPERM;
	assert_fails(pmem_region_alloc(ctx, 1, NULL, &region), EPERM, PMEM_CAUSE_BUSY);
	errnum = 0;
	driver.open_errnum = ENOENT;
	assert_fails(pmem_region_alloc(ctx, 1, NULL, &region), ENOENT, PMEM_CAUSE_NO_DEVICE);
	driver.open_errnum = EACCES;
	assert_fails(pmem_region_alloc(ctx, 1, NULL, &region), EACCES, PMEM_CAUSE_FILE_MODE);
}
END_TEST

START_TEST(newer_boards_are_refused_with_the_reason)
{
	struct pmem_region *region;

	assert_fails(pmem_region_alloc(ctx, 1, NULL, &region), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(pmem_error_text(pmem_error_last()), "bcm2712"));
}
END_TEST

START_TEST(a_foreign_buffer_is_mapped_and_known)
{
	struct pmem_region *region;
	uint64_t phys, bus;
	int foreign = fake_device_fd(&buffer);

	assert_works(pmem_region_import(ctx, foreign, 0, &region));
	ck_assert_str_eq(pmem_region_backend(region), "vcsm");
	assert_works(pmem_region_phys(region, &phys));
	assert_works(pmem_region_bus(region, &bus));
	ck_assert_uint_eq(phys, 0x1e000000);
	ck_assert_uint_eq(bus, 0xde000000);
	ck_assert_uint_eq(pmem_region_size(region), 4096);
	assert_works(pmem_region_cpu_begin(region, 0, PMEM_TO_END, PMEM_DIR_READ));
	ck_assert_uint_eq(synced, DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ);
	assert_works(pmem_region_cpu_end(region, 0, PMEM_TO_END, PMEM_DIR_BOTH));
	ck_assert_uint_eq(synced, DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW);
	assert_works(pmem_region_close(region));
	os->close(foreign);
}
END_TEST

START_TEST(an_address_comes_with_its_hold)
{
	uint64_t bus = 0;
	int foreign = fake_device_fd(&buffer), hold = -1;

	assert_works(vcsm_import_address(ctx, foreign, &bus, &hold));
	ck_assert_uint_eq(bus, 0xde000000);
	os->close(hold);
	errnum = ENOMEM;
	assert_fails(vcsm_import_address(ctx, foreign, &bus, &hold), ENOMEM,
		PMEM_CAUSE_NOT_CONTIGUOUS);
	errnum = EINVAL;
	assert_fails(vcsm_import_address(ctx, foreign, &bus, &hold), EINVAL, PMEM_CAUSE_WRONG_KIND);
	errnum = EBADF;
	assert_fails(vcsm_import_address(ctx, foreign, &bus, &hold), EBADF, PMEM_CAUSE_WRONG_KIND);
	os->close(foreign);
}
END_TEST

static int alloc_and_close(void *user)
{
	struct pmem_region *region;
	int r = pmem_region_alloc(ctx, 4096, user, &region);

	return r < 0 ? r : pmem_region_close(region);
}

static int import_and_close(void *user)
{
	struct pmem_region *region;
	int r = pmem_region_import(ctx, *(int *)user, 0, &region);

	return r < 0 ? r : pmem_region_close(region);
}

/* A driver that says so for ever is believed in the end. */
START_TEST(signals_without_end)
{
	struct pmem_region *region;

	interruptions = UINT_MAX;
	assert_fails(pmem_region_alloc(ctx, 4096, &(struct pmem_alloc_opts){ .size = sizeof(struct pmem_alloc_opts),
		.backend = "vcsm" }, &region), EINTR, PMEM_CAUSE_SYSTEM);
	interruptions = 0;
	ck_assert_uint_eq(fake_fds(), 0);
}
END_TEST

/* The kernel gives the buffer a descriptor: where there is none left, that is what is told. */
START_TEST(too_many_open_files)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts) };
	struct pmem_region *region;

	for (unsigned i = 0; i < 2; i++) {
		errnum = i ? EMFILE : ENFILE;
		assert_fails(pmem_region_alloc(ctx, 4096, &opts, &region), errnum, PMEM_CAUSE_LIMIT);
		ck_assert_ptr_nonnull(strstr(pmem_error_hint(pmem_error_last()),
			i ? "ulimit -n" : "fs.file-max"));
	}
	errnum = 0;
}
END_TEST

START_TEST(every_system_call_may_fail)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .align = 1 << 16 };
	int foreign = fake_device_fd(&buffer);

	address += 4096;
	ck_assert_int_eq(alloc_and_close(&opts), 0);
	ck_assert_uint_ge(fake_fail_each(EIO, alloc_and_close, &opts), 8);
	ck_assert_uint_ge(fake_fail_each(EIO, import_and_close, &foreign), 4);
	os->close(foreign);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("vcsm");
	TCase *pi4 = tcase_create("pi4"), *pi5 = tcase_create("pi5");

	tcase_add_checked_fixture(pi4, setup, teardown);
	tcase_add_test(pi4, memory_is_what_was_asked_for);
	tcase_add_test(pi4, no_descriptor_is_no_errno);
	tcase_add_test(pi4, alignment_is_found_in_a_larger_piece);
	tcase_add_test(pi4, memory_that_is_not_mapped);
	tcase_add_test(pi4, refusals_are_explained);
	tcase_add_test(pi4, a_foreign_buffer_is_mapped_and_known);
	tcase_add_test(pi4, an_address_comes_with_its_hold);
	tcase_add_test(pi4, signals_without_end);
	tcase_add_test(pi4, too_many_open_files);
	tcase_add_test(pi4, every_system_call_may_fail);
	suite_add_tcase(suite, pi4);
	tcase_add_checked_fixture(pi5, setup_2712, teardown);
	tcase_add_test(pi5, newer_boards_are_refused_with_the_reason);
	suite_add_tcase(suite, pi5);
	return suite;
}
