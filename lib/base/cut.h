/* SPDX-License-Identifier: MIT */
/* What does not fit is not cut silently: the end says that there was more. */
#ifndef BASE_CUT_H
#define BASE_CUT_H

#include <stddef.h>
#include <string.h>

/* length: what strlcpy() or snprintf() returned for text, which has room for size bytes. */
static inline void cut_mark(char *text, size_t size, size_t length)
{
	if (length >= size && size >= sizeof("..."))
		memcpy(text + size - sizeof("..."), "...", sizeof("..."));
}

#endif
