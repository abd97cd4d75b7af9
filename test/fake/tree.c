/* SPDX-License-Identifier: MIT */
/* Files of a played machine, in a directory of their own below $TMPDIR. */
#include "tree.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake.h"

static char root[PATH_MAX];

const char *fake_root(void)
{
	return root;
}

static void full(char *out, const char *path)
{
	int n = snprintf(out, PATH_MAX, "%s/%s", root, path[0] == '/' ? path + 1 : path);

	ck_assert_int_lt(n, PATH_MAX);
}

/* mkdir -p of everything before the last slash. */
static void parents(char *path)
{
	for (char *p = path + strlen(root) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		ck_assert(mkdir(path, 0755) == 0 || errno == EEXIST);
		*p = '/';
	}
}

void fake_dir(const char *path)
{
	char to[PATH_MAX];

	full(to, path);
	parents(to);
	ck_assert(mkdir(to, 0755) == 0 || errno == EEXIST);
}

void fake_file(const char *path, const void *data, size_t size)
{
	char to[PATH_MAX];
	FILE *file;

	full(to, path);
	parents(to);
	file = fopen(to, "we");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(data, 1, size, file), size);
	ck_assert_int_eq(fclose(file), 0);
}

void fake_text(const char *path, const char *text)
{
	fake_file(path, text, strlen(text));
}

void fake_sparse(const char *path, uint64_t size)
{
	char to[PATH_MAX];

	fake_text(path, "");
	full(to, path);
	ck_assert_int_eq(truncate(to, (off_t)size), 0);
}

void fake_link(const char *path, const char *target)
{
	char to[PATH_MAX];

	full(to, path);
	parents(to);
	ck_assert_int_eq(symlink(target, to), 0);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void fake_remove(const char *path)
{
	char to[PATH_MAX];

	full(to, path);
	nftw(to, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void fake_cells(const char *node, const char *property, size_t count, const uint32_t *cells)
{
	char path[PATH_MAX];
	uint32_t be[1024];

	ck_assert_uint_le(count, 1024);
	for (size_t i = 0; i < count; i++)
		be[i] = htonl(cells[i]);
	snprintf(path, sizeof(path), "proc/device-tree%s/%s", strcmp(node, "/") ? node : "",
		property);
	fake_file(path, be, count * sizeof(be[0]));
}

void fake_string(const char *node, const char *property, const char *text)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "proc/device-tree%s/%s", strcmp(node, "/") ? node : "",
		property);
	fake_file(path, text, strlen(text) + 1);
}

void fake_compatible(const char *list, size_t size)
{
	fake_file("proc/device-tree/compatible", list, size);
}

void tree_start(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(root, sizeof(root), "%s/pmem-fake-XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(root));
}

void tree_stop(void)
{
	fake_remove("");
}
