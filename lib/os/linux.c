/* SPDX-License-Identifier: MIT */
/* The real calls: thin, EINTR retried where the call can be repeated, errno turned into results. */
#include "os/os.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/attr.h"
#include "os/cache.h"
#include "os/huge_file.h"
#include "os/linux_memory.h"
#include "os/numa.h"
#include "os/self.h"

#define RESULT(r) ((r) < 0 ? -errno : (r))

/* Repeat a call that a signal interrupted. */
#define RETRY(r, call)           \
	do {                     \
		(r) = (call);    \
	} while ((r) < 0 && errno == EINTR)

/*
 * A program that has closed its standard streams gets their numbers for what it opens next, and
 * then prints into it. What the library keeps has none of these numbers.
 */
static int high(int fd)
{
	int r;

	if (fd < 0 || fd > STDERR_FILENO)
		return fd;
	r = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (r < 0)
		r = -errno;
	close(fd);
	return r;
}

/*
 * Beyond RLIMIT_FSIZE the kernel does not only refuse, it sends SIGXFSZ, which kills
 * (mm/filemap.c generic_write_check_limits(), fs/attr.c inode_newsize_ok()).
 */
static bool too_large(uint64_t size)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
		size > limit.rlim_cur;
}

static int linux_open(const char *path, int flags, uint32_t mode)
{
	int r;

	RETRY(r, open(path, flags | O_CLOEXEC, (mode_t)mode));
	return high(RESULT(r));
}

static int linux_openat(int dir, const char *name, int flags, uint32_t mode)
{
	int r;

	RETRY(r, openat(dir, name, flags | O_CLOEXEC, (mode_t)mode));
	return high(RESULT(r));
}

/* On Linux the descriptor is gone even after EINTR, so it is never repeated. */
static int linux_close(int fd)
{
	int r = close(fd);

	return r < 0 && errno != EINTR ? -errno : 0;
}

static ssize_t linux_read(int fd, void *buf, size_t count)
{
	ssize_t r;

	RETRY(r, read(fd, buf, count));
	return RESULT(r);
}

static ssize_t linux_pread(int fd, void *buf, size_t count, uint64_t offset)
{
	ssize_t r;

	RETRY(r, pread(fd, buf, count, (off_t)offset));
	return RESULT(r);
}

static ssize_t linux_write(int fd, const void *buf, size_t count)
{
	off_t at = lseek(fd, 0, SEEK_CUR); /* a pipe has no place, and no limit */
	ssize_t r;

	if (at >= 0 && too_large((uint64_t)at + count))
		return -EFBIG;
	RETRY(r, write(fd, buf, count));
	return RESULT(r);
}

/* No file that has a limit (RLIMIT_FSIZE): see os.h. */
static ssize_t linux_pwrite(int fd, const void *buf, size_t count, uint64_t offset)
{
	ssize_t r;

	RETRY(r, pwrite(fd, buf, count, (off_t)offset));
	return RESULT(r);
}

static int linux_eventfd(void)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	return fd < 0 ? -errno : high(fd);
}

static int linux_wait_readable(int fd, int timeout_ms)
{
	struct pollfd one = { .fd = fd, .events = POLLIN };
	int r = poll(&one, 1, timeout_ms);

	return RESULT(r);
}

static int stat_result(int r, const struct stat *st, struct os_stat *out)
{
	if (r < 0)
		return -errno;
	out->mode = st->st_mode;
	out->uid = st->st_uid;
	out->gid = st->st_gid;
	out->nlink = (uint32_t)st->st_nlink;
	out->size = (uint64_t)st->st_size;
	out->rdev = st->st_rdev;
	out->device = st->st_dev;
	out->inode = st->st_ino;
	out->changed = (uint64_t)st->st_ctime;
	return 0;
}

static int linux_fstat(int fd, struct os_stat *out)
{
	struct stat st;

	return stat_result(fstat(fd, &st), &st, out);
}

static int linux_stat(const char *path, struct os_stat *out)
{
	struct stat st;

	return stat_result(stat(path, &st), &st, out);
}

static int linux_lstat(const char *path, struct os_stat *out)
{
	struct stat st;

	return stat_result(lstat(path, &st), &st, out);
}

static int64_t linux_lseek(int fd, int64_t offset, int whence)
{
	int64_t r = lseek(fd, offset, whence);

	return RESULT(r);
}

static int linux_ftruncate(int fd, uint64_t length)
{
	int r;

	if (too_large(length))
		return -EFBIG;
	RETRY(r, ftruncate(fd, (off_t)length));
	return RESULT(r);
}

static int linux_fcntl(int fd, int cmd, int arg)
{
	int r = fcntl(fd, cmd, arg);

	return cmd == F_DUPFD_CLOEXEC ? high(RESULT(r)) : RESULT(r);
}

static ssize_t linux_readlink(const char *path, char *buf, size_t size)
{
	ssize_t r = readlink(path, buf, size);

	return RESULT(r);
}

/* A file system that does not tell the kind (DT_UNKNOWN) leaves the look to the caller. */
static bool may_be_directory(const struct dirent *entry)
{
	return entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN;
}

static int list(const char *path, bool directories, os_list_fn *fn, void *user)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int r = 0;

	if (!dir)
		return -errno;
	while (r == 0) {
		errno = 0;
		entry = readdir(dir);
		if (!entry) {
			r = -errno;
			break;
		}
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
			(!directories || may_be_directory(entry)))
			r = fn(user, entry->d_name);
	}
	closedir(dir);
	return r;
}

static int linux_list(const char *path, os_list_fn *fn, void *user)
{
	return list(path, false, fn, user);
}

static int linux_list_directories(const char *path, os_list_fn *fn, void *user)
{
	return list(path, true, fn, user);
}

static int linux_mkdir(const char *path, uint32_t mode)
{
	int r = mkdir(path, (mode_t)mode);

	return RESULT(r);
}

static int linux_unlinkat(int dir, const char *name)
{
	int r = unlinkat(dir, name, 0);

	return RESULT(r);
}

static int linux_flock(int fd, int operation)
{
	int r;

	RETRY(r, flock(fd, operation));
	return RESULT(r);
}

/* musl and Bionic declare the request as an int; the kernel looks at 32 bits of it. */
#ifdef __GLIBC__
#define IOCTL_REQUEST(request) (request)
#else
#define IOCTL_REQUEST(request) ((int)(request))
#endif

/* Not repeated on EINTR: some allocating ioctls say EINTR for a fatal signal only. */
static int linux_ioctl(int fd, unsigned long request, void *arg)
{
	int r = ioctl(fd, IOCTL_REQUEST(request), arg);

	return RESULT(r);
}

static int linux_memfd_create(const char *name, unsigned flags)
{
	int r = memfd_create(name, flags | MFD_CLOEXEC);

	return high(RESULT(r));
}

static int linux_fallocate(int fd, int mode, uint64_t offset, uint64_t length)
{
	/* Only what makes a file longer is refused, by the kernel too (mm/shmem.c shmem_fallocate()). */
	return mode == 0 && too_large(offset + length) ? -EFBIG :
		huge_file_allocate(fd, mode, offset, length);
}

static int linux_huge_file(void)
{
	return high(huge_file_open());
}

static int linux_pipe(int fds[2])
{
	int r = pipe2(fds, O_CLOEXEC);

	if (r < 0)
		return -errno;
	fds[0] = high(fds[0]);
	fds[1] = high(fds[1]);
	if (fds[0] >= 0 && fds[1] >= 0)
		return 0;
	r = fds[0] < 0 ? fds[0] : fds[1];
	for (int i = 0; i < 2; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
	return r;
}

/* Raw system calls: the library needs two of io_uring's, not liburing. */
static int linux_io_uring_setup(uint32_t entries, void *params)
{
	long r = syscall(SYS_io_uring_setup, entries, params);

	return high(r < 0 ? -errno : (int)r);
}

static int linux_io_uring_register(int fd, unsigned opcode, void *arg, unsigned count)
{
	long r = syscall(SYS_io_uring_register, fd, opcode, arg, count);

	return r < 0 ? -errno : (int)r;
}

static int linux_socket(int domain, int type, int protocol)
{
	int fd = socket(domain, type | SOCK_CLOEXEC, protocol);

	return fd < 0 ? -errno : high(fd);
}

static int linux_setsockopt(int fd, int level, int name, const void *value, size_t size)
{
	int r = setsockopt(fd, level, name, value, (socklen_t)size);

	return RESULT(r);
}

static int linux_getpid(void)
{
	return getpid();
}

static int linux_kill(int pid, int sig)
{
	int r = kill(pid, sig);

	return RESULT(r);
}

static const char *linux_getenv(const char *name)
{
	return secure_getenv(name);
}

static void linux_pause_ms(unsigned ms)
{
	struct timespec t = { (time_t)(ms / 1000), (long)(ms % 1000) * 1000000 };

	/* A signal shortens no pause: some are counted. */
	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		continue;
}

static uint64_t read_clock(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static uint64_t linux_now_us(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

static uint64_t linux_worked_us(void)
{
	return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

const struct os_calls os_linux = {
	.open = linux_open,
	.openat = linux_openat,
	.close = linux_close,
	.read = linux_read,
	.pread = linux_pread,
	.write = linux_write,
	.pwrite = linux_pwrite,
	.fstat = linux_fstat,
	.stat = linux_stat,
	.lstat = linux_lstat,
	.lseek = linux_lseek,
	.ftruncate = linux_ftruncate,
	.fcntl = linux_fcntl,
	.readlink = linux_readlink,
	.list = linux_list,
	.list_directories = linux_list_directories,
	.mkdir = linux_mkdir,
	.unlinkat = linux_unlinkat,
	.flock = linux_flock,
	.ioctl = linux_ioctl,
	.eventfd = linux_eventfd,
	.wait_readable = linux_wait_readable,
	.mmap = memory_mmap,
	.munmap = memory_munmap,
	.mremap = memory_mremap,
	.mprotect = memory_mprotect,
	.madvise = memory_madvise,
	.memfd_create = linux_memfd_create,
	.huge_file = linux_huge_file,
	.fallocate = linux_fallocate,
	.pipe = linux_pipe,
	.vmsplice = memory_vmsplice,
	.io_uring_setup = linux_io_uring_setup,
	.io_uring_register = linux_io_uring_register,
	.socket = linux_socket,
	.setsockopt = linux_setsockopt,
	.getpid = linux_getpid,
	.kill = linux_kill,
	.capable = self_capable,
	.io_flusher = self_io_flusher,
	.getenv = linux_getenv,
	.page_size = self_page_size,
	.kernel_version = self_kernel_version,
	.now_us = linux_now_us,
	.worked_us = linux_worked_us,
	.pause_ms = linux_pause_ms,
	.numa_prefer = numa_prefer,
	.numa_restore = numa_restore,
	.page_nodes = numa_page_nodes,
	.cache_clean = cache_clean,
	.cache_flush = cache_flush,
};

const struct os_calls *os = &os_linux;
