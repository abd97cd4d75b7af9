/* SPDX-License-Identifier: MIT */
/*
 * Answers of the kernel that are not the usual ones: more than fits, less than was asked for, what does not suit what was
 * said before. And addresses at the edge of what a device reaches.
 */
#include <fcntl.h>

#include "device/iommufd_abi.h"
#include "device/vfio_abi.h"
#include "played_device.h"

static const struct os_calls *played;
static struct os_calls calls;

static void answer(int (*ioctl)(int fd, unsigned long request, void *arg))
{
	played = os;
	calls = *os;
	calls.ioctl = ioctl;
	os = &calls;
}

/* It says that it has unmapped less than it was told to: nothing. */
static int unmaps_less(int fd, unsigned long request, void *arg)
{
	if (request == ABI_IOMMU_UNMAP_DMA)
		((struct abi_dma_unmap *)arg)->size = 0;
	else if (request == ABI_IOAS_UNMAP)
		((struct abi_ioas_unmap *)arg)->length = 0;
	else
		return played->ioctl(fd, request, arg);
	return 0;
}

START_TEST(test_unmaps_less)
{
	struct pmem_region *region, *next;
	uint64_t bus = 0, other = 0;

	begin(_i);
	region = ordinary(PAGE);
	next = ordinary(PAGE);
	assert_works(pmem_device_attach(device, region, PMEM_DMA_BOTH, &bus));
	answer(unmaps_less);
	assert_fails(pmem_device_detach(device, region), EIO, PMEM_CAUSE_SYSTEM);
	os = played;
	assert_works(pmem_device_attach(device, next, PMEM_DMA_BOTH, &other));
	ck_assert_uint_ne(other, bus);
	assert_works(pmem_device_bus(device, region, &other));
	ck_assert_uint_eq(other, bus);
	assert_works(pmem_region_close(next));
	assert_works(pmem_device_close(device));
	assert_works(pmem_region_close(region));
	stop();
}
END_TEST

static unsigned interruptions;

/* Neither type1 nor iommufd says so; a sandbox that looks at each call may (seccomp's listeners). */
static int interrupted(int fd, unsigned long request, void *arg)
{
	if ((request == ABI_IOMMU_UNMAP_DMA || request == ABI_IOAS_UNMAP) && interruptions++ == 0)
		return -EINTR;
	return played->ioctl(fd, request, arg);
}

START_TEST(test_unmapping_is_interrupted)
{
	struct pmem_region *region;
	uint64_t bus = 0, again = 0;

	begin(_i);
	region = ordinary(PAGE);
	interruptions = 0;
	assert_works(pmem_device_attach(device, region, PMEM_DMA_BOTH, &bus));
	answer(interrupted);
	assert_works(pmem_device_detach(device, region));
	ck_assert_uint_eq(interruptions, 2);
	os = played;
	assert_works(pmem_device_attach(device, region, PMEM_DMA_BOTH, &again));
	ck_assert_uint_eq(again, bus);
	assert_works(pmem_region_close(region));
	assert_works(pmem_device_close(device));
	stop();
}
END_TEST

/* What is refused takes no address: the next one gets it. */
START_TEST(test_refused_takes_nothing)
{
	struct pmem_region *region;
	uint64_t bus = 0, again = 0;

	begin(_i);
	region = ordinary(PAGE);
	assert_works(pmem_device_attach(device, region, PMEM_DMA_BOTH, &bus));
	assert_works(pmem_device_detach(device, region));
	for (int i = 0; i < 3; i++) {
		fake_fail_named("ioctl", EFAULT);
		assert_fails(pmem_device_attach(device, region, PMEM_DMA_BOTH, &again), EFAULT,
			PMEM_CAUSE_WRONG_KIND);
		fake_fail_named(NULL, 0);
	}
	fake_fail_named("ioctl", EEXIST);
	assert_fails(pmem_device_attach(device, region, PMEM_DMA_BOTH, &again), EEXIST, PMEM_CAUSE_BUSY);
	fake_fail_named(NULL, 0);
	assert_works(pmem_device_attach(device, region, PMEM_DMA_BOTH, &again));
	ck_assert_uint_eq(again, bus);
	assert_works(pmem_region_close(region));
	end();
}
END_TEST

static int tells_read_only(int fd, unsigned long request, void *arg)
{
	int r = played->ioctl(fd, request, arg);

	if (request == ABI_DEVICE_GET_REGION_INFO)
		((struct abi_region_info *)arg)->flags &= ~ABI_REGION_WRITE;
	return r;
}

START_TEST(test_read_only_map)
{
	struct pmem_region *map = NULL;

	begin(_i);
	answer(tells_read_only);
	assert_fails(pmem_device_map(device, 0, 0, &map), EACCES, PMEM_CAUSE_READONLY);
	assert_works(pmem_device_map(device, 0, PMEM_MAP_READONLY, &map));
	os = played;
	assert_works(pmem_region_close(map));
	end();
}
END_TEST

static int fits_nowhere(int fd, unsigned long request, void *arg)
{
	return request == ABI_GROUP_SET_CONTAINER ? -EINVAL : played->ioctl(fd, request, arg);
}

/* A group whose IOMMU is of another kind than the first device's; and two address spaces at once. */
START_TEST(test_share_refused)
{
	struct pmem_device_opts opts = { .size = sizeof(opts) };
	struct pmem_device *second = NULL;

	play_machine(0);
	vfio_add("0000:00:05.0", 3);
	open_it();
	opts.share = device;
	answer(fits_nowhere);
	assert_fails(pmem_device_open(ctx, "0000:00:05.0", &opts, &second), EINVAL, PMEM_CAUSE_BUSY);
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(pmem_error_last()), "without the option share"));
	os = played;
	opts.iommu_fd = 5;
	assert_fails(pmem_device_open(ctx, "0000:00:05.0", &opts, &second), EINVAL, PMEM_CAUSE_OPTIONS);
	opts.iommu_fd = 0;
	assert_works(pmem_device_open(ctx, "0000:00:05.0", &opts, &second));
	assert_works(pmem_device_close(second));
	end();
}
END_TEST

/* An answer that is longer than any, or that says it is and is not. */
static uint32_t length, pairs;

static int tells_windows(int fd, unsigned long request, void *arg)
{
	struct abi_iommu_info *info = arg;
	struct abi_cap_pairs *cap;
	struct abi_pair *pair;

	if (request != ABI_IOMMU_GET_INFO)
		return played->ioctl(fd, request, arg);
	cap = (void *)(info + 1);
	pair = (void *)(cap + 1);
	if (info->argsz < length) {
		info->argsz = length;
		return 0;
	}
	info->flags = ABI_IOMMU_INFO_PAGES | ABI_IOMMU_INFO_CAPS;
	info->page_sizes = PAGE;
	info->cap_offset = sizeof(*info);
	*cap = (struct abi_cap_pairs){ .header = { .id = ABI_IOMMU_CAP_IOVA_RANGES, .version = 1 },
		.count = pairs };
	*pair = (struct abi_pair){ 0x40000000, 0x4fffffff };
	return 0;
}

START_TEST(test_windows_told)
{
	struct pmem_region *region;

	play_machine(0);
	answer(tells_windows);
	length = sizeof(struct abi_iommu_info) + sizeof(struct abi_cap_pairs) + sizeof(struct abi_pair);
	pairs = 1;
	open_it();
	region = take(PAGE, 0);
	ck_assert_uint_eq(bus_of(region), 0x40000000);
	assert_works(pmem_region_close(region));
	assert_works(pmem_device_close(device));
	for (pairs = 2; pairs <= 1002; pairs += 1000) { /* which are not there: then it has told nothing */
		open_it();
		region = take(PAGE, 0);
		ck_assert_uint_eq(bus_of(region), PAGE);
		assert_works(pmem_region_close(region));
		assert_works(pmem_device_close(device));
	}
	pairs = 1;
	length = 1 << 20;
	assert_fails(pmem_device_open(ctx, NAME, NULL, &device), EAGAIN, PMEM_CAUSE_SYSTEM);
	os = played;
	stop();
}
END_TEST

static int version;

static int other_version(int fd, unsigned long request, void *arg)
{
	return request == ABI_GET_API_VERSION ? version : played->ioctl(fd, request, arg);
}

START_TEST(test_other_version)
{
	play_machine(0);
	answer(other_version);
	version = 1;
	assert_fails(pmem_device_open(ctx, NAME, NULL, &device), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	version = -ENOTTY;
	assert_fails(pmem_device_open(ctx, NAME, NULL, &device), ENOTTY, PMEM_CAUSE_SYSTEM);
	os = played;
	stop();
}
END_TEST

/* What the device itself says of itself: the kernel refuses the question. */
static int says_nothing(int fd, unsigned long request, void *arg)
{
	return request == ABI_DEVICE_GET_INFO ? -EIO : played->ioctl(fd, request, arg);
}

START_TEST(test_says_nothing)
{
	play_machine(_i);
	answer(says_nothing);
	assert_fails(pmem_device_open(ctx, NAME, NULL, &device), ENODEV, PMEM_CAUSE_DEVICE_GONE);
	os = played;
	stop();
}
END_TEST

/* Two devices of a group, by two ways: the second is told. */
START_TEST(test_two_ways)
{
	struct pmem_device_opts opts = { .size = sizeof(opts), .way = _i ? "vfio" : "iommufd" };
	struct pmem_device *second = NULL;

	play_machine(2);
	vfio_add("0000:00:04.1", 2);
	assert_works(pmem_device_open(ctx, NAME, &opts, &device));
	opts.way = _i ? "iommufd" : "vfio";
	assert_fails(pmem_device_open(ctx, "0000:00:04.1", &opts, &second), EBUSY, PMEM_CAUSE_BUSY);
	opts.way = NULL;
	assert_works(pmem_device_close(device));
	assert_works(pmem_device_open(ctx, "0000:00:04.1", &opts, &second));
	assert_works(pmem_device_close(second));
	stop();
}
END_TEST

/* A second device in the space, which reaches less. */
START_TEST(test_reaches_less)
{
	struct pmem_device_opts opts = { .size = sizeof(opts) };
	struct pmem_device *second = NULL;
	struct pmem_region *region;
	uint64_t bus = 0, again = 0;

	begin(_i);
	vfio_add("0000:00:06.0", 7);
	region = ordinary(2 * PAGE);
	assert_works(pmem_device_attach(device, region, PMEM_DMA_BOTH, &bus));
	opts.share = device;
	for (int pages = 0; pages < 3; pages++) {
		opts.max_addr = bus + (uint64_t)pages * PAGE - 1;
		assert_works(pmem_device_open(ctx, "0000:00:06.0", &opts, &second));
		if (pages < 2)
			assert_fails(pmem_device_attach(second, region, PMEM_DMA_BOTH, &again), ERANGE,
				PMEM_CAUSE_ADDRESS_LIMIT);
		else
			assert_works(pmem_device_attach(second, region, PMEM_DMA_BOTH, &again));
		assert_works(pmem_device_close(second));
	}
	ck_assert_uint_eq(again, bus);
	assert_works(pmem_region_close(region));
	end();
}
END_TEST

static void count_warnings(void *user, uint32_t level, const char *message)
{
	if (level == PMEM_LEVEL_WARNING && strstr(message, "not usable"))
		++*(unsigned *)user;
}

/* One that cannot see what is attached already: the program is told. */
START_TEST(test_sees_less)
{
	struct pmem_device_opts opts = { .size = sizeof(opts) };
	struct pmem_device *second = NULL;
	struct pmem_region *region;
	unsigned warnings = 0;

	/* Of a container; an IOAS does not take such a device (test_device_refused.c). */
	begin(0);
	assert_works(pmem_ctx_set_log(ctx, count_warnings, &warnings));
	region = take(2 << 20, 0);
	ck_assert_uint_gt(bus_of(region), 0xfffff);
	vfio_add("0000:00:06.0", 7);
	opts.share = device;
	assert_works(pmem_device_open(ctx, "0000:00:06.0", &opts, &second));
	assert_works(pmem_device_close(second));
	ck_assert_uint_eq(warnings, 0);
	answer(tells_windows);
	length = sizeof(struct abi_iommu_info) + sizeof(struct abi_cap_pairs) + sizeof(struct abi_pair);
	pairs = 1;
	assert_works(pmem_device_open(ctx, "0000:00:06.0", &opts, &second));
	ck_assert_uint_eq(warnings, 1);
	os = played;
	assert_works(pmem_device_close(second));
	assert_works(pmem_region_close(region));
	end();
}
END_TEST

/* Two of its group are in a space already: a third cannot be in another one. */
START_TEST(test_group_is_elsewhere)
{
	struct pmem_device_opts opts = { .size = sizeof(opts) };
	struct pmem_device *second = NULL, *far = NULL;

	begin(_i);
	vfio_add("0000:00:04.1", 2);
	vfio_add("0000:00:06.0", 7);
	assert_works(pmem_device_open(ctx, "0000:00:06.0", NULL, &far));
	opts.share = far;
	assert_fails(pmem_device_open(ctx, "0000:00:04.1", &opts, &second), EBUSY, PMEM_CAUSE_BUSY);
	ck_assert_ptr_nonnull(strstr(pmem_error_message(pmem_error_last()), "in another address space"));
	opts.share = device;
	assert_works(pmem_device_open(ctx, "0000:00:04.1", &opts, &second));
	assert_works(pmem_device_close(second));
	assert_works(pmem_device_close(far));
	end();
}
END_TEST

/* A kernel that has no more than one message; old ones switch all off before that shows. */
static int one_message(int fd, unsigned long request, void *arg)
{
	const struct abi_irq_set *set = arg;

	if (request == ABI_DEVICE_SET_IRQS && set->start + set->count > 1)
		return set->start ? -EINVAL : 1;
	return played->ioctl(fd, request, arg);
}

START_TEST(test_message_too_many)
{
	play_machine(_i);
	edu->irqs[2] = 8;
	edu->fixed_messages = true;
	open_it();
	assert_works(pmem_device_enable(device, PMEM_ENABLE_MASTER));
	ck_assert_int_gt(pmem_device_irq_fd(device, PMEM_IRQ_MSIX, 0), 2);
	answer(one_message);
	assert_fails(pmem_device_irq_fd(device, PMEM_IRQ_MSIX, 5), ENOSPC, PMEM_CAUSE_LIMIT);
	os = played;
	ck_assert(vfio_fire(edu, 2, 0)); /* the first is on again */
	assert_works(pmem_device_irq_wait(device, PMEM_IRQ_MSIX, 0, 0, NULL));
	end();
}
END_TEST

static ssize_t half_an_event(int fd, void *buf, size_t count)
{
	(void)fd;
	memset(buf, 0x55, count / 2);
	return (ssize_t)(count / 2);
}

static ssize_t no_event(int fd, void *buf, size_t count)
{
	(void)fd;
	(void)buf;
	(void)count;
	return -EIO;
}

/* Eight bytes are an event's count; what is shorter is none. */
START_TEST(test_event_not_whole)
{
	uint64_t count = 44;

	play_machine(_i);
	edu->irqs[2] = 8;
	open_it();
	assert_works(pmem_device_enable(device, PMEM_ENABLE_MASTER));
	ck_assert_int_gt(pmem_device_irq_fd(device, PMEM_IRQ_MSIX, 0), 2);
	ck_assert(vfio_fire(edu, 2, 0));
	played = os;
	calls = *os;
	calls.read = half_an_event;
	os = &calls;
	assert_fails(pmem_device_irq_wait(device, PMEM_IRQ_MSIX, 0, 0, &count), EPROTO, PMEM_CAUSE_SYSTEM);
	calls.read = no_event;
	assert_fails(pmem_device_irq_wait(device, PMEM_IRQ_MSIX, 0, 0, &count), ENODEV, PMEM_CAUSE_DEVICE_GONE);
	os = played;
	ck_assert_uint_eq(count, 44);
	end();
}
END_TEST

/* A helper hands in a group that is in its container already, which has its IOMMU. */
START_TEST(test_container_is_ready)
{
	struct pmem_device_opts opts = { .size = sizeof(opts) };
	char path[256];
	int group, container;

	play_machine(0);
	snprintf(path, sizeof(path), "%s/dev/vfio/2", fake_root());
	group = os->open(path, O_RDWR, 0);
	snprintf(path, sizeof(path), "%s/dev/vfio/vfio", fake_root());
	container = os->open(path, O_RDWR, 0);
	ck_assert_int_eq(os->ioctl(group, ABI_GROUP_SET_CONTAINER, &container), 0);
	ck_assert_int_eq(os->ioctl(container, ABI_SET_IOMMU, (void *)ABI_TYPE1V2), 0);
	opts.group_fd = group;
	opts.iommu_fd = container;
	assert_works(pmem_device_open(ctx, NAME, &opts, &device));
	assert_works(pmem_region_close(take(PAGE, 0)));
	os->close(group);
	os->close(container);
	end();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("device answers");
	TCase *tc = tcase_create("answers");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, test_unmaps_less, 0, MACHINES);
	tcase_add_loop_test(tc, test_unmapping_is_interrupted, 0, MACHINES);
	tcase_add_loop_test(tc, test_refused_takes_nothing, 0, MACHINES);
	tcase_add_loop_test(tc, test_read_only_map, 0, MACHINES);
	tcase_add_test(tc, test_share_refused);
	tcase_add_test(tc, test_windows_told);
	tcase_add_test(tc, test_other_version);
	tcase_add_loop_test(tc, test_says_nothing, 0, MACHINES);
	tcase_add_loop_test(tc, test_two_ways, 0, 2);
	tcase_add_loop_test(tc, test_reaches_less, 0, MACHINES);
	tcase_add_test(tc, test_sees_less);
	tcase_add_loop_test(tc, test_group_is_elsewhere, 0, MACHINES);
	tcase_add_loop_test(tc, test_message_too_many, 0, MACHINES);
	tcase_add_loop_test(tc, test_event_not_whole, 0, MACHINES);
	tcase_add_test(tc, test_container_is_ready);
	suite_add_tcase(suite, tc);
	return suite;
}
