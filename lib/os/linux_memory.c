/* SPDX-License-Identifier: MIT */
#include "os/linux_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

#define RESULT(r) ((r) < 0 ? -errno : (r))

int memory_mmap(void *hint, size_t length, int prot, int flags, int fd, uint64_t offset,
	void **out)
{
	void *p = mmap(hint, length, prot, flags, fd, (off_t)offset);

	if (p == MAP_FAILED)
		return -errno;
	*out = p;
	return 0;
}

int memory_munmap(void *addr, size_t length)
{
	int r = munmap(addr, length);

	return RESULT(r);
}

int memory_mremap(void *old, size_t old_length, size_t new_length, int flags, void *to,
	void **out)
{
	void *p = mremap(old, old_length, new_length, flags, to);

	if (p == MAP_FAILED)
		return -errno;
	*out = p;
	return 0;
}

int memory_mprotect(void *addr, size_t length, int prot)
{
	int r = mprotect(addr, length, prot);

	return RESULT(r);
}

int memory_madvise(void *addr, size_t length, int advice)
{
	int r = madvise(addr, length, advice);

	return RESULT(r);
}

ssize_t memory_vmsplice(int fd, const struct iovec *iov, size_t count, unsigned flags)
{
	ssize_t r = vmsplice(fd, iov, count, flags);

	return RESULT(r);
}
