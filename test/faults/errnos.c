/* SPDX-License-Identifier: MIT */
#include "errnos.h"

#include <check.h>
#include <errno.h>
#include <string.h>

#define LIST(...) (const int[]) { __VA_ARGS__, 0 }

enum { MAY_STOP = 1, MAY_BE_SHORT = 2 };

static const struct entry {
	const char *call;
	const int *errnos;
	unsigned what;
} entries[] = {
	{ "open", LIST(EACCES, EPERM, ENOENT, EMFILE, ENFILE, ENODEV, ENXIO, EBUSY, ENOMEM), 0 },
	{ "openat", LIST(EACCES, ENOENT, EMFILE, ENFILE, EEXIST, ENOSPC, EROFS), 0 },
	{ "close", LIST(EIO, EINTR), 0 }, /* closed all the same */
	{ "read", LIST(EIO, EINVAL, ENODEV), MAY_BE_SHORT },
	{ "pread", LIST(EIO, ESRCH, EPERM), MAY_BE_SHORT },
	{ "write", LIST(EIO, ENOSPC, EINVAL, EBUSY), MAY_BE_SHORT },
	{ "pwrite", LIST(EIO, ENODEV, EPERM, EINVAL), MAY_BE_SHORT },
	{ "fstat", LIST(EIO, EACCES, ENOMEM), 0 },
	{ "stat", LIST(ENOENT, EACCES, ENOMEM), 0 },
	{ "lstat", LIST(ENOENT, EACCES, ENOMEM), 0 },
	{ "lseek", LIST(EINVAL, ESPIPE), 0 },
	{ "ftruncate", LIST(ENOSPC, EFBIG, EPERM, ENOMEM), 0 },
	{ "fcntl", LIST(EMFILE, EINVAL, EBADF, ENOLCK), 0 },
	{ "readlink", LIST(ENOENT, EACCES, EINVAL), 0 },
	{ "list", LIST(ENOENT, EACCES, EMFILE, ENFILE, ENOMEM), 0 },
	{ "list_directories", LIST(ENOENT, EACCES, EMFILE, ENFILE, ENOMEM), 0 },
	{ "mkdir", LIST(EEXIST, EACCES, EROFS, ENOSPC), 0 },
	{ "unlinkat", LIST(ENOENT, EACCES, EROFS), 0 },
	{ "flock", LIST(EWOULDBLOCK, ENOLCK), 0 },
	{ "ioctl", LIST(ENOTTY, EINVAL, ENOMEM, EBUSY, EFAULT, EIO, EPERM, EMFILE, ENODEV, ETIMEDOUT), MAY_STOP },
	{ "eventfd", LIST(EMFILE, ENFILE, ENOMEM), 0 },
	{ "wait_readable", LIST(ENOMEM), MAY_STOP },
	{ "mmap", LIST(ENOMEM, EAGAIN, EPERM, EINVAL, ENODEV, EACCES), 0 },
	{ "munmap", LIST(ENOMEM, EINVAL), 0 },
	{ "mremap", LIST(ENOMEM, EAGAIN, EFAULT), 0 },
	{ "mprotect", LIST(ENOMEM, EACCES), 0 },
	{ "madvise", LIST(EINVAL, ENOMEM, EAGAIN, EIO, EPERM), 0 },
	{ "memfd_create", LIST(EMFILE, ENFILE, ENOMEM, ENOSYS), 0 },
	{ "huge_file", LIST(ENOSYS, EPERM, EMFILE), 0 },
	{ "fallocate", LIST(ENOSPC, ENOMEM, EOPNOTSUPP), MAY_STOP },
	{ "pipe", LIST(EMFILE, ENFILE), 0 },
	{ "vmsplice", LIST(ENOMEM, EAGAIN, EFAULT), 0 },
	{ "io_uring_setup", LIST(ENOSYS, EPERM, ENOMEM, EMFILE, ENFILE), 0 },
	{ "io_uring_register", LIST(ENOMEM, EFAULT, EBUSY, EOPNOTSUPP, EINVAL), 0 },
	{ "socket", LIST(EPERM, EMFILE, ENFILE, EAFNOSUPPORT), 0 },
	{ "setsockopt", LIST(ENOMEM, EPERM, ENOPROTOOPT), 0 },
	{ "numa_prefer", LIST(ENOSYS, EPERM, EINVAL), 0 },
	{ "numa_restore", LIST(EINVAL, ENOMEM), 0 },
	{ "page_nodes", LIST(ENOSYS, EPERM), 0 },
	{ "capable", LIST(EPERM), 0 },
	{ "io_flusher", LIST(EPERM, EINVAL), 0 },
	{ "kernel_version", LIST(EIO), 0 },
	{ "cache_clean", LIST(EOPNOTSUPP), 0 },
	{ "cache_flush", LIST(EOPNOTSUPP), 0 },
};

static const struct entry *entry_of(const char *call)
{
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		if (strcmp(entries[i].call, call) == 0)
			return &entries[i];
	}
	ck_abort_msg("what %s may say is not known here", call);
}

const int *errnos_of(const char *call)
{
	return entry_of(call)->errnos;
}

/* Who is interrupted may ask again for ever, and rightly so: that is no failure that lasts. */
int errno_lasting(const char *call, size_t n)
{
	const int *errnos = errnos_of(call);
	size_t count = 0, kept = 0;

	for (; errnos[count]; count++)
		kept += errnos[count] != EINTR;
	n %= kept;
	for (size_t i = 0; i < count; i++) {
		if (errnos[i] != EINTR && n-- == 0)
			return errnos[i];
	}
	ck_abort_msg("%s never fails for good", call);
}

bool errnos_interrupted(const char *call)
{
	return entry_of(call)->what & MAY_STOP;
}

bool errnos_short(const char *call)
{
	return entry_of(call)->what & MAY_BE_SHORT;
}
