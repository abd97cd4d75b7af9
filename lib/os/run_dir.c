/* SPDX-License-Identifier: MIT */
#include "os/run_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include <bsd/string.h>

#include "os/file.h"
#include "os/os.h"

#define FOLDER "/run/libpmem"

int run_dir_owner(uint32_t *uid)
{
	struct os_stat st;
	int fd = os->memfd_create("libpmem", 0);
	int r;

	if (fd < 0)
		return fd;
	r = os->fstat(fd, &st);
	os->close(fd);
	if (r == 0)
		*uid = st.uid;
	return r;
}

bool run_dir_path(const char *root, const char *set, unsigned i, char *out)
{
	const char *user = os->getenv("XDG_RUNTIME_DIR");
	char path[PATH_MAX];

	if (set)
		return i == 0 && strlcpy(out, set, PATH_MAX) < PATH_MAX;
	if (i == 0)
		return file_path(out, root, FOLDER) == 0;
	if (i > 1 || !user || *user != '/')
		return false;
	return (size_t)snprintf(path, sizeof(path), "%s/libpmem", user) < sizeof(path) &&
		file_path(out, root, path) == 0;
}

int run_dir_open(const char *path)
{
	int fd = os->open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK, 0);
	struct os_stat st;
	uint32_t self;
	int r;

	if (fd < 0)
		return fd;
	r = os->fstat(fd, &st);
	if (r == 0 && ((st.mode & (S_IWGRP | S_IWOTH)) ||
			(st.uid != 0 && (run_dir_owner(&self) < 0 || st.uid != self))))
		r = -EACCES;
	if (r == 0)
		return fd;
	os->close(fd);
	return r;
}
