/* SPDX-License-Identifier: MIT */
#include "soc/iommu.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/file.h"
#include "os/os.h"

#define GROUPS "/sys/kernel/iommu_groups"

static int translates(void *user, const char *group)
{
	const char *root = user;
	char path[PATH_MAX];
	char *type;
	size_t size;
	int r;

	if (snprintf(path, sizeof(path), GROUPS "/%s/type", group) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	r = file_read(root, path, 4096, &type, &size);
	if (r < 0)
		return r == -ENOENT || r == -EACCES ? 1 : r; /* it does not say that it does not */
	r = strncmp(type, "identity", 8) != 0;
	free(type);
	return r;
}

int iommu_translates(const char *root)
{
	char path[PATH_MAX], copy[PATH_MAX];
	struct os_stat st;
	int r = file_path(path, root, GROUPS);

	if (r == 0)
		r = os->stat(path, &st);
	/* A folder has a link from each in it, in sysfs (fs/kernfs/inode.c), and 2 are its own. */
	if (r == 0 && st.nlink == 2)
		return 0;
	if (r == 0)
		r = file_path(copy, root, "");
	if (r == 0)
		r = os->list(path, translates, copy);
	return r == -ENOENT || r == -ENOTDIR ? 0 : r;
}
