/* SPDX-License-Identifier: MIT */
/* Proves pmem_vcsm.ko: /dev/vcsm-cma by its raw ABI. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "mod_check.h"

#define VCSM_ALLOC  0x80404a5aul
#define VCSM_IMPORT 0x80404a5bul
#define PROC	    "/proc/pmem_vcsm"

struct vcsm_alloc {
	uint32_t size, num, cached, pad;
	uint8_t name[32];
	int32_t handle;
	uint32_t vc_handle;
	uint64_t dma_addr;
};

struct vcsm_import {
	int32_t dmabuf_fd;
	uint32_t cached;
	uint8_t name[32];
	int32_t handle;
	uint32_t vc_handle, size, pad;
	uint64_t dma_addr;
};

_Static_assert(sizeof(struct vcsm_alloc) == 64, "the ABI's size");
_Static_assert(sizeof(struct vcsm_import) == 64, "the ABI's size");

static int fd;

static void check_alloc(void)
{
	struct vcsm_alloc a = {.size = 300000, .num = 1, .name = "check", .handle = -1};
	struct vcsm_import i = {.handle = -1};
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = (300000 + page - 1) / page * page;
	volatile uint32_t *p, *q;

	if (!check_result("vcsm.alloc", ioctl(fd, VCSM_ALLOC, &a) == 0, "%s", strerror(errno)))
		return;
	CHECK_EQ("vcsm.live", check_counter(PROC, "live"), 1);
	CHECK_EQ("vcsm.cloexec", fcntl(a.handle, F_GETFD), FD_CLOEXEC);
	CHECK("vcsm.alias", a.dma_addr >> 30 && a.dma_addr % page == 0, "%#llx",
		(unsigned long long)a.dma_addr);
	CHECK_EQ("vcsm.size", lseek(a.handle, 0, SEEK_END), size);
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, a.handle, 0);
	i.dmabuf_fd = a.handle;
	if (!check_result("vcsm.map", p != MAP_FAILED, "%s", strerror(errno)))
		return;
	CHECK_EQ("vcsm.zeroed", p[0] | p[size / 4 - 1], 0);
	p[size / 4 - 1] = 0x12345678;
	if (!check_result("vcsm.import", ioctl(fd, VCSM_IMPORT, &i) == 0, "%s", strerror(errno)))
		return;
	CHECK_EQ("vcsm.import-address", i.dma_addr, a.dma_addr);
	CHECK_EQ("vcsm.import-size", i.size, size);
	close(a.handle);
	munmap((void *)(uintptr_t)p, size);
	CHECK_EQ("vcsm.import-keeps", check_counter(PROC, "live"), 1);
	q = mmap(NULL, size, PROT_READ, MAP_SHARED, i.handle, 0);
	if (check_result("vcsm.import-map", q != MAP_FAILED, "%s", strerror(errno)))
		CHECK_EQ("vcsm.import-sees", q[size / 4 - 1], 0x12345678);
	close(i.handle);
	CHECK_EQ("vcsm.mapping-keeps", check_counter(PROC, "live"), 1);
	munmap((void *)(uintptr_t)q, size);
	CHECK_EQ("vcsm.freed", check_counter(PROC, "live"), 0);
	CHECK_EQ("vcsm.imports", check_counter(PROC, "imports"), 0);
}

static void check_refusals(void)
{
	struct vcsm_alloc zero = {.size = 0}, huge = {.size = 0xf0000000u};
	struct vcsm_import bad = {.dmabuf_fd = -1}, file = {.dmabuf_fd = fd};

	CHECK_ERRNO("vcsm.size-0", ioctl(fd, VCSM_ALLOC, &zero), EINVAL);
	CHECK_ERRNO("vcsm.exhausted", ioctl(fd, VCSM_ALLOC, &huge), ENOMEM);
	CHECK_ERRNO("vcsm.import-bad-fd", ioctl(fd, VCSM_IMPORT, &bad), EBADF);
	CHECK_ERRNO("vcsm.import-no-dmabuf", ioctl(fd, VCSM_IMPORT, &file), EINVAL);
	CHECK_ERRNO("vcsm.clean-invalid2", ioctl(fd, 0x80084a5cul, &zero), EINVAL);
	CHECK_ERRNO("vcsm.bad-pointer", ioctl(fd, VCSM_ALLOC, NULL), EFAULT);
	CHECK_EQ("vcsm.refusals-live", check_counter(PROC, "live"), 0);
}

/* The kernel gives the memory back when its process is killed. */
static void check_kill(void)
{
	struct vcsm_alloc a = {.size = 65536};
	pid_t pid = fork();

	if (pid == 0) {
		if (ioctl(fd, VCSM_ALLOC, &a) == 0)
			abort();
		_exit(0);
	}
	CHECK_EQ("vcsm.killed", check_wait(pid) & 0x7f, SIGABRT);
	CHECK_EQ("vcsm.killed-live", check_counter(PROC, "live"), 0);
}

int main(void)
{
	fd = open("/dev/vcsm-cma", O_RDWR | O_CLOEXEC);
	if (!check_result("vcsm.open", fd >= 0, "%s", strerror(errno)))
		return 1;
	check_alloc();
	check_refusals();
	check_kill();
	close(fd);
	return check_end();
}
