/* SPDX-License-Identifier: MIT */
#include "os/self.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

/* Linux 5.6 (include/uapi/linux/prctl.h); older C libraries lack them. */
#ifndef PR_SET_IO_FLUSHER
#define PR_SET_IO_FLUSHER 57
#define PR_GET_IO_FLUSHER 58
#endif

int self_capable(unsigned cap)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

	if (cap >= 32 * _LINUX_CAPABILITY_U32S_3)
		return -EINVAL;
	if (syscall(SYS_capget, &header, data) < 0)
		return -errno;
	return (data[cap / 32].effective >> (cap % 32)) & 1;
}

int self_io_flusher(int on)
{
	int r, was = prctl(PR_GET_IO_FLUSHER, 0, 0, 0, 0);

	if (was < 0)
		return -errno;
	r = prctl(PR_SET_IO_FLUSHER, on, 0, 0, 0);
	return r < 0 ? -errno : was;
}

int self_kernel_version(void)
{
	struct utsname u;
	int major, minor;

	if (uname(&u) < 0)
		return -errno;
	if (sscanf(u.release, "%d.%d", &major, &minor) != 2)
		return -EINVAL;
	return major * 1000 + minor;
}

/*
 * A page that a child finds wiped (MADV_WIPEONFORK, Linux 4.14) holds the number; the count of
 * numbers is in memory that a child inherits, so that its own is a new one. The page lies inside
 * of uninitialised data, which is anonymous memory: so it goes when the library is unloaded.
 */
#define PAGE_MAX 65536
static unsigned char wiped_area[2 * PAGE_MAX];
static _Atomic uint32_t numbers;
static _Atomic(_Atomic uint32_t *) wiped;
static _Atomic uint32_t unwiped; /* its address says: this kernel has no such pages */

static _Atomic uint32_t *find_wiped(void)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	uintptr_t page = ((uintptr_t)wiped_area + size - 1) & ~(uintptr_t)(size - 1);
	_Atomic uint32_t *found = &unwiped, *before = NULL;

	if (size <= PAGE_MAX && madvise((void *)page, size, MADV_WIPEONFORK) == 0)
		found = (_Atomic uint32_t *)page;
	/* Whatever the first thread found holds: a process must not change its number. */
	return atomic_compare_exchange_strong(&wiped, &before, found) ? found : before;
}

uint32_t self_process(void)
{
	_Atomic uint32_t *page = atomic_load_explicit(&wiped, memory_order_acquire);
	uint32_t none = 0, number;

	if (!page)
		page = find_wiped();
	if (page == &unwiped)
		return (uint32_t)getpid();
	number = atomic_load_explicit(page, memory_order_acquire);
	if (number)
		return number;
	number = atomic_fetch_add(&numbers, 1) + 1;
	/* Another thread of this process may have been faster. */
	return atomic_compare_exchange_strong(page, &none, number) ? number : none;
}

/* Each translation asks, and it never changes. */
size_t self_page_size(void)
{
	static _Atomic size_t kept;
	size_t page = atomic_load_explicit(&kept, memory_order_relaxed);

	if (!page) {
		page = (size_t)sysconf(_SC_PAGESIZE);
		atomic_store_explicit(&kept, page, memory_order_relaxed);
	}
	return page;
}
