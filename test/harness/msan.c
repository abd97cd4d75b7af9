/* SPDX-License-Identifier: MIT */
/*
 * For the preset "msan" only. The memory sanitizer knows what is written by code that was compiled for it, and by
 * functions of the C library that it has interceptors for. What libcheck, libbsd and the stat family write would be
 * "uninitialized" to it, so the linker leads calls of those here (--wrap, PmemCheck.cmake).
 */
#include <sanitizer/msan_interface.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include <bsd/string.h>
#include <bsd/stringlist.h>

#define WRAP(type, name, ...)         \
	type __real_##name(__VA_ARGS__); \
	type __wrap_##name(__VA_ARGS__); \
	type __wrap_##name(__VA_ARGS__)

/* libcheck's memory: it is written by libcheck, and sent to its parent. */
WRAP(void *, emalloc, size_t size)
{
	void *made = __real_emalloc(size);

	__msan_unpoison(made, size);
	return made;
}

WRAP(void *, erealloc, void *old, size_t size)
{
	void *made = __real_erealloc(old, size);

	__msan_unpoison(made, size);
	return made;
}

WRAP(size_t, strlcpy, char *to, const char *from, size_t size)
{
	size_t length = __real_strlcpy(to, from, size);

	if (size)
		__msan_unpoison_string(to);
	return length;
}

WRAP(size_t, strlcat, char *to, const char *from, size_t size)
{
	size_t length = __real_strlcat(to, from, size);

	if (size)
		__msan_unpoison_string(to);
	return length;
}

WRAP(StringList *, sl_init, void)
{
	StringList *list = __real_sl_init();

	if (list)
		__msan_unpoison(list, sizeof(*list));
	return list;
}

WRAP(int, sl_add, StringList *list, char *text)
{
	int r = __real_sl_add(list, text);

	__msan_unpoison(list, sizeof(*list));
	__msan_unpoison(list->sl_str, list->sl_cur * sizeof(list->sl_str[0]));
	return r;
}

#define WRAP_STAT(name, type, what)                     \
	WRAP(int, name, type what, struct stat *out)       \
	{                                               \
		int r = __real_##name(what, out);       \
							\
		if (r == 0)                             \
			__msan_unpoison(out, sizeof(*out)); \
		return r;                               \
	}

WRAP_STAT(fstat64, int, fd)
WRAP_STAT(stat64, const char *, path)
WRAP_STAT(lstat64, const char *, path)
