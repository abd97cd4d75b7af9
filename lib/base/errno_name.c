/* SPDX-License-Identifier: MIT */
#include "base/errno_name.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *number(int errnum, char *buffer)
{
	snprintf(buffer, ERRNO_NAME_SIZE, "errno %d", errnum);
	return buffer;
}

/* glibc has both since 2.32; musl and Bionic have neither, and their strerror() may translate. */
#ifdef PMEM_HAVE_ERRNO_NAMES

const char *errno_name(int errnum, char buffer[ERRNO_NAME_SIZE])
{
	const char *name = strerrorname_np(errnum);

	return name ? name : number(errnum, buffer);
}

const char *errno_words(int errnum, char buffer[ERRNO_NAME_SIZE])
{
	const char *words = strerrordesc_np(errnum);

	return words ? words : number(errnum, buffer);
}

#else

/* What the calls of lib/os can return, and what they refuse by. Arrays, so that nothing is relocated. */
#define NAME(errnum) { errnum, #errnum }
static const struct {
	int errnum;
	char name[sizeof("ENAMETOOLONG")];
} names[] = {
	NAME(EPERM), NAME(ENOENT), NAME(ESRCH), NAME(EINTR), NAME(EIO), NAME(ENXIO), NAME(E2BIG),
	NAME(ENOEXEC), NAME(EBADF), NAME(ECHILD), NAME(EAGAIN), NAME(ENOMEM), NAME(EACCES),
	NAME(EFAULT), NAME(EBUSY), NAME(EEXIST), NAME(EXDEV), NAME(ENODEV), NAME(ENOTDIR),
	NAME(EISDIR), NAME(EINVAL), NAME(ENFILE), NAME(EMFILE), NAME(ENOTTY), NAME(ETXTBSY),
	NAME(EFBIG), NAME(ENOSPC), NAME(ESPIPE), NAME(EROFS), NAME(EMLINK), NAME(EPIPE),
	NAME(EDOM), NAME(ERANGE), NAME(EDEADLK), NAME(ENAMETOOLONG), NAME(ENOLCK), NAME(ENOSYS),
	NAME(ENOTEMPTY), NAME(ELOOP), NAME(ENODATA), NAME(ETIME), NAME(EPROTO), NAME(EBADMSG),
	NAME(EOVERFLOW), NAME(EILSEQ), NAME(EUSERS), NAME(EOPNOTSUPP), NAME(ECONNREFUSED),
	NAME(ENOTCONN), NAME(ETIMEDOUT), NAME(EALREADY), NAME(EINPROGRESS), NAME(ESTALE),
	NAME(EREMOTEIO), NAME(EDQUOT), NAME(ECANCELED), NAME(EHWPOISON),
};

const char *errno_name(int errnum, char buffer[ERRNO_NAME_SIZE])
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (names[i].errnum == errnum)
			return names[i].name;
	}
	return number(errnum, buffer);
}

const char *errno_words(int errnum, char buffer[ERRNO_NAME_SIZE])
{
	return errno_name(errnum, buffer);
}

#endif
