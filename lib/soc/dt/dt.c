/* SPDX-License-Identifier: MIT */
#include "dt/dt.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <bsd/string.h>

#include "dt/kept.h"
#include "os/file.h"
#include "os/os.h"

/*
 * The kernel's ABI: user space goes through this link (ABI/testing/sysfs-firmware-ofw). Its target
 * serves where /proc shows processes only (ProcSubset=pid of systemd, hidepid).
 */
#define TREE   "/proc/device-tree"
#define TARGET "/sys/firmware/devicetree/base"

static int is_folder(const char *path)
{
	struct os_stat st;
	int r = os->stat(path, &st);

	return r < 0 ? r : S_ISDIR(st.mode) ? 0 : -ENOENT;
}

/*
 * The link itself is the kernel's, or a copy of it in a directory that stands for /: then an
 * absolute target is meant below that directory too.
 */
static int open_link(struct dt *dt, const char *root)
{
	char target[PATH_MAX];
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
	r = is_folder(dt->base);
	return r == -ENOENT && n > 0 ? -ENOLINK : r;
}

static int find_base(struct dt *dt, const char *root, const char *path)
{
	int r;

	if (path)
		return strlcpy(dt->base, path, sizeof(dt->base)) < sizeof(dt->base) ?
			is_folder(dt->base) : -ENAMETOOLONG;
	r = open_link(dt, root);
	if (r != -ENOENT && r != -EACCES)
		return r;
	if (file_path(dt->base, root, TARGET) == 0 && is_folder(dt->base) == 0)
		return 0;
	file_path(dt->base, root, TREE);
	return r;
}

int dt_open(struct dt *dt, const char *root, const char *path)
{
	int r = find_base(dt, root, path);

	dt->kept = NULL;
	if (r < 0)
		return r;
	dt->kept = kept_new();
	return dt->kept ? 0 : -ENOMEM;
}

void dt_close(struct dt *dt)
{
	kept_free(dt->kept);
	dt->kept = NULL;
}

/* A path of the file system; what follows its first *base bytes is the path in the tree. */
static int entry_path(char *out, size_t *base, const struct dt *dt, const char *node,
	const char *name)
{
	size_t node_length = node[1] ? strlen(node) : 0, name_length = strlen(name);

	*base = strlen(dt->base);
	if (*base + node_length + name_length + 2 > PATH_MAX)
		return -ENAMETOOLONG;
	memcpy(out, dt->base, *base);
	out += *base;
	memcpy(out, node, node_length);
	out[node_length] = '/';
	memcpy(out + node_length + 1, name, name_length + 1);
	return 0;
}

/* What is kept lives as long as the tree. */
static int borrow(const struct kept_answer *answer, struct dt_prop *prop)
{
	if (answer->result == 0)
		*prop = (struct dt_prop){ .data = answer->data, .size = answer->size };
	return answer->result;
}

/* A failure of today (no memory, no descriptors, not allowed) is no answer for tomorrow. */
int dt_keep(const struct dt *dt, enum kept_kind kind, const char *path, int r, struct dt_prop *prop)
{
	const struct kept_answer *answer;

	if (r < 0 && !dt_says_nothing(r) && r != -ENOTDIR)
		return r;
	answer = kept_add(dt->kept, kind, path, r, r < 0 ? NULL : prop->data, r < 0 ? 0 : prop->size);
	if (!answer)
		return r;
	if (r == 0)
		dt_free(prop);
	return borrow(answer, prop);
}

static int read_property(const char *path, struct dt_prop *prop)
{
	struct os_stat st;
	int r = os->lstat(path, &st);

	if (r < 0)
		return r;
	if (S_ISDIR(st.mode))
		return -ENOENT;
	if (!S_ISREG(st.mode))
		return -ELOOP;
	r = file_read_plain(path, st.size, DT_PROP_MAX, &prop->own, &prop->size);
	prop->data = r == 0 ? prop->own : NULL;
	return r;
}

int dt_read(const struct dt *dt, const char *node, const char *name, struct dt_prop *prop)
{
	const struct kept_answer *answer;
	char path[PATH_MAX];
	size_t base;
	int r = entry_path(path, &base, dt, node, name);

	if (r < 0)
		return r;
	answer = kept_find(dt->kept, KEPT_PROPERTY, path + base);
	if (answer)
		return borrow(answer, prop);
	return dt_keep(dt, KEPT_PROPERTY, path + base, read_property(path, prop), prop);
}

void dt_free(struct dt_prop *prop)
{
	free(prop->own);
	*prop = (struct dt_prop){ 0 };
}

int dt_has(const struct dt *dt, const char *node, const char *name)
{
	struct dt_prop prop;
	int r = dt_read(dt, node, name, &prop);

	if (r == 0)
		dt_free(&prop);
	/* There, if not to be read. */
	return r == 0 || r == -EFBIG || r == -EACCES ? 1 : r == -ENOENT ? 0 : r;
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

/*
 * Is it a directory, and does it hold others? Those that say 2 links have none but . and .. leading
 * to them (as find does it); file systems that do not count links say 1.
 */
static int look(const char *path, struct dt_prop *leaf)
{
	struct os_stat st;
	int r = os->lstat(path, &st);

	if (r < 0)
		return r;
	if (S_ISLNK(st.mode))
		return -ELOOP;
	if (!S_ISDIR(st.mode))
		return -ENOTDIR;
	*leaf = (struct dt_prop){ .data = "", .size = st.nlink == 2 };
	return 0;
}

int dt_enter(const struct dt *dt, char *node, const char *name)
{
	size_t length = node[1] ? strlen(node) : 0, base;
	const struct kept_answer *answer;
	struct dt_prop leaf;
	char path[PATH_MAX];
	int r = entry_path(path, &base, dt, node, name);

	if (r < 0)
		return r;
	answer = kept_find(dt->kept, KEPT_NODE, path + base);
	r = answer ? borrow(answer, &leaf) :
		     dt_keep(dt, KEPT_NODE, path + base, look(path, &leaf), &leaf);
	if (r < 0)
		return r;
	if (length + strlen(name) + 1 >= DT_PATH_MAX)
		return -ENAMETOOLONG;
	strlcpy(node, path + base, DT_PATH_MAX);
	return leaf.size > 0;
}

/* The numbers that the kernel tries where the name is taken: safe_name(), drivers/of/kobj.c. */
static int enter_numbered(const struct dt *dt, char *node, const char *name)
{
	char numbered[DT_PATH_MAX + 16];
	int r = dt_enter(dt, node, name);

	for (int i = 1; r == -ENOTDIR && i < 16; i++) {
		snprintf(numbered, sizeof(numbered), "%s#%d", name, i);
		r = dt_enter(dt, node, numbered);
	}
	return r == -ENOTDIR ? -ENOENT : r;
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
