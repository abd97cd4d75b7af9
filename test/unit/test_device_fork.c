/* SPDX-License-Identifier: MIT */
/* What a child has of its parent's devices: nothing; and of the program's own files: all. */
#include <fcntl.h>

#include "device/way.h"
#include "played_device.h"

static void child(struct pmem_region *own, struct pmem_region *other)
{
	uint64_t bus = 0;
	struct pmem_region *region = NULL;
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .device = device };

	assert_fails(pmem_device_reset(device), ENOENT, PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_device_attach(device, other, PMEM_DMA_BOTH, &bus), ENOENT, PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_region_alloc(ctx, PAGE, &opts, &region), ENOENT, PMEM_CAUSE_NOT_FOUND);
	assert_works(pmem_region_close(other));
	assert_works(pmem_device_close(device));
	assert_works(pmem_region_close(own));
	_exit(0);
}

/* The played kernel is the child's own copy: what it is told by the child shows that nothing is. */
START_TEST(test_child)
{
	struct pmem_region *own, *other;
	uint64_t bus = 0;
	unsigned maps, calls;
	int status = 0;
	pid_t pid;

	begin(_i);
	own = take(PAGE, 0);
	other = ordinary(PAGE);
	assert_works(pmem_device_attach(device, other, PMEM_DMA_BOTH, &bus));
	ck_assert_int_gt(pmem_device_irq_fd(device, PMEM_IRQ_MSI, 0), 2);
	maps = (unsigned)vfio.maps;
	calls = vfio.unmap_calls;
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		/* All descriptors went with the fork: those that pin, and pagemap, are left. */
		if (edu->users != 0 || vfio.open_groups != 0)
			_exit(1);
		if (vfio.unmap_calls != calls)
			_exit(2);
		child(own, other);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert_uint_eq(vfio.maps, maps);
	ck_assert(pokes(bus, 1));
	assert_works(pmem_region_close(other));
	assert_works(pmem_region_close(own));
	end();
}
END_TEST

static const struct os_calls *played;

/* While the parent's thread changes what devices see, another forks: the child finds it half done, and closes all. */
static int fork_within(int fd, unsigned long request, void *arg)
{
	int status = -1;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		device->space->sights = (void *)16;
		_exit(pmem_device_close(device) != 0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	return played->ioctl(fd, request, arg);
}

START_TEST(test_half_changed)
{
	struct pmem_region *region;
	struct os_calls calls;
	uint64_t bus = 0;

	begin(_i);
	region = ordinary(PAGE);
	played = os;
	calls = *os;
	calls.ioctl = fork_within;
	os = &calls;
	assert_works(pmem_device_attach(device, region, PMEM_DMA_BOTH, &bus));
	assert_works(pmem_device_detach(device, region));
	os = played;
	assert_works(pmem_region_close(region));
	end();
}
END_TEST

/* The program has closed the device's numbers, and has events of its own there. */
START_TEST(test_child_of_a_daemon)
{
	int status = 0, fds[2], other;
	pid_t pid;

	begin(_i);
	fds[0] = device->fd;
	fds[1] = pmem_device_irq_fd(device, PMEM_IRQ_MSI, 0);
	ck_assert_int_gt(fds[1], 2);
	for (int i = 0; i < 2; i++) {
		other = os_linux.eventfd();
		ck_assert_int_eq(dup2(other, fds[i]), fds[i]);
		close(other);
	}
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		_exit(fcntl(fds[0], F_GETFD) < 0 || fcntl(fds[1], F_GETFD) < 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	assert_fails(pmem_device_irq_wait(device, PMEM_IRQ_MSI, 0, 0, NULL), ENODEV, PMEM_CAUSE_DEVICE_GONE);
	assert_fails(pmem_device_close(device), EBADF, PMEM_CAUSE_SYSTEM);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_ge(fcntl(fds[i], F_GETFD), 0);
		os->close(fds[i]);
	}
	stop();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("device fork");
	TCase *tc = tcase_create("daemon");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, test_child_of_a_daemon, 0, MACHINES);
	suite_add_tcase(suite, tc);
	tc = tcase_create("forks");
	tcase_set_timeout(tc, 60);
	tcase_set_tags(tc, "wipeonfork"); /* test/emulated: not under QEMU's user mode */
	tcase_add_loop_test(tc, test_child, 0, MACHINES);
	tcase_add_loop_test(tc, test_half_changed, 0, MACHINES);
	suite_add_tcase(suite, tc);
	return suite;
}
