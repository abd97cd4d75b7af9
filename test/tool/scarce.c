/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into physmem: the allocation number SCARCE_AT of the process fails, wherever it is made:
 * in the command, the library, json-c or libc; with SCARCE_ON all after it fail, too. At the end the file
 * SCARCE_FILE exists if there were as many.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

static long at, seen;
static int spared, on;

__attribute__((constructor)) static void begin(void)
{
	const char *text = getenv("SCARCE_AT");

	seen = 0;
	at = text ? atol(text) : 0;
	on = getenv("SCARCE_ON") != NULL;
}

static int fails(void)
{
	int fd;

	if (!at || spared || ++seen < at || (seen > at && !on))
		return 0;
	if (seen == at) {
		fd = open(getenv("SCARCE_FILE"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
		if (fd >= 0)
			(void)close(fd);
	}
	errno = ENOMEM;
	return 1;
}

#pragma GCC visibility push(default)

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	return fails() ? NULL : __libc_realloc(old, size);
}

/* glibc 2.36 crashes here for itself (nss_database_check_reload_and_get, local is NULL). */
struct passwd *getpwuid(uid_t uid)
{
	struct passwd *(*next)(uid_t);
	struct passwd *found;
	void *symbol;

	spared = 1;
	symbol = dlsym(RTLD_NEXT, "getpwuid");
	memcpy(&next, &symbol, sizeof(next));
	found = next(uid);
	spared = 0;
	return found;
}

struct group *getgrgid(gid_t gid)
{
	struct group *(*next)(gid_t);
	struct group *found;
	void *symbol;

	spared = 1;
	symbol = dlsym(RTLD_NEXT, "getgrgid");
	memcpy(&next, &symbol, sizeof(next));
	found = next(gid);
	spared = 0;
	return found;
}

#pragma GCC visibility pop
