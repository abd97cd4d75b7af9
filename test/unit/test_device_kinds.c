/* SPDX-License-Identifier: MIT */
/* Which memory a device behind an IOMMU can see, and which options go with that. */
#include "played_device.h"
#include "device/vfio_device.h"
#include "played_dmabuf.h"

START_TEST(test_options)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts) };
	struct pmem_region *region = NULL;

	begin(_i);
	opts.device = device;
	opts.master = "/";
	assert_fails(pmem_region_alloc(ctx, PAGE, &opts, &region), EINVAL, PMEM_CAUSE_FLAGS);
	opts.master = NULL;
	opts.flags = PMEM_ALLOC_NO_MASTER;
	assert_fails(pmem_region_alloc(ctx, PAGE, &opts, &region), EINVAL, PMEM_CAUSE_FLAGS);
	opts.flags = PMEM_ALLOC_DMABUF;
	assert_fails(pmem_region_alloc(ctx, PAGE, &opts, &region), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	opts.flags = 0;
	opts.heap = "linux,cma";
	assert_fails(pmem_region_alloc(ctx, PAGE, &opts, &region), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	opts.heap = NULL;
	opts.reserved2 = &opts;
	assert_fails(pmem_region_alloc(ctx, PAGE, &opts, &region), EINVAL, PMEM_CAUSE_OPTIONS);
	opts.reserved2 = NULL;
	opts.flags = PMEM_ALLOC_NO_ADDRESS;
	opts.backend = "pages"; /* its own pin, and any pieces */
	assert_works(pmem_region_alloc(ctx, 3 * PAGE, &opts, &region));
	ck_assert_str_eq(pmem_region_backend(region), "pages");
	ck_assert(pokes(bus_of(region) + 3 * PAGE - 1, 1));
	assert_works(pmem_region_close(region));
	ck_assert_uint_eq(vfio.maps, 0);
	end();
}
END_TEST

/* A dma-buf of udmabuf by the memfd that it was made of: nothing of it stays mapped, and no descriptor is lost. */
START_TEST(test_udmabuf)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = "udmabuf",
		.flags = PMEM_ALLOC_SCATTERED | PMEM_ALLOC_NO_MAP };
	struct pmem_region *region = NULL;
	uint64_t bus = 0;
	size_t mapped, fds;

	begin(_i);
	played_udmabuf();
	fds = fake_fds();
	assert_works(pmem_region_alloc(ctx, 5 * PAGE - 100, &opts, &region));
	mapped = fake_mapped();
	assert_works(pmem_device_attach(device, region, PMEM_DMA_BOTH, &bus));
	ck_assert_uint_eq(vfio.pinned, 5 * PAGE);
	ck_assert_uint_eq(fake_mapped(), mapped);
	assert_works(pmem_device_detach(device, region));
	ck_assert_uint_eq(vfio.maps, 0);
	fake_fail_named("mmap", ENOMEM);
	assert_fails(pmem_device_attach(device, region, PMEM_DMA_BOTH, &bus), ENOMEM, PMEM_CAUSE_NO_MEMORY);
	fake_fail_named("madvise", EINVAL);
	assert_fails(pmem_device_attach(device, region, PMEM_DMA_BOTH, &bus), EINVAL, PMEM_CAUSE_SYSTEM);
	fake_fail_named(NULL, 0);
	ck_assert_uint_eq(fake_mapped(), mapped);
	assert_works(pmem_device_attach(device, region, PMEM_DMA_BOTH, &bus));
	assert_works(pmem_region_close(region));
	ck_assert_uint_eq(vfio.maps, 0);
	ck_assert_uint_eq(fake_fds(), fds);
	end();
}
END_TEST

/* Registers are not memory, and neither is what no program may pin. */
START_TEST(test_not_memory)
{
	struct pmem_region *bar = NULL;
	uint64_t bus = 0;

	begin(_i);
	assert_works(pmem_device_map(device, 0, 0, &bar));
	assert_fails(pmem_device_attach(device, bar, PMEM_DMA_BOTH, &bus), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	assert_works(pmem_region_close(bar));
	assert_works(pmem_device_map(device, 0, PMEM_MAP_READONLY, &bar));
	assert_fails(pmem_device_attach(device, bar, PMEM_DMA_WRITE, &bus), EACCES, PMEM_CAUSE_READONLY);
	assert_fails(pmem_device_attach(device, bar, PMEM_DMA_READ, &bus), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	assert_works(pmem_region_close(bar));
	end();
}
END_TEST

static const struct os_calls *watched_os;
static const void *watched;
static bool readable_then;

/* Can the kernel read it? A page that nobody may touch is not pinned either. */
static bool is_readable(const void *data)
{
	int fd = os_linux.memfd_create("reads", 0);
	ssize_t n = os_linux.write(fd, data, 1);

	os_linux.close(fd);
	return n == 1;
}

static int looks_before(int fd, unsigned long request, void *arg)
{
	readable_then = is_readable(watched);
	return watched_os->ioctl(fd, request, arg);
}

/* Under LIBPMEM_DEBUG=coherence nobody may touch the memory; for the time of the pinning all may. */
START_TEST(test_watched)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = "udmabuf", .flags = PMEM_ALLOC_SCATTERED };
	struct os_calls calls;
	struct pmem_region *region = NULL;
	uint64_t bus = 0;

	play_machine(_i);
	pmem_ctx_unref(ctx);
	fake_env("LIBPMEM_DEBUG", "coherence");
	assert_works(pmem_ctx_new(&ctx));
	open_it();
	played_udmabuf();
	assert_works(pmem_region_alloc(ctx, PAGE, &opts, &region));
	watched = pmem_region_data(region);
	ck_assert(!is_readable(watched));
	watched_os = os;
	calls = *os;
	calls.ioctl = looks_before;
	os = &calls;
	assert_works(pmem_device_attach(device, region, PMEM_DMA_BOTH, &bus));
	os = watched_os;
	ck_assert(readable_then);
	ck_assert(!is_readable(watched));
	assert_works(pmem_region_close(region));
	assert_works(pmem_device_close(device));
	stop();
}
END_TEST

/* A BAR as dma-buf, where the kernel makes one: Linux 6.19. */
START_TEST(test_bar_as_dmabuf)
{
	size_t fds, answers;
	int fd;

	begin(_i);
	if (vfio.kernel < 6019) {
		assert_fails(pmem_device_dmabuf(device, 0, 0, PAGE), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
		ck_assert_uint_eq(pmem_device_attrs(device) & PMEM_DEVICE_P2P, 0);
		end();
		return;
	}
	ck_assert_uint_ne(pmem_device_attrs(device) & PMEM_DEVICE_P2P, 0);
	fds = fake_fds();
	fd = pmem_device_dmabuf(device, 0, PAGE, PMEM_TO_END);
	ck_assert_int_ge(fd, 0);
	os->close(fd);
	fd = pmem_device_dmabuf(device, 0, 0, edu->bars[0]);
	ck_assert_int_ge(fd, 0);
	os->close(fd);
	assert_fails(pmem_device_dmabuf(device, 0, 0, edu->bars[0] + PAGE), ERANGE, PMEM_CAUSE_BOUNDS);
	assert_fails(pmem_device_dmabuf(device, 0, edu->bars[0], PMEM_TO_END), ERANGE, PMEM_CAUSE_BOUNDS);
	assert_fails(pmem_device_dmabuf(device, 0, 2 * edu->bars[0], PMEM_TO_END), ERANGE, PMEM_CAUSE_BOUNDS);
	assert_fails(pmem_device_dmabuf(device, 0, 0, 0), ERANGE, PMEM_CAUSE_BOUNDS);
	assert_fails(pmem_device_dmabuf(device, 0, 1, PAGE), EINVAL, PMEM_CAUSE_ALIGNMENT);
	assert_fails(pmem_device_dmabuf(device, 0, PAGE, 1), EINVAL, PMEM_CAUSE_ALIGNMENT);
	assert_fails(pmem_device_dmabuf(device, 99, 0, PAGE), ENOENT, PMEM_CAUSE_NOT_FOUND);
	for (answers = 0; answers < 3; answers++) {
		static const int errnums[] = { ENOTTY, EOPNOTSUPP, ENODEV };

		fake_fail_named("ioctl", errnums[answers]);
		if (answers < 2)
			assert_fails(vfio_dmabuf(device, 0, 0, PAGE), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
		else
			assert_fails(vfio_dmabuf(device, 0, 0, PAGE), ENODEV, PMEM_CAUSE_DEVICE_GONE);
		fake_fail_named(NULL, 0);
	}
	ck_assert_uint_eq(fake_fds(), fds);
	end();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("device kinds");
	TCase *tc = tcase_create("kinds");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, test_options, 0, MACHINES);
	tcase_add_loop_test(tc, test_udmabuf, 0, MACHINES);
	tcase_add_loop_test(tc, test_not_memory, 0, MACHINES);
	tcase_add_loop_test(tc, test_watched, 0, MACHINES);
	tcase_add_loop_test(tc, test_bar_as_dmabuf, 0, MACHINES);
	suite_add_tcase(suite, tc);
	return suite;
}
