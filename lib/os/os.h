/* SPDX-License-Identifier: MIT */
/*
 * The operating system, as a table of calls. Nothing above this layer makes a system call that
 * can fail in another way than through this table, so a test can play the kernel, count what is
 * open, and let call number N fail.
 *
 * Every call returns a result >= 0 or a negative errno; errno itself is not used. File
 * descriptors are close-on-exec, and never 0, 1 or 2. Offsets are 64 bits also in 32-bit programs.
 */
#ifndef OS_OS_H
#define OS_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

struct os_stat {
	uint32_t mode;       /* st_mode */
	uint32_t uid;
	uint32_t gid;
	uint32_t nlink;      /* 0: removed, but still open somewhere */
	uint64_t size;
	uint64_t rdev;       /* makedev() of a device node */
	uint64_t device;     /* st_dev and st_ino: which file it is, as long as somebody has it open */
	uint64_t inode;
	uint64_t changed;    /* st_ctime, in seconds */
};

/* A thread's NUMA policy, as get_mempolicy() tells it. */
#define OS_NODES_MAX 1024
struct os_numa {
	int mode;
	unsigned long nodes[OS_NODES_MAX / (8 * sizeof(unsigned long))];
};

/* Directory listing callback: non-zero ends the listing and becomes its result. */
typedef int os_list_fn(void *user, const char *name);

struct os_calls {
	/* files: flags are O_*; O_CLOEXEC is added */
	int (*open)(const char *path, int flags, uint32_t mode);
	int (*openat)(int dir, const char *name, int flags, uint32_t mode);
	int (*close)(int fd);
	ssize_t (*read)(int fd, void *buf, size_t count);
	ssize_t (*pread)(int fd, void *buf, size_t count, uint64_t offset);
	ssize_t (*write)(int fd, const void *buf, size_t count);
	ssize_t (*pwrite)(int fd, const void *buf, size_t count, uint64_t offset); /* of devices and sysfs */
	int (*fstat)(int fd, struct os_stat *out);
	int (*stat)(const char *path, struct os_stat *out);   /* follows links */
	int (*lstat)(const char *path, struct os_stat *out);  /* does not */
	int64_t (*lseek)(int fd, int64_t offset, int whence);
	int (*ftruncate)(int fd, uint64_t length);
	int (*fcntl)(int fd, int cmd, int arg);
	ssize_t (*readlink)(const char *path, char *buf, size_t size);
	int (*list)(const char *path, os_list_fn *fn, void *user); /* all names but . and .. */
	/* the same, without what the listing itself says is no directory: spares a look at each */
	int (*list_directories)(const char *path, os_list_fn *fn, void *user);
	int (*mkdir)(const char *path, uint32_t mode);
	int (*unlinkat)(int dir, const char *name);
	int (*flock)(int fd, int operation);

	/* devices; request is the plain number, arg a pointer or a value */
	int (*ioctl)(int fd, unsigned long request, void *arg);

	/* events: a descriptor that counts and does not block; 1 fd can be read, 0 not within timeout_ms (-1: for ever) */
	int (*eventfd)(void);
	int (*wait_readable)(int fd, int timeout_ms); /* -EINTR is told */

	/* memory; prot and flags as for mmap() */
	int (*mmap)(void *hint, size_t length, int prot, int flags, int fd, uint64_t offset,
		void **out);
	int (*munmap)(void *addr, size_t length);
	int (*mremap)(void *old, size_t old_length, size_t new_length, int flags, void *to,
		void **out);
	int (*mprotect)(void *addr, size_t length, int prot);
	int (*madvise)(void *addr, size_t length, int advice);
	int (*memfd_create)(const char *name, unsigned flags);
	/* A file without a name on a tmpfs in huge pages, which nobody else sees; -ENOSYS before Linux 5.2, -EPERM. */
	int (*huge_file)(void);
	int (*fallocate)(int fd, int mode, uint64_t offset, uint64_t length); /* -EINTR is told if mode is 0 */

	/* NUMA: from which node this thread's memory comes if there is enough; undone by numa_restore() */
	int (*numa_prefer)(uint32_t node, struct os_numa *was);
	int (*numa_restore)(const struct os_numa *was);
	/* The nodes of count mapped pages, or -errno of each. */
	int (*page_nodes)(const void *const *pages, size_t count, int *nodes);

	/* pinning */
	int (*pipe)(int fds[2]);
	ssize_t (*vmsplice)(int fd, const struct iovec *iov, size_t count, unsigned flags);
	int (*io_uring_setup)(uint32_t entries, void *params);
	int (*io_uring_register)(int fd, unsigned opcode, void *arg, unsigned count);
	int (*socket)(int domain, int type, int protocol);
	int (*setsockopt)(int fd, int level, int name, const void *value, size_t size);

	/* the process */
	int (*getpid)(void);
	int (*kill)(int pid, int sig);
	int (*capable)(unsigned cap);             /* 1 effective, 0 not */
	/*
	 * PR_SET_IO_FLUSHER, Linux 5.6: 1 means that memory which the kernel takes for this thread
	 * may cost no I/O, and so no compaction. What it was, or -EPERM without CAP_SYS_RESOURCE.
	 */
	int (*io_flusher)(int on);
	const char *(*getenv)(const char *name);  /* secure_getenv() */
	size_t (*page_size)(void);
	int (*kernel_version)(void);              /* major * 1000 + minor: 6012 is 6.12 */
	/* Microseconds: of a clock that nobody sets; that this thread has worked, the kernel for it too. */
	uint64_t (*now_us)(void);
	uint64_t (*worked_us)(void);
	void (*pause_ms)(unsigned ms);

	/*
	 * CPU cache: clean and invalidate [addr, addr + length) to the point where devices see
	 * it. 0 done; -EOPNOTSUPP this CPU does not let a program do that.
	 */
	int (*cache_clean)(const void *addr, size_t length);
	int (*cache_flush)(const void *addr, size_t length); /* clean, then invalidate */
};

/* The calls in use: os_linux, unless a test plays the kernel. Never NULL. */
extern const struct os_calls *os;
/* The real ones. */
extern const struct os_calls os_linux;

#endif
