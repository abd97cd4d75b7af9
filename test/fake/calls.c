/* SPDX-License-Identifier: MIT */
/* The played calls: the real ones behind the fault plan, the books and the scripted devices. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/mman.h>

#include "calls_process.h"
#include "state.h"

static bool is_pagemap(const char *path)
{
	static const char name[] = "/proc/self/pagemap";
	size_t n = strlen(path);

	return n >= sizeof(name) - 1 && strcmp(path + n - (sizeof(name) - 1), name) == 0;
}

static int fake_open(const char *path, int flags, uint32_t mode)
{
	const struct fake_device *device = device_at(path);

	int fd;

	count_open(path);
	FAULT("open");
	if (!device)
		fd = opened(os_linux.open(path, flags, mode), NULL);
	else
		fd = open_device(device);
	if (fd >= 0 && device && device->opened_with)
		device->opened_with(device->user, fd, flags);
	if (fd >= 0)
		f.pagemap[fd] = is_pagemap(path);
	return fd;
}

/* A close that fails has closed all the same, as on Linux. */
static int fake_close(int fd)
{
	int failing = fault("close");

	ck_assert_msg(fd >= 0 && fd < MAX_FDS && f.open[fd], "close of %d, which is not open", fd);
	if (f.device_of[fd] && f.device_of[fd]->closed)
		f.device_of[fd]->closed(f.device_of[fd]->user, fd);
	f.open[fd] = f.pagemap[fd] = false;
	f.device_of[fd] = NULL;
	ck_assert_int_eq(os_linux.close(fd), 0);
	return failing;
}

static ssize_t fake_read(int fd, void *buf, size_t count)
{
	FAULT("read");
	if (f.cut && (count = plan_cut(count)) == 0)
		return 0;
	return os_linux.read(fd, buf, count);
}

static ssize_t fake_pread(int fd, void *buf, size_t count, uint64_t offset)
{
	const struct fake_device *device = fd >= 0 && fd < MAX_FDS ? f.device_of[fd] : NULL;

	FAULT("pread");
	if (f.cut && (count = plan_cut(count)) == 0)
		return 0;
	if (device && device->pread)
		return device->pread(device->user, fd, buf, count, offset);
	return os_linux.pread(fd, buf, count, offset);
}

static ssize_t fake_write(int fd, const void *buf, size_t count)
{
	FAULT("write");
	if (f.cut && (count = plan_cut(count)) == 0)
		return 0;
	return os_linux.write(fd, buf, count);
}

static ssize_t fake_pwrite(int fd, const void *buf, size_t count, uint64_t offset)
{
	const struct fake_device *device = fd >= 0 && fd < MAX_FDS ? f.device_of[fd] : NULL;

	FAULT("pwrite");
	if (f.cut && (count = plan_cut(count)) == 0)
		return 0;
	if (device && device->pwrite)
		return device->pwrite(device->user, fd, buf, count, offset);
	return os_linux.pwrite(fd, buf, count, offset);
}

static int fake_eventfd(void)
{
	FAULT("eventfd");
	return opened(os_linux.eventfd(), NULL);
}

static int fake_wait_readable(int fd, int timeout_ms)
{
	FAULT("wait_readable");
	return os_linux.wait_readable(fd, timeout_ms);
}

static int fake_fstat(int fd, struct os_stat *out)
{
	const struct fake_device *device = fd >= 0 && fd < MAX_FDS ? f.device_of[fd] : NULL;
	int r;

	FAULT("fstat");
	r = os_linux.fstat(fd, out);
	if (r == 0 && device && !device->path) {
		out->mode = 0600; /* given by an ioctl: of no kind, as fs/anon_inodes.c makes them */
		return 0;
	}
	/* A played /dev/mem is a file, as below LIBPMEM_ROOT; those of sysfs are files anyway. */
	if (r == 0 && device && strcmp(device->path, "/dev/mem") != 0 &&
		strncmp(device->path, "/sys/", 5) != 0) {
		out->mode = 0020600;
		out->rdev = 1;
	}
	return r;
}

static int fake_stat(const char *path, struct os_stat *out)
{
	FAULT("stat");
	if (device_at(path)) {
		*out = (struct os_stat){ .mode = 0020600, .rdev = 1 };
		return 0;
	}
	return os_linux.stat(path, out);
}

static int fake_lstat(const char *path, struct os_stat *out)
{
	FAULT("lstat");
	return os_linux.lstat(path, out);
}

static int64_t fake_lseek(int fd, int64_t offset, int whence)
{
	const struct fake_device *device = fd >= 0 && fd < MAX_FDS ? f.device_of[fd] : NULL;

	FAULT("lseek");
	if (device && device->lseek)
		return device->lseek(device->user, fd, offset, whence);
	return os_linux.lseek(fd, offset, whence);
}

static int fake_ftruncate(int fd, uint64_t length)
{
	FAULT("ftruncate");
	return os_linux.ftruncate(fd, length);
}

static int fake_fcntl(int fd, int cmd, int arg)
{
	int r;

	FAULT("fcntl");
	r = os_linux.fcntl(fd, cmd, arg);
	if (cmd != F_DUPFD && cmd != F_DUPFD_CLOEXEC)
		return r;
	if (r >= 0 && f.device_of[fd] && f.device_of[fd]->duplicated)
		f.device_of[fd]->duplicated(f.device_of[fd]->user, fd, r);
	return opened(r, f.device_of[fd]);
}

static ssize_t fake_readlink(const char *path, char *buf, size_t size)
{
	FAULT("readlink");
	return os_linux.readlink(path, buf, size);
}

static int fake_list(const char *path, os_list_fn *fn, void *user)
{
	count_open(path);
	FAULT("list");
	return os_linux.list(path, fn, user);
}

static int fake_list_directories(const char *path, os_list_fn *fn, void *user)
{
	count_open(path);
	FAULT("list_directories");
	return os_linux.list_directories(path, fn, user);
}

static int fake_mkdir(const char *path, uint32_t mode)
{
	FAULT("mkdir");
	return os_linux.mkdir(path, mode);
}

static int fake_unlinkat(int dir, const char *name)
{
	FAULT("unlinkat");
	return os_linux.unlinkat(dir, name);
}

static int fake_openat(int dir, const char *name, int flags, uint32_t mode)
{
	FAULT("openat");
	return opened(os_linux.openat(dir, name, flags, mode), NULL);
}

static int fake_flock(int fd, int operation)
{
	const struct fake_device *device = fd >= 0 && fd < MAX_FDS ? f.device_of[fd] : NULL;

	FAULT("flock");
	if (device && device->flock)
		return device->flock(device->user, fd, operation);
	return os_linux.flock(fd, operation);
}

static int fake_ioctl(int fd, unsigned long request, void *arg)
{
	const struct fake_device *device = fd >= 0 && fd < MAX_FDS ? f.device_of[fd] : NULL;

	FAULT("ioctl");
	if (!device)
		return os_linux.ioctl(fd, request, arg);
	return device->ioctl ? device->ioctl(device->user, fd, request, arg) : -ENOTTY;
}

static int fake_mmap(void *hint, size_t length, int prot, int flags, int fd, uint64_t offset,
	void **out)
{
	const struct fake_device *device = fd >= 0 && fd < MAX_FDS ? f.device_of[fd] : NULL;
	int r;

	FAULT("mmap");
	if (offset % f.page_size)
		return -EINVAL; /* a played page size is the one that counts */
	f.mmap_fd = fd;
	if (device && device->mmap)
		r = device->mmap(device->user, length, prot, flags, offset, out);
	else
		r = os_linux.mmap(hint, length, prot, flags, fd, offset, out);
	if (r < 0)
		return r;
	if (flags & MAP_FIXED)
		map_remove(*out, length);
	map_add(*out, length);
	return 0;
}

/*
 * Is every page of it mapped? Valgrind lets only mincore() ask of any address, QEMU's user mode only
 * msync(); of a hole both say ENOMEM.
 */
static bool all_mapped(const unsigned char *addr, size_t length)
{
	static unsigned char resident[1 << 16];
	size_t most = sizeof(resident) * 4096;

	for (size_t done = 0; done < length; done += most) {
		size_t n = length - done < most ? length - done : most;
		void *at = (void *)(uintptr_t)(addr + done);

		if (mincore(at, n, resident) < 0 && msync(at, n, MS_ASYNC) < 0)
			return false;
	}
	return true;
}

static int fake_munmap(void *addr, size_t length)
{
	int failing = fault("munmap");

	plan_unmaps(addr, length);
	if (failing && plan_refuses(addr, length))
		return failing;
	/*
	 * A hole in it would be another thread's by now. Of a call that fails, so that the caller
	 * may try again, the played kernel unmaps the range all the same.
	 */
	if (!fake_failed() && !all_mapped(addr, length))
		ck_abort_msg("unmaps %zu bytes at %p, which are not all mapped", length, addr);
	map_remove(addr, length);
	ck_assert_int_eq(os_linux.munmap(addr, length), 0);
	return failing;
}

static int fake_mremap(void *old, size_t old_length, size_t new_length, int flags, void *to,
	void **out)
{
	int r;

	FAULT("mremap");
	r = os_linux.mremap(old, old_length, new_length, flags, to, out);
	if (r < 0)
		return r;
	map_remove(old, old_length);
	map_remove(*out, new_length);
	map_add(*out, new_length);
	return 0;
}

static int fake_mprotect(void *addr, size_t length, int prot)
{
	FAULT("mprotect");
	return os_linux.mprotect(addr, length, prot);
}

static int fake_madvise(void *addr, size_t length, int advice)
{
	FAULT("madvise");
	return os_linux.madvise(addr, length, advice);
}

static int fake_memfd_create(const char *name, unsigned flags)
{
	FAULT("memfd_create");
	return opened(os_linux.memfd_create(name, flags), NULL);
}

static int fake_huge_file(void)
{
	FAULT("huge_file");
	return -ENOSYS;
}

static int fake_fallocate(int fd, int mode, uint64_t offset, uint64_t length)
{
	FAULT("fallocate");
	return os_linux.fallocate(fd, mode, offset, length);
}

static int fake_pipe(int fds[2])
{
	int r;

	FAULT("pipe");
	r = os_linux.pipe(fds);
	if (r == 0) {
		opened(fds[0], NULL);
		opened(fds[1], NULL);
	}
	return r;
}

static ssize_t fake_vmsplice(int fd, const struct iovec *iov, size_t count, unsigned flags)
{
	FAULT("vmsplice");
	return os_linux.vmsplice(fd, iov, count, flags);
}

static int fake_io_uring_setup(uint32_t entries, void *params)
{
	FAULT("io_uring_setup");
	return opened(os_linux.io_uring_setup(entries, params), NULL);
}

static int fake_socket(int domain, int type, int protocol)
{
	FAULT("socket");
	return opened(os_linux.socket(domain, type, protocol), NULL);
}

static int fake_setsockopt(int fd, int level, int name, const void *value, size_t size)
{
	FAULT("setsockopt");
	return os_linux.setsockopt(fd, level, name, value, size);
}

static int fake_io_uring_register(int fd, unsigned opcode, void *arg, unsigned count)
{
	FAULT("io_uring_register");
	return os_linux.io_uring_register(fd, opcode, arg, count);
}

static int fake_getpid(void)
{
	return os_linux.getpid();
}

static int fake_kill(int pid, int sig)
{
	return os_linux.kill(pid, sig);
}

const struct os_calls fake_calls = {
	.open = fake_open,
	.close = fake_close,
	.read = fake_read,
	.pread = fake_pread,
	.write = fake_write,
	.pwrite = fake_pwrite,
	.fstat = fake_fstat,
	.stat = fake_stat,
	.lstat = fake_lstat,
	.lseek = fake_lseek,
	.ftruncate = fake_ftruncate,
	.fcntl = fake_fcntl,
	.readlink = fake_readlink,
	.list = fake_list,
	.list_directories = fake_list_directories,
	.mkdir = fake_mkdir,
	.unlinkat = fake_unlinkat,
	.openat = fake_openat,
	.flock = fake_flock,
	.ioctl = fake_ioctl,
	.eventfd = fake_eventfd,
	.wait_readable = fake_wait_readable,
	.mmap = fake_mmap,
	.munmap = fake_munmap,
	.mremap = fake_mremap,
	.mprotect = fake_mprotect,
	.madvise = fake_madvise,
	.memfd_create = fake_memfd_create,
	.huge_file = fake_huge_file,
	.fallocate = fake_fallocate,
	.pipe = fake_pipe,
	.vmsplice = fake_vmsplice,
	.io_uring_setup = fake_io_uring_setup,
	.io_uring_register = fake_io_uring_register,
	.socket = fake_socket,
	.setsockopt = fake_setsockopt,
	.getpid = fake_getpid,
	.kill = fake_kill,
	.capable = fake_capable,
	.io_flusher = fake_io_flusher,
	.getenv = fake_getenv,
	.page_size = fake_get_page_size,
	.kernel_version = fake_kernel_version,
	.now_us = fake_now_us,
	.worked_us = fake_worked_us,
	.pause_ms = fake_pause_ms,
	.numa_prefer = fake_numa_prefer,
	.numa_restore = fake_numa_restore,
	.page_nodes = fake_page_nodes,
	.cache_clean = fake_cache_clean,
	.cache_flush = fake_cache_flush,
};
