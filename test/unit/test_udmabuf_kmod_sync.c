/* SPDX-License-Identifier: MIT */
/* The backend udmabuf-kmod: how a buffer is mapped, and made true for the CPU and for devices. */
#include <stdio.h>

#include "played_zynq.h"

START_TEST(sync_by_ioctl)
{
	assert_works(alloc(1 << 20, 0));
	sync_is(0, PMEM_TO_END, PMEM_DIR_BOTH, true, 0x100001);
	sync_is(0x12345, 0x678, PMEM_DIR_READ, true, 0x1234500000000ull | 0x680 | 2 << 2 | 1);
	sync_is(0x12345, 0x678, PMEM_DIR_WRITE, false, 0x1234500000000ull | 0x680 | 1 << 2 | 1);
	/* The unit of 16 bytes ends with the buffer. */
	sync_is((1 << 20) - 5, 5, PMEM_DIR_WRITE, true, 0xffff000000000ull | 16 | 1 << 2 | 1);
	played_kmod.sync_errnum = EINVAL;
	assert_fails(pmem_region_cpu_end(region, 0, 1, PMEM_DIR_WRITE), EINVAL, PMEM_CAUSE_SYSTEM);
	assert_fails(pmem_region_cpu_begin(region, 0, 1, PMEM_DIR_READ), EINVAL, PMEM_CAUSE_SYSTEM);
	assert_works(pmem_region_close(region));
	assert_fails(alloc(1 << 20, 0), EINVAL, PMEM_CAUSE_SYSTEM);
}
END_TEST

/* A buffer whose size is no number of units: two commands reach its last bytes. */
START_TEST(sync_of_an_odd_size)
{
	buffer = played_buffer("odd", 5003, 0x20000000);
	assert_works(alloc_in("odd", 5003, 0));
	buffer->ioctl_syncs = 0;
	assert_works(pmem_region_cpu_end(region, 0, PMEM_TO_END, PMEM_DIR_WRITE));
	ck_assert_uint_eq(buffer->ioctl_syncs, 2);
	ck_assert_uint_eq(buffer->last_command, (5003ull - 16) << 32 | 16 | 1 << 2 | 1);
	assert_works(pmem_region_close(region));
	assert_fails(alloc_in("odd", 4097, PMEM_ALLOC_DMABUF), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	assert_works(alloc_in("odd", 4096, PMEM_ALLOC_DMABUF));
	assert_works(pmem_region_close(region));
}
END_TEST

/* Commands have 28 bits of units and 32 of offset. */
START_TEST(sync_of_gibibytes)
{
	const uint64_t gib = 1ull << 30;

	if (sizeof(size_t) < 8)
		return;
	buffer = played_buffer("huge", 4 * gib, 0x100000000);
	assert_works(alloc_in("huge", 4 * gib, PMEM_ALLOC_NO_ZERO));
	ck_assert_uint_eq(buffer->ioctl_syncs, 2);
	ck_assert_uint_eq(buffer->last_command, (2 * gib) << 32 | 2 * gib | 1);
	assert_works(pmem_region_close(region));
	buffer = played_buffer("vast", 5 * gib, 0x200000000);
	fake_coherency(-EOPNOTSUPP, -EOPNOTSUPP);
	assert_fails(alloc_in("vast", 5 * gib, PMEM_ALLOC_NO_ZERO | PMEM_ALLOC_CACHED), EOPNOTSUPP,
		PMEM_CAUSE_NOT_COHERENT);
	ck_assert_uint_eq(buffer->maps, 0);
}
END_TEST

/* Before version 5 of the module there are files only. */
static ssize_t writes_nothing(int fd, const void *buf, size_t count)
{
	(void)fd;
	(void)buf;
	(void)count;
	return 0;
}

START_TEST(sync_by_sysfs)
{
	const struct os_calls *played_os = os;
	struct os_calls calls;

	played_attribute(buffer, "ioctl_version", NULL);
	played_attribute(buffer, "dma_coherent", NULL);
	assert_works(alloc(8192, 0));
	ck_assert_uint_eq(pmem_region_attrs(region), CACHED_SYNCED);
	ck_assert_uint_eq(played_attribute_value(buffer, "sync_for_device"), 8192 | 1);
	played_attribute(buffer, "sync_for_cpu", "0\n");
	assert_works(pmem_region_cpu_begin(region, 4096, 64, PMEM_DIR_READ));
	ck_assert_uint_eq(played_attribute_value(buffer, "sync_for_cpu"),
		0x100000000000ull | 64 | 2 << 2 | 1);
	fake_fail_named("write", EACCES);
	assert_fails(pmem_region_cpu_begin(region, 0, 1, PMEM_DIR_READ), EACCES, PMEM_CAUSE_SYSTEM);
	fake_fail_named(NULL, 0);
	calls = *os;
	calls.write = writes_nothing;
	os = &calls;
	assert_fails(pmem_region_cpu_begin(region, 0, 1, PMEM_DIR_READ), EIO, PMEM_CAUSE_SYSTEM);
	os = played_os;
	ck_assert_uint_eq(buffer->ioctl_syncs, 0);
	ck_assert_uint_eq(fake_cache_calls(), 0);
	assert_works(pmem_region_close(region));
	assert_fails(alloc(8192, PMEM_ALLOC_DMABUF), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
}
END_TEST

/* Too many open files is no missing right: said as it is, instead of going past the cache. */
START_TEST(no_descriptor_for_its_files)
{
	static struct fake_device full = { .open_errnum = EMFILE };
	static char path[128];

	played_attribute(buffer, "ioctl_version", NULL);
	played_attribute(buffer, "dma_coherent", NULL);
	snprintf(path, sizeof(path), "/sys/class/u-dma-buf/%s/sync_for_cpu", buffer->name);
	full.path = path;
	fake_device(&full);
	assert_fails(alloc(8192, 0), EMFILE, PMEM_CAUSE_LIMIT);
	ck_assert_uint_eq(buffer->maps, 0);
}
END_TEST

/* Neither ioctls nor files that may be written: the CPU, and if that may not, past the cache. */
START_TEST(sync_by_the_cpu)
{
	played_attribute(buffer, "ioctl_version", NULL);
	played_attribute(buffer, "sync_for_device", NULL);
	assert_works(alloc(8192, 0));
	ck_assert_uint_eq(pmem_region_attrs(region), CACHED_SYNCED);
	ck_assert_uint_ge(fake_cache_bytes(), 8192);
	assert_works(pmem_region_close(region));
	fake_coherency(-EOPNOTSUPP, -EOPNOTSUPP);
	assert_works(alloc(8192, 0));
	ck_assert_uint_eq(pmem_region_attrs(region), PMEM_REGION_COHERENT | PMEM_REGION_DEVICE |
		PMEM_REGION_PINNED | PMEM_REGION_CONTIGUOUS);
	ck_assert_int_eq(buffer->flags & O_SYNC, O_SYNC);
	assert_works(pmem_region_close(region));
	assert_fails(alloc(8192, PMEM_ALLOC_CACHED), EOPNOTSUPP, PMEM_CAUSE_NOT_COHERENT);
	played_attribute(buffer, "sync_mode", "4\n");
	assert_fails(alloc(8192, 0), EOPNOTSUPP, PMEM_CAUSE_NOT_COHERENT);
}
END_TEST

/* sync_mode: 0 cached, 1 uncached, 2 write-combining, 3 as coherent memory; 4 and more: always. */
START_TEST(modes)
{
	static const struct {
		uint32_t flags;
		char kinds[9]; /* by sync_mode: c cached, d device memory, u past the cache, - refused */
	} cases[] = {
		{ 0, "ccccc" "duu" },
		{ PMEM_ALLOC_CACHED, "ccccc" "---" },
		{ PMEM_ALLOC_UNCACHED, "-duu" "-duu" },
	};
	char mode[] = "0\n";

	for (size_t i = 0; i < ARRAY_SIZE(cases) * 8; i++) {
		char kind = cases[i / 8].kinds[i % 8];
		uint32_t attrs = PMEM_REGION_PINNED | PMEM_REGION_CONTIGUOUS | (kind == 'c' ?
			PMEM_REGION_CACHED | PMEM_REGION_NEEDS_SYNC : PMEM_REGION_COHERENT) |
			(kind == 'd' ? PMEM_REGION_DEVICE : 0);

		mode[0] = (char)('0' + i % 8);
		played_attribute(buffer, "sync_mode", mode);
		memset(buffer->memory, 0x11, 8192);
		if (kind == '-') {
			assert_fails(alloc(8192, cases[i / 8].flags), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
			ck_assert_ptr_nonnull(strstr(pmem_error_path(pmem_error_last()), "sync_mode"));
			continue;
		}
		buffer->ioctl_syncs = 0;
		assert_works(alloc(8192, cases[i / 8].flags));
		ck_assert_msg(pmem_region_attrs(region) == attrs, "mode %s flags 0x%x: 0x%x", mode,
			cases[i / 8].flags, pmem_region_attrs(region));
		ck_assert(!(buffer->flags & O_SYNC) == (kind == 'c'));
		ck_assert_uint_eq(buffer->ioctl_syncs, 1); /* also what was in the cache before */
		ck_assert_uint_eq(buffer->memory[8191], 0);
		if (kind != 'c') {
			assert_works(pmem_region_cpu_end(region, 0, 4, PMEM_DIR_BOTH));
			ck_assert_uint_eq(buffer->ioctl_syncs, 1);
		}
		assert_works(pmem_region_close(region));
	}
}
END_TEST

START_TEST(coherent_devices)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = "udmabuf-kmod",
		.master = "/amba/dma@1" };

	CELLS("/", "#address-cells", 1);
	CELLS("/", "#size-cells", 1);
	fake_dir("proc/device-tree/amba/dma@1");
	played_attribute(buffer, "dma_coherent", "1\n");
	assert_works(alloc(8192, PMEM_ALLOC_CACHED));
	ck_assert_uint_eq(pmem_region_attrs(region), PMEM_REGION_CACHED | PMEM_REGION_COHERENT |
		PMEM_REGION_PINNED | PMEM_REGION_CONTIGUOUS);
	assert_works(pmem_region_cpu_end(region, 0, 4, PMEM_DIR_BOTH));
	ck_assert_uint_eq(buffer->ioctl_syncs, 0);
	assert_works(pmem_region_close(region));
	assert_fails(alloc(8192, PMEM_ALLOC_UNCACHED), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	played_attribute(buffer, "sync_mode", "5\n");
	assert_fails(alloc(8192, 0), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	played_attribute(buffer, "sync_mode", "1\n");
	/* Another device uses it, which does not look into the cache: the kernel would do nothing. */
	assert_works(pmem_region_alloc(ctx, 8192, &opts, &region));
	ck_assert_uint_eq(pmem_region_attrs(region), CACHED_SYNCED);
	ck_assert_uint_eq(buffer->ioctl_syncs, 0);
	ck_assert_uint_ge(fake_cache_bytes(), 8192);
	assert_works(pmem_region_close(region));
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("udmabuf-kmod sync");
	TCase *tc = tcase_create("udmabuf-kmod sync");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, sync_by_ioctl);
	tcase_add_test(tc, no_descriptor_for_its_files);
	tcase_add_test(tc, sync_of_an_odd_size);
	tcase_add_test(tc, sync_of_gibibytes);
	tcase_add_test(tc, sync_by_sysfs);
	tcase_add_test(tc, sync_by_the_cpu);
	tcase_add_test(tc, modes);
	tcase_add_test(tc, coherent_devices);
	suite_add_tcase(suite, tc);
	return suite;
}
