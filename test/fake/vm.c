/* SPDX-License-Identifier: MIT */
#include "vm.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <string.h>
#include <sys/mman.h>

#include "fake.h"
#include "os/os.h"
#include "pagemap.h"
#include "state.h"

#define REGISTER_MEM_REGION 34 /* include/uapi/linux/io_uring.h */
#define REGION_OFFSET       0x20000000
#define POPULATE_WRITE      23 /* include/uapi/asm-generic/mman-common.h */
#define COLLAPSE            25

struct vm vm;

static const struct os_calls *below;
static struct os_calls calls;

static int vm_setup(uint32_t entries, void *params)
{
	int r = fault("io_uring_setup");

	(void)entries;
	(void)params;
	if (r < 0 || vm.ring_errnum)
		return r < 0 ? r : -vm.ring_errnum;
	return below->memfd_create("ring", 0);
}

static int vm_register(int fd, unsigned opcode, void *arg, unsigned count)
{
	uint64_t desc, offset = REGION_OFFSET;
	int r = fault("io_uring_register");

	(void)fd;
	(void)count;
	if (r < 0)
		return r;
	if (opcode == IORING_REGISTER_BUFFERS)
		vm.compacts |= !fake_io_flusher_is_on();
	if (vm.cma && opcode == IORING_REGISTER_BUFFERS)
		pagemap_rule(PAGEMAP_BACKWARDS);
	if (opcode != REGISTER_MEM_REGION)
		return 0;
	if (!vm.region)
		return -EINVAL;
	memcpy(&desc, arg, sizeof(desc));
	memcpy((unsigned char *)(uintptr_t)desc + 24, &offset, sizeof(offset));
	return 0;
}

static int vm_mmap(void *hint, size_t length, int prot, int flags, int fd, uint64_t offset,
	void **out)
{
	if (flags & MAP_HUGETLB) {
		if (!vm.hugetlb_helps)
			return -ENOMEM;
		vm.hugetlb = length;
		pagemap_rule(PAGEMAP_IN_ORDER);
		flags = MAP_PRIVATE | MAP_ANONYMOUS;
	} else if (offset == REGION_OFFSET) {
		flags = MAP_PRIVATE | MAP_ANONYMOUS;
		fd = -1;
		offset = 0;
	}
	return below->mmap(hint, length, prot, flags, fd, offset, out);
}

static int vm_madvise(void *addr, size_t length, int advice)
{
	if (advice == POPULATE_WRITE && !vm.populate)
		return -EINVAL;
	if (advice == COLLAPSE) {
		vm.collapsed++;
		if (!vm.collapse_helps)
			return -EAGAIN;
		pagemap_rule(PAGEMAP_IN_ORDER);
		return 0;
	}
	if (advice == MADV_HUGEPAGE && vm.huge_helps)
		pagemap_rule(PAGEMAP_IN_ORDER);
	if (advice == MADV_DONTFORK)
		vm.dont_fork += length;
	return below->madvise(addr, length, advice);
}

void vm_play(void)
{
	vm = (struct vm){ .populate = true };
	below = os;
	calls = *os;
	calls.io_uring_setup = vm_setup;
	calls.io_uring_register = vm_register;
	calls.mmap = vm_mmap;
	calls.madvise = vm_madvise;
	os = &calls;
}
