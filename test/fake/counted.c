/* SPDX-License-Identifier: MIT */
#include "counted.h"

#include "os/os.h"

struct counted counted;

static const struct os_calls *below;

/* One function of the table: what it costs, and what it does. */
#define COUNTED(type, name, cost, open, parameters, arguments) \
	static type counted_##name parameters                  \
	{                                                      \
		counted.calls += (cost);                       \
		counted.opens += (open);                       \
		return below->name arguments;                  \
	}

COUNTED(int, open, 1, 1, (const char *path, int flags, uint32_t mode), (path, flags, mode))
COUNTED(int, openat, 1, 1, (int dir, const char *name, int flags, uint32_t mode),
	(dir, name, flags, mode))
COUNTED(int, close, 1, 0, (int fd), (fd))
COUNTED(ssize_t, read, 1, 0, (int fd, void *buf, size_t count), (fd, buf, count))
COUNTED(ssize_t, pread, 1, 0, (int fd, void *buf, size_t count, uint64_t offset),
	(fd, buf, count, offset))
COUNTED(ssize_t, write, 2, 0, (int fd, const void *buf, size_t count), (fd, buf, count))
COUNTED(int, fstat, 1, 0, (int fd, struct os_stat *out), (fd, out))
COUNTED(int, stat, 1, 0, (const char *path, struct os_stat *out), (path, out))
COUNTED(int, lstat, 1, 0, (const char *path, struct os_stat *out), (path, out))
COUNTED(int64_t, lseek, 1, 0, (int fd, int64_t offset, int whence), (fd, offset, whence))
COUNTED(int, ftruncate, 1, 0, (int fd, uint64_t length), (fd, length))
COUNTED(int, fcntl, 1, 0, (int fd, int cmd, int arg), (fd, cmd, arg))
COUNTED(ssize_t, readlink, 1, 0, (const char *path, char *buf, size_t size), (path, buf, size))
COUNTED(int, mkdir, 1, 0, (const char *path, uint32_t mode), (path, mode))
COUNTED(int, unlinkat, 1, 0, (int dir, const char *name), (dir, name))
COUNTED(int, flock, 1, 0, (int fd, int operation), (fd, operation))
COUNTED(int, ioctl, 1, 0, (int fd, unsigned long request, void *arg), (fd, request, arg))
COUNTED(int, mmap, 1, 0,
	(void *hint, size_t length, int prot, int flags, int fd, uint64_t offset, void **out),
	(hint, length, prot, flags, fd, offset, out))
COUNTED(int, munmap, 1, 0, (void *addr, size_t length), (addr, length))
COUNTED(int, mremap, 1, 0,
	(void *old, size_t old_length, size_t new_length, int flags, void *to, void **out),
	(old, old_length, new_length, flags, to, out))
COUNTED(int, mprotect, 1, 0, (void *addr, size_t length, int prot), (addr, length, prot))
COUNTED(int, madvise, 1, 0, (void *addr, size_t length, int advice), (addr, length, advice))
COUNTED(int, memfd_create, 1, 0, (const char *name, unsigned flags), (name, flags))
COUNTED(int, huge_file, 7, 2, (void), ())
COUNTED(int, fallocate, 1, 0, (int fd, int mode, uint64_t offset, uint64_t length),
	(fd, mode, offset, length))
COUNTED(int, pipe, 1, 0, (int fds[2]), (fds))
COUNTED(ssize_t, vmsplice, 1, 0, (int fd, const struct iovec *iov, size_t count, unsigned flags),
	(fd, iov, count, flags))
COUNTED(int, io_uring_setup, 1, 0, (uint32_t entries, void *params), (entries, params))
COUNTED(int, io_uring_register, 1, 0, (int fd, unsigned opcode, void *arg, unsigned count),
	(fd, opcode, arg, count))
COUNTED(int, numa_prefer, 2, 0, (uint32_t node, struct os_numa *was), (node, was))
COUNTED(int, numa_restore, 1, 0, (const struct os_numa *was), (was))
COUNTED(int, page_nodes, 1, 0, (const void *const *pages, size_t count, int *nodes),
	(pages, count, nodes))
COUNTED(int, socket, 1, 1, (int domain, int type, int protocol), (domain, type, protocol))
COUNTED(int, setsockopt, 1, 0, (int fd, int level, int name, const void *value, size_t size),
	(fd, level, name, value, size))
COUNTED(int, getpid, 1, 0, (void), ())
COUNTED(int, kill, 1, 0, (int pid, int sig), (pid, sig))
COUNTED(int, capable, 1, 0, (unsigned cap), (cap))
COUNTED(int, io_flusher, 2, 0, (int on), (on)) /* what it was, and what it shall be */
COUNTED(int, kernel_version, 1, 0, (void), ())

/* What cannot be opened costs one call. */
static int count_list(int r)
{
	counted.calls += r < 0 ? 1 : 5;
	counted.opens++;
	return r;
}

static int counted_list(const char *path, os_list_fn *fn, void *user)
{
	return count_list(below->list(path, fn, user));
}

static int counted_list_directories(const char *path, os_list_fn *fn, void *user)
{
	return count_list(below->list_directories(path, fn, user));
}

#define OVER(name) calls.name = counted_##name

void counted_start(void)
{
	static struct os_calls calls;

	below = os;
	calls = *os;
	OVER(open), OVER(openat), OVER(close), OVER(read), OVER(pread), OVER(write), OVER(fstat);
	OVER(stat), OVER(lstat), OVER(lseek), OVER(ftruncate), OVER(fcntl), OVER(readlink);
	OVER(list), OVER(list_directories), OVER(mkdir), OVER(unlinkat), OVER(flock), OVER(ioctl);
	OVER(mmap), OVER(munmap), OVER(mremap), OVER(mprotect), OVER(madvise);
	OVER(memfd_create), OVER(huge_file), OVER(fallocate), OVER(pipe), OVER(vmsplice), OVER(io_uring_setup);
	OVER(io_uring_register), OVER(getpid), OVER(kill), OVER(capable), OVER(io_flusher);
	OVER(kernel_version);
	OVER(numa_prefer);
	OVER(socket);
	OVER(setsockopt);
	OVER(numa_restore);
	OVER(page_nodes);
	counted = (struct counted){ 0 };
	os = &calls;
}
