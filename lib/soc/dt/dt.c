/* SPDX-License-Identifier: MIT */
#include "dt/dt.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <bsd/string.h>

#include "os/file.h"
#include "os/os.h"

/* The kernel's ABI: user space goes through this link (ABI/testing/sysfs-firmware-ofw). */
#define TREE "/proc/device-tree"

/*
 * The link itself is the kernel's, or a copy of it in a directory that stands for /: then an
 * absolute target is meant below that directory too.
 */
int dt_open(struct dt *dt, const char *root)
{
	char target[PATH_MAX];
	struct os_stat st;
	ssize_t n;
	int r = file_path(dt->base, root, TREE);

	if (r < 0)
		return r;
	n = os->readlink(dt->base, target, sizeof(target) - 1);
	if (n == -ENOENT || n == -ENOTDIR)
		return -ENOENT;
	if (n < 0 && n != -EINVAL)
		return (int)n;
	if (n > 0 && root[0] && target[0] == '/') {
		target[n] = '\0';
		r = file_path(dt->base, root, target);
		if (r < 0)
			return r;
	}
	r = os->stat(dt->base, &st);
	if (r < 0)
		return r == -ENOENT && n > 0 ? -ENOLINK : r;
	return S_ISDIR(st.mode) ? 0 : -ENOENT;
}

static int property_path(char *out, const struct dt *dt, const char *node, const char *name)
{
	int n = snprintf(out, PATH_MAX, "%s%s/%s", dt->base, node[1] ? node : "", name);

	return n < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* 0 if it is a plain file. */
static int property_kind(const char *path)
{
	struct os_stat st;
	int r = os->lstat(path, &st);

	if (r < 0)
		return r;
	if (S_ISDIR(st.mode))
		return -ENOENT;
	return S_ISREG(st.mode) ? 0 : -ELOOP;
}

int dt_read(const struct dt *dt, const char *node, const char *name, struct dt_prop *prop)
{
	char path[PATH_MAX];
	int r = property_path(path, dt, node, name);

	if (r == 0)
		r = property_kind(path);
	if (r == 0)
		r = file_read_path(path, DT_PROP_MAX, &prop->data, &prop->size);
	return r;
}

void dt_free(struct dt_prop *prop)
{
	free(prop->data);
	*prop = (struct dt_prop){ 0 };
}

int dt_has(const struct dt *dt, const char *node, const char *name)
{
	char path[PATH_MAX];
	int r = property_path(path, dt, node, name);

	if (r == 0)
		r = property_kind(path);
	return r == 0 ? 1 : r == -ENOENT ? 0 : r;
}

int dt_u32(const struct dt *dt, const char *node, const char *name, uint32_t *value)
{
	struct dt_prop prop;
	int r = dt_read(dt, node, name, &prop);

	if (r < 0)
		return r;
	if (prop.size >= sizeof(uint32_t))
		*value = dt_cell(&prop, 0);
	else
		r = -ENOENT;
	dt_free(&prop);
	return r;
}

uint32_t dt_cell(const struct dt_prop *prop, size_t i)
{
	uint32_t be;

	memcpy(&be, prop->data + i * sizeof(be), sizeof(be));
	return be32toh(be);
}

uint64_t dt_number(const struct dt_prop *prop, size_t i, size_t count)
{
	uint64_t value = 0;

	for (size_t end = i + count; i < end; i++)
		value = value << 32 | dt_cell(prop, i);
	return value;
}

const char *dt_string(const struct dt_prop *prop, size_t i)
{
	const char *p = prop->data, *end = p + prop->size;

	for (; p < end; p += strlen(p) + 1) {
		if (i-- == 0)
			return p;
	}
	return NULL;
}

int dt_string_index(const struct dt_prop *prop, const char *text)
{
	const char *p = prop->data, *end = p + prop->size;

	for (int i = 0; p < end; p += strlen(p) + 1, i++) {
		if (strcasecmp(p, text) == 0)
			return i;
	}
	return -ENOENT;
}

bool dt_says_nothing(int r)
{
	return r == -ENOENT || r == -ELOOP || r == -EFBIG || r == -ENAMETOOLONG;
}

int dt_compatible(const struct dt *dt, const char *node, const char *text)
{
	struct dt_prop prop;
	int r = dt_read(dt, node, "compatible", &prop);

	if (r < 0)
		return dt_says_nothing(r) ? 0 : r;
	r = dt_string_index(&prop, text) >= 0;
	dt_free(&prop);
	return r;
}

/* Is there a directory of that name below node? Appends it to node then. */
static int enter(const struct dt *dt, char *node, const char *name)
{
	char path[PATH_MAX];
	struct os_stat st;
	int r = property_path(path, dt, node, name);

	if (r == 0)
		r = os->lstat(path, &st);
	if (r < 0)
		return r;
	if (S_ISLNK(st.mode))
		return -ELOOP;
	if (!S_ISDIR(st.mode))
		return -ENOENT;
	if ((node[1] && strlcat(node, "/", DT_PATH_MAX) >= DT_PATH_MAX) ||
		strlcat(node, name, DT_PATH_MAX) >= DT_PATH_MAX)
		return -ENAMETOOLONG;
	return 0;
}

/* The numbers that the kernel tries: safe_name(), drivers/of/kobj.c. */
static int enter_numbered(const struct dt *dt, char *node, const char *name)
{
	char numbered[DT_PATH_MAX + 16];
	int r = enter(dt, node, name);

	for (int i = 1; r == -ENOENT && i < 16; i++) {
		snprintf(numbered, sizeof(numbered), "%s#%d", name, i);
		r = enter(dt, node, numbered);
	}
	return r;
}

int dt_find(const struct dt *dt, const char *path, char *node)
{
	char copy[DT_PATH_MAX], *rest = copy, *name;
	unsigned depth = 0;
	int r;

	if (strlcpy(copy, path, sizeof(copy)) >= sizeof(copy))
		return -ENAMETOOLONG;
	strlcpy(node, "/", DT_PATH_MAX);
	while ((name = strsep(&rest, "/"))) {
		if (!name[0])
			continue;
		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || ++depth > DT_DEPTH_MAX)
			return -ENOENT;
		r = enter_numbered(dt, node, name);
		if (r < 0)
			return r;
	}
	return 0;
}

bool dt_parent(char *node)
{
	char *slash = strrchr(node, '/');

	if (!slash || !node[1])
		return false;
	slash[slash == node] = '\0';
	return true;
}

bool dt_is_named(const char *node, const char *name)
{
	const char *last = strrchr(node, '/');
	size_t n = strlen(name);

	last = last ? last + 1 : node;
	return strncmp(last, name, n) == 0 && (last[n] == '\0' || strchr("@#", last[n]));
}

int dt_available(const struct dt *dt, const char *node)
{
	char at[DT_PATH_MAX];

	strlcpy(at, node, sizeof(at));
	do {
		struct dt_prop status;
		int r = dt_read(dt, at, "status", &status);

		if (r == -ENOENT)
			continue;
		if (r < 0)
			return r;
		r = strcmp(status.data, "okay") == 0 || strcmp(status.data, "ok") == 0;
		dt_free(&status);
		if (!r)
			return 0;
	} while (dt_parent(at));
	return 1;
}

struct phandle_search {
	const struct dt *dt;
	uint32_t phandle;
	char *node;
};

static int has_phandle(void *user, const char *node)
{
	const struct phandle_search *search = user;
	uint32_t value = 0;
	int r = dt_u32(search->dt, node, "phandle", &value);

	if (r < 0 || value != search->phandle)
		return r == 0 || dt_says_nothing(r) ? 0 : r;
	strlcpy(search->node, node, DT_PATH_MAX);
	return 1;
}

int dt_phandle(const struct dt *dt, uint32_t phandle, char *node)
{
	struct phandle_search search = { dt, phandle, node };
	int r = dt_walk(dt, has_phandle, &search);

	return r == 1 ? 0 : r == 0 ? -ENOENT : r;
}
