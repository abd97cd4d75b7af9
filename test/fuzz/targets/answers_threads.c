/* SPDX-License-Identifier: MIT */
/*
 * The same machine for several threads: one call at a time. Between two calls they run as they do, so that races of the
 * library are seen where it makes none. A call may call the library back (list), which calls again: the lock counts.
 */
#include <pthread.h>

#include "answers_state.h"

static pthread_mutex_t turn;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make(void)
{
	pthread_mutexattr_t attr;

	MUST(pthread_mutexattr_init(&attr) == 0 && pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE) == 0);
	MUST(pthread_mutex_init(&turn, &attr) == 0 && pthread_mutexattr_destroy(&attr) == 0);
}

void answers_lock(void)
{
	pthread_mutex_lock(&turn);
}

void answers_unlock(void)
{
	pthread_mutex_unlock(&turn);
}

/* Each call of answers_table, in its turn. */
#define CALLS(X)                                                                                                    \
	X(int, open, (const char *path, int flags, uint32_t mode), (path, flags, mode))                             \
	X(int, openat, (int dir, const char *name, int flags, uint32_t mode), (dir, name, flags, mode))             \
	X(int, close, (int fd), (fd))                                                                               \
	X(ssize_t, read, (int fd, void *buf, size_t count), (fd, buf, count))                                       \
	X(ssize_t, pread, (int fd, void *buf, size_t count, uint64_t offset), (fd, buf, count, offset))             \
	X(ssize_t, write, (int fd, const void *buf, size_t count), (fd, buf, count))                                \
	X(ssize_t, pwrite, (int fd, const void *buf, size_t count, uint64_t offset), (fd, buf, count, offset))      \
	X(int, fstat, (int fd, struct os_stat *out), (fd, out))                                                     \
	X(int, stat, (const char *path, struct os_stat *out), (path, out))                                          \
	X(int, lstat, (const char *path, struct os_stat *out), (path, out))                                         \
	X(int64_t, lseek, (int fd, int64_t offset, int whence), (fd, offset, whence))                               \
	X(int, ftruncate, (int fd, uint64_t length), (fd, length))                                                  \
	X(int, fcntl, (int fd, int cmd, int arg), (fd, cmd, arg))                                                   \
	X(ssize_t, readlink, (const char *path, char *buf, size_t size), (path, buf, size))                         \
	X(int, list, (const char *path, os_list_fn *fn, void *user), (path, fn, user))                              \
	X(int, list_directories, (const char *path, os_list_fn *fn, void *user), (path, fn, user))                  \
	X(int, mkdir, (const char *path, uint32_t mode), (path, mode))                                              \
	X(int, unlinkat, (int dir, const char *name), (dir, name))                                                  \
	X(int, flock, (int fd, int operation), (fd, operation))                                                     \
	X(int, ioctl, (int fd, unsigned long request, void *arg), (fd, request, arg))                               \
	X(int, eventfd, (void), ())                                                                                 \
	X(int, wait_readable, (int fd, int timeout_ms), (fd, timeout_ms))                                           \
	X(int, mmap, (void *hint, size_t length, int prot, int flags, int fd, uint64_t offset, void **out),         \
		(hint, length, prot, flags, fd, offset, out))                                                       \
	X(int, munmap, (void *addr, size_t length), (addr, length))                                                 \
	X(int, mremap, (void *old, size_t old_length, size_t new_length, int flags, void *to, void **out),          \
		(old, old_length, new_length, flags, to, out))                                                      \
	X(int, mprotect, (void *addr, size_t length, int prot), (addr, length, prot))                               \
	X(int, madvise, (void *addr, size_t length, int advice), (addr, length, advice))                            \
	X(int, memfd_create, (const char *name, unsigned flags), (name, flags))                                     \
	X(int, huge_file, (void), ())                                                                               \
	X(int, fallocate, (int fd, int mode, uint64_t offset, uint64_t length), (fd, mode, offset, length))         \
	X(int, numa_prefer, (uint32_t node, struct os_numa *was), (node, was))                                      \
	X(int, numa_restore, (const struct os_numa *was), (was))                                                    \
	X(int, page_nodes, (const void *const *pages, size_t count, int *nodes), (pages, count, nodes))             \
	X(int, pipe, (int fds[2]), (fds))                                                                           \
	X(ssize_t, vmsplice, (int fd, const struct iovec *iov, size_t count, unsigned flags),                       \
		(fd, iov, count, flags))                                                                            \
	X(int, io_uring_setup, (uint32_t entries, void *params), (entries, params))                                 \
	X(int, io_uring_register, (int fd, unsigned opcode, void *arg, unsigned count), (fd, opcode, arg, count))   \
	X(int, socket, (int domain, int type, int protocol), (domain, type, protocol))                              \
	X(int, setsockopt, (int fd, int level, int name, const void *value, size_t size),                           \
		(fd, level, name, value, size))                                                                     \
	X(int, kill, (int pid, int sig), (pid, sig))                                                                \
	X(int, capable, (unsigned cap), (cap))                                                                      \
	X(int, io_flusher, (int on), (on))                                                                          \
	X(const char *, getenv, (const char *name), (name))                                                         \
	X(int, kernel_version, (void), ())                                                                          \
	X(uint64_t, now_us, (void), ())                                                                             \
	X(uint64_t, worked_us, (void), ())                                                                          \
	X(int, cache_clean, (const void *addr, size_t length), (addr, length))                                      \
	X(int, cache_flush, (const void *addr, size_t length), (addr, length))

#define IN_TURN(type, name, parameters, arguments)        \
	static type turn_##name parameters                \
	{                                                 \
		type result;                              \
                                                          \
		answers_lock();                           \
		result = answers_table.name arguments;    \
		answers_unlock();                         \
		return result;                            \
	}
CALLS(IN_TURN)

static void turn_pause_ms(unsigned ms)
{
	answers_lock();
	answers_table.pause_ms(ms);
	answers_unlock();
}

#define ENTRY(type, name, parameters, arguments) .name = turn_##name,

static const struct os_calls calls = { CALLS(ENTRY) .pause_ms = turn_pause_ms, .getpid = answers_getpid,
	.page_size = answers_page_size };

void answers_threads(void)
{
	pthread_once(&once, make);
	os = &calls;
}
