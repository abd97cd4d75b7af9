/* SPDX-License-Identifier: MIT */
#include "soc/iommu.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "os/file.h"
#include "os/os.h"

#define GROUPS "/sys/kernel/iommu_groups"

/* Is that the first line of a file of the group? 1, 0 (also if it is not there) or -errno */
static int says(const char *root, const char *group, const char *file, const char *line)
{
	char path[PATH_MAX];
	char *text;
	size_t size;
	int r;

	if (snprintf(path, sizeof(path), GROUPS "/%s/%s", group, file) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	r = file_read(root, path, 4096, &text, &size);
	if (r < 0)
		return r == -ENOENT || r == -EACCES ? 0 : r;
	text[strcspn(text, "\n")] = '\0';
	r = strcmp(text, line) == 0;
	free(text);
	return r;
}

int iommu_group_translates(const char *root, const char *group)
{
	/* A file that is not there does not say that it does not. */
	int r = says(root, group, "type", "identity");

	if (r)
		return r < 0 ? r : 0;
	r = says(root, group, "type", "unknown");
	if (r == 1) /* drivers/vfio/group.c, vfio_noiommu_group_alloc() */
		r = says(root, group, "name", "vfio-noiommu");
	return r < 0 ? r : !r;
}

static int translates(void *user, const char *group)
{
	return iommu_group_translates(user, group);
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

/* The last component of what the link folder/name says. -ENOENT there is no such link. */
static int link_name(const char *root, const char *folder, const char *name, char out[PATH_MAX])
{
	char link[PATH_MAX], target[PATH_MAX];
	const char *last;
	int r;

	if (snprintf(link, sizeof(link), "%s/%s", folder, name) >= (int)sizeof(link))
		return -ENAMETOOLONG;
	r = file_link(root, link, target);
	if (r < 0)
		return r;
	last = strrchr(target, '/');
	strlcpy(out, last ? last + 1 : target, PATH_MAX);
	return 0;
}

/* Of a group's folder of devices, whose entries are links to them. */
static int driven_by_vfio(void *user, const char *device)
{
	char path[PATH_MAX], driver[PATH_MAX];
	int r;

	if (snprintf(path, sizeof(path), "%s/%s", (const char *)user, device) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	r = link_name("", path, "driver", driver);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	return strncmp(driver, "vfio", 4) == 0;
}

int iommu_of_device(const char *root, const char *device)
{
	char path[PATH_MAX], devices[PATH_MAX], group[PATH_MAX];
	int r = link_name(root, device, "iommu_group", group);

	if (r == 0)
		r = iommu_group_translates(root, group);
	if (r)
		return r;
	r = says(root, group, "name", "vfio-noiommu");
	if (r)
		return r < 0 ? r : 0;
	if (snprintf(path, sizeof(path), GROUPS "/%s/devices", group) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	r = file_path(devices, root, path);
	if (r == 0)
		r = os->list(devices, driven_by_vfio, devices);
	return r == -ENOENT || r == -ENOTDIR ? 0 : r;
}

static int is_one(void *user, const char *name)
{
	(void)user;
	(void)name;
	return 1;
}

int iommu_present(const char *root)
{
	char path[PATH_MAX];
	int r = file_path(path, root, "/sys/class/iommu");

	if (r == 0)
		r = os->list(path, is_one, NULL);
	return r == -ENOENT || r == -ENOTDIR ? 0 : r;
}
