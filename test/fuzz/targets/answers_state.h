/* SPDX-License-Identifier: MIT */
/* What the kernel of answers.h knows, for its files. */
#ifndef FUZZ_ANSWERS_STATE_H
#define FUZZ_ANSWERS_STATE_H

#include "answers.h"

#define ANSWERS_NODES  512
#define ANSWERS_HASH   1021
#define ANSWERS_FDS    128
#define ANSWERS_MAPS   256
#define ANSWERS_ENV    16
#define ANSWERS_FAULTS 4
#define ANSWERS_FIRST  64          /* the lowest descriptor */
#define ANSWERS_FILE   (1u << 20)  /* the largest file */
#define ANSWERS_MEMORY (64u << 20) /* what can be mapped in one piece */
#define ANSWERS_FRAME  0x10000     /* the first of frames */

struct answers_node {
	struct answers_node *next;     /* of the same hash */
	struct answers_node *above;
	size_t length;
	uint8_t *data;
	size_t size;
	const struct answers_device *device;
	uint32_t mode, uid;
	unsigned folders;              /* below it */
	int locked;                    /* by that descriptor */
	bool gone;                     /* without a name */
	char path[1024];
};

struct answers_state {
	struct answers_node *hash[ANSWERS_HASH];
	struct answers_fd {
		bool open, dir;
		struct answers_node *node; /* NULL: none of a path */
		const struct answers_device *device;
		uint64_t offset, size;
	} fds[ANSWERS_FDS];
	struct {
		uintptr_t start;
		size_t length;
		struct answers_node *file; /* of which it is a shared mapping */
		uint64_t frame;            /* of its first page; 0: none */
	} maps[ANSWERS_MAPS];
	size_t map_count;
	struct { const char *name, *value; } env[ANSWERS_ENV];
	size_t env_count;
	struct { unsigned countdown; int errnum; } faults[ANSWERS_FAULTS];
	unsigned calls, last_fault;
	bool no_links, mad_fds, faulty, unprivileged, uring, frames, holds;
	void (*unmapping)(const void *addr, size_t length);
	int io_flusher;
	int kernel;
	uint64_t time;
	size_t node_count;
	struct answers_node nodes[ANSWERS_NODES]; /* the last: only node_count of them are anything */
};

extern struct answers_state a;
extern const struct os_calls answers_table;

struct answers_node *answers_find(const char *path, size_t length);
/* NULL as of answers_file(). */
struct answers_node *answers_make(const char *path, uint32_t mode);
/* false: too large */
bool answers_write(struct answers_node *node, const void *data, size_t size, uint64_t offset);

/* The plan of failing calls: a negative errno if this one is to fail. */
int answers_fault(void);
#define FAULT()                               \
	do {                                  \
		int fault_ = answers_fault(); \
		if (fault_)                   \
			return fault_;        \
	} while (0)

struct answers_fd *answers_fd_of(int fd);
/* -EMFILE */
int answers_open_fd(const struct answers_fd *like);

/* answers_names.c: its part of the table */
void answers_tell(const struct answers_node *node, struct os_stat *out);
int answers_open(const char *path, int flags, uint32_t mode);
int answers_openat(int dir, const char *name, int flags, uint32_t mode);
int answers_stat(const char *path, struct os_stat *out);
int answers_lstat(const char *path, struct os_stat *out);
ssize_t answers_readlink(const char *path, char *buf, size_t size);
int answers_list(const char *path, os_list_fn *fn, void *user);
int answers_list_directories(const char *path, os_list_fn *fn, void *user);
int answers_mkdir(const char *path, uint32_t mode);
int answers_unlinkat(int dir, const char *name);
#define ANSWERS_NAME_CALLS \
	.open = answers_open, .openat = answers_openat, .stat = answers_stat, \
	.lstat = answers_lstat, .readlink = answers_readlink, .list = answers_list, \
	.list_directories = answers_list_directories, .mkdir = answers_mkdir, \
	.unlinkat = answers_unlinkat

/* answers_process.c: its part of the table */
int answers_mmap(void *hint, size_t length, int prot, int flags, int number, uint64_t offset, void **out);
int answers_munmap(void *addr, size_t length);
int answers_mremap(void *old, size_t old_length, size_t new_length, int flags, void *to, void **out);
int answers_mprotect(void *addr, size_t length, int prot);
int answers_madvise(void *addr, size_t length, int advice);
int answers_memfd_create(const char *name, unsigned flags);
int answers_huge_file(void);
int answers_fallocate(int fd, int mode, uint64_t offset, uint64_t length);
int answers_eventfd(void);
int answers_wait_readable(int fd, int timeout_ms);
int answers_pipe(int fds[2]);
ssize_t answers_vmsplice(int fd, const struct iovec *iov, size_t count, unsigned flags);
int answers_io_uring_setup(uint32_t entries, void *params);
int answers_io_uring_register(int fd, unsigned opcode, void *arg, unsigned count);
int answers_socket(int domain, int type, int protocol);
int answers_setsockopt(int fd, int level, int name, const void *value, size_t size);
int answers_numa_prefer(uint32_t node, struct os_numa *was);
int answers_numa_restore(const struct os_numa *was);
int answers_page_nodes(const void *const *pages, size_t count, int *nodes);
int answers_getpid(void);
int answers_kill(int pid, int sig);
int answers_capable(unsigned cap);
int answers_io_flusher(int on);
const char *answers_getenv(const char *name);
size_t answers_page_size(void);
int answers_kernel_version(void);
uint64_t answers_now_us(void);
uint64_t answers_worked_us(void);
void answers_pause_ms(unsigned ms);
int answers_cache_clean(const void *addr, size_t length);
int answers_cache_flush(const void *addr, size_t length);
#define ANSWERS_PROCESS_CALLS  \
	.mmap = answers_mmap, .munmap = answers_munmap, .mremap = answers_mremap, \
	.mprotect = answers_mprotect, .madvise = answers_madvise, .memfd_create = answers_memfd_create, \
	.huge_file = answers_huge_file, .fallocate = answers_fallocate, .eventfd = answers_eventfd, \
	.wait_readable = answers_wait_readable, .pipe = answers_pipe, .vmsplice = answers_vmsplice, \
	.io_uring_setup = answers_io_uring_setup, .io_uring_register = answers_io_uring_register, \
	.socket = answers_socket, .setsockopt = answers_setsockopt, .numa_prefer = answers_numa_prefer, \
	.numa_restore = answers_numa_restore, .page_nodes = answers_page_nodes, .getpid = answers_getpid, \
	.kill = answers_kill, .capable = answers_capable, .io_flusher = answers_io_flusher, \
	.getenv = answers_getenv, .page_size = answers_page_size, \
	.kernel_version = answers_kernel_version, .now_us = answers_now_us, \
	.worked_us = answers_worked_us, .pause_ms = answers_pause_ms, .cache_clean = answers_cache_clean, \
	.cache_flush = answers_cache_flush

#endif
