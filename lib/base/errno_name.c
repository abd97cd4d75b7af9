/* SPDX-License-Identifier: MIT */
#include "base/errno_name.h"

#include <stdio.h>
#include <string.h>

static const char *number(int errnum, char *buffer)
{
	snprintf(buffer, ERRNO_NAME_SIZE, "errno %d", errnum);
	return buffer;
}

/* glibc has both since 2.32; musl has neither. */
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

const char *errno_name(int errnum, char buffer[ERRNO_NAME_SIZE])
{
	return number(errnum, buffer);
}

const char *errno_words(int errnum, char buffer[ERRNO_NAME_SIZE])
{
	return number(errnum, buffer);
}

#endif
