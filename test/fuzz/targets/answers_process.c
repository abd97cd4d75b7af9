/* SPDX-License-Identifier: MIT */
/* Its calls for memory, and what it says of the process. */
#include <errno.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "answers_state.h"

static void note_map(const void *at, size_t length, struct answers_node *file, uint64_t frame)
{
	MUST(a.map_count < ANSWERS_MAPS);
	a.maps[a.map_count].start = (uintptr_t)at;
	a.maps[a.map_count].length = length;
	a.maps[a.map_count].frame = frame;
	a.maps[a.map_count++].file = file;
}

/* The lowest that no mapping has, so that those of a mapping that went come again soon. */
static uint64_t free_frames(size_t length)
{
	uint64_t at = ANSWERS_FRAME;

	for (size_t i = 0; a.frames && i < a.map_count; i++) {
		uint64_t end = a.maps[i].frame + (a.maps[i].length + 4095) / 4096;

		if (a.maps[i].frame >= at + (length + 4095) / 4096 || at >= end)
			continue;
		at = (end + 15) & ~(uint64_t)15;
		i = (size_t)-1;
	}
	return a.frames ? at : 0;
}

uint64_t answers_frame(uintptr_t addr)
{
	for (size_t i = 0; i < a.map_count; i++) {
		if (addr >= a.maps[i].start && addr - a.maps[i].start < a.maps[i].length)
			return a.maps[i].frame + (addr - a.maps[i].start) / 4096;
	}
	return 0;
}

/* How much of the range was mapped. */
static size_t forget_map(const void *at, size_t length)
{
	uintptr_t start = (uintptr_t)at, end = start + length;
	size_t bytes = 0;

	for (size_t i = a.map_count; i-- > 0;) {
		uintptr_t first = a.maps[i].start, last = first + a.maps[i].length;
		struct answers_node *file = a.maps[i].file;
		uint64_t frame = a.maps[i].frame;

		if (last <= start || end <= first)
			continue;
		if (file)
			answers_write(file, (const void *)first, a.maps[i].length < file->size ?
				a.maps[i].length : file->size, 0);
		a.maps[i] = a.maps[--a.map_count];
		bytes += (last < end ? last : end) - (first > start ? first : start);
		if (first < start)
			note_map((const void *)first, start - first, NULL, frame);
		if (end < last)
			note_map((const void *)end, last - end, NULL, frame + (end - first) / 4096);
	}
	return bytes;
}

int answers_mmap(void *hint, size_t length, int prot, int flags, int number, uint64_t offset, void **out)
{
	struct answers_fd *fd = answers_fd_of(number);
	struct answers_node *file = NULL;
	int r;

	FAULT();
	if (!(flags & MAP_ANONYMOUS) && !fd)
		return -EBADF;
	if (length == 0 || offset % 4096)
		return -EINVAL;
	if (length > ANSWERS_MEMORY || a.map_count + 4 > ANSWERS_MAPS)
		return -ENOMEM;
	if (fd && !(flags & MAP_ANONYMOUS) && fd->device && fd->device->mmap) {
		r = fd->device->mmap(number, length, offset);
		if (r < 0)
			return r;
	}
	r = os_linux.mmap(hint, length, prot | (fd ? PROT_WRITE : 0),
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)), -1, 0, out);
	if (r < 0)
		return r;
	if (fd && fd->node && S_ISREG(fd->node->mode)) {
		size_t n = fd->node->size < length ? fd->node->size : length;

		file = flags & MAP_SHARED ? fd->node : NULL;
		if (n)
			memcpy(*out, fd->node->data, n);
	}
	if (flags & MAP_FIXED)
		forget_map(*out, length);
	note_map(*out, length, file, free_frames(length));
	return 0;
}

/* Unmapped also if it fails, as in test/fake. */
int answers_munmap(void *addr, size_t length)
{
	int failing = answers_fault();

	MUST((uintptr_t)addr % 4096 == 0 && length);
	length = (length + 4095) & ~(size_t)4095;
	if (a.unmapping)
		a.unmapping(addr, length);
	forget_map(addr, length);
	MUST(os_linux.munmap(addr, length) == 0);
	return failing;
}

int answers_mremap(void *old, size_t old_length, size_t new_length, int flags, void *to, void **out)
{
	uint64_t frame = answers_frame((uintptr_t)old);
	int r;

	FAULT();
	r = os_linux.mremap(old, old_length, new_length, flags, to, out);
	if (r < 0)
		return r;
	forget_map(old, old_length);
	forget_map(*out, new_length);
	note_map(*out, new_length, NULL, frame);
	return 0;
}

int answers_mprotect(void *addr, size_t length, int prot)
{
	(void)addr, (void)length, (void)prot;
	FAULT();
	return 0;
}

int answers_madvise(void *addr, size_t length, int advice)
{
	(void)addr, (void)length, (void)advice;
	FAULT();
	return 0;
}

int answers_memfd_create(const char *name, unsigned flags)
{
	(void)name, (void)flags;
	FAULT();
	return answers_fd(NULL);
}

int answers_huge_file(void)
{
	FAULT();
	return -ENOSYS;
}

int answers_fallocate(int fd, int mode, uint64_t offset, uint64_t length)
{
	(void)mode, (void)offset, (void)length;
	FAULT();
	return answers_fd_of(fd) ? 0 : -EBADF;
}

int answers_eventfd(void)
{
	FAULT();
	return answers_fd(NULL);
}

int answers_wait_readable(int fd, int timeout_ms)
{
	(void)fd, (void)timeout_ms;
	FAULT();
	return 0;
}

int answers_pipe(int fds[2])
{
	int r;

	FAULT();
	fds[0] = answers_fd(NULL);
	if (fds[0] < 0)
		return fds[0];
	fds[1] = answers_fd(NULL);
	if (fds[1] >= 0)
		return 0;
	r = fds[1];
	answers_table.close(fds[0]);
	return r;
}

ssize_t answers_vmsplice(int fd, const struct iovec *iov, size_t count, unsigned flags)
{
	size_t bytes = 0;

	(void)fd, (void)flags;
	FAULT();
	for (size_t i = 0; i < count; i++)
		bytes += iov[i].iov_len;
	return (ssize_t)bytes;
}

int answers_io_uring_setup(uint32_t entries, void *params)
{
	(void)entries, (void)params;
	FAULT();
	return a.uring ? answers_fd(NULL) : -ENOSYS;
}

int answers_io_uring_register(int fd, unsigned opcode, void *arg, unsigned count)
{
	(void)fd, (void)opcode, (void)arg, (void)count;
	FAULT();
	return a.uring ? 0 : -EINVAL;
}

int answers_socket(int domain, int type, int protocol)
{
	(void)domain, (void)type, (void)protocol;
	FAULT();
	return -EPERM;
}

int answers_setsockopt(int fd, int level, int name, const void *value, size_t size)
{
	(void)fd, (void)level, (void)name, (void)value, (void)size;
	FAULT();
	return -EPERM;
}

int answers_numa_prefer(uint32_t node, struct os_numa *was)
{
	(void)node;
	FAULT();
	*was = (struct os_numa){ .mode = 0 };
	return 0;
}

int answers_numa_restore(const struct os_numa *was)
{
	(void)was;
	FAULT();
	return 0;
}

int answers_page_nodes(const void *const *pages, size_t count, int *nodes)
{
	(void)pages;
	FAULT();
	memset(nodes, 0, count * sizeof(*nodes));
	return 0;
}

int answers_getpid(void)
{
	return ANSWERS_PID;
}

/* Nobody else lives here. */
int answers_kill(int pid, int sig)
{
	(void)sig;
	return pid == ANSWERS_PID ? 0 : -ESRCH;
}

int answers_capable(unsigned cap)
{
	(void)cap;
	FAULT();
	return !a.unprivileged;
}

int answers_io_flusher(int on)
{
	int was = a.io_flusher;

	if (a.unprivileged)
		return -EPERM;
	if (on) /* it can always be taken back */
		FAULT();
	a.io_flusher = on;
	return was;
}

const char *answers_getenv(const char *name)
{
	for (size_t i = a.env_count; i-- > 0;) {
		if (strcmp(a.env[i].name, name) == 0)
			return a.env[i].value;
	}
	return NULL;
}

size_t answers_page_size(void)
{
	return 4096;
}

int answers_kernel_version(void)
{
	FAULT();
	return a.kernel;
}

uint64_t answers_now_us(void)
{
	return a.time += 100;
}

uint64_t answers_worked_us(void)
{
	return a.time += 100;
}

void answers_pause_ms(unsigned ms)
{
	a.time += 1000ull * ms;
}

int answers_cache_clean(const void *addr, size_t length)
{
	(void)addr, (void)length;
	FAULT();
	return 0;
}

int answers_cache_flush(const void *addr, size_t length)
{
	(void)addr, (void)length;
	FAULT();
	return 0;
}

/* In place of the C library's: nobody has to be waited for here, and what is asked again and again is answered at once. */
int sched_yield(void)
{
	return 0;
}
