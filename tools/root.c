/* SPDX-License-Identifier: MIT */
/* Small files of the machine, below LIBPMEM_ROOT where that is set, as the library does it. */
#include "physmem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool root_path(char *out, size_t size, const char *path)
{
	const char *root = secure_getenv("LIBPMEM_ROOT");
	int length = snprintf(out, size, "%s%s", root ? root : "", path);

	if (length >= 0 && (size_t)length < size)
		return true;
	errno = ENAMETOOLONG;
	return false;
}

bool root_tree(char *out, size_t size, const char *path)
{
	const char *given = secure_getenv("LIBPMEM_DEVICE_TREE");
	char tree[4096], target[4096];
	struct stat st;
	ssize_t n;

	if (given && *given) {
		n = snprintf(out, size, "%s%s", given, path);
		return n >= 0 && (size_t)n < size;
	}
	if (!root_path(tree, sizeof(tree), "/proc/device-tree"))
		return false;
	n = readlink(tree, target, sizeof(target) - 1);
	if (n > 0 && target[0] == '/') { /* meant below the root */
		target[n] = '\0';
		if (!root_path(tree, sizeof(tree), target))
			return false;
	}
	if (stat(tree, &st)) {
		unread("/proc/device-tree");
		st.st_mode = 0;
	}
	if (!S_ISDIR(st.st_mode) &&
		!root_path(tree, sizeof(tree), "/sys/firmware/devicetree/base"))
		return false;
	n = snprintf(out, size, "%s%s", tree, path);
	return n >= 0 && (size_t)n < size;
}

FILE *root_open(const char *path)
{
	char full[4200];
	FILE *file = root_path(full, sizeof(full), path) ? fopen(full, "re") : NULL;

	if (!file)
		unread(path);
	return file;
}

bool root_close(FILE *file, const char *path)
{
	bool whole = !file || !ferror(file);

	if (!whole)
		unread(path);
	if (file)
		(void)fclose(file);
	return whole;
}

DIR *root_folder(const char *path)
{
	char full[4200];
	DIR *dir = root_path(full, sizeof(full), path) ? opendir(full) : NULL;

	if (!dir)
		unread(path);
	return dir;
}

const struct dirent *root_next(DIR *dir, const char *path)
{
	const struct dirent *entry;

	errno = 0;
	entry = readdir(dir);
	if (!entry)
		unread(path);
	return entry;
}

bool root_there(const char *path)
{
	char full[4200];

	return root_path(full, sizeof(full), path) && access(full, F_OK) == 0;
}

int root_list(const char *path, int (*filter)(const struct dirent *entry), struct dirent ***names)
{
	char full[4200];
	int count = root_path(full, sizeof(full), path) ? scandir(full, names, filter, versionsort) : 0;

	if (count < 0)
		unread(path);
	return count < 0 ? 0 : count;
}

bool root_line(const char *path, char *out, size_t size)
{
	char full[4096];
	FILE *file;
	bool got;

	if (!root_path(full, sizeof(full), path))
		return false;
	file = fopen(full, "re");
	if (!file) {
		unread(path);
		return false;
	}
	errno = 0;
	got = fgets(out, (int)size, file) != NULL;
	if (!got)
		unread(path);
	(void)fclose(file);
	if (!got)
		return false;
	out[strcspn(out, "\n")] = '\0';
	return true;
}

bool root_number(const char *path, uint64_t *value)
{
	char line[64];

	return root_line(path, line, sizeof(line)) && parse_number(line, value);
}

json_object *root_selected(const char *path)
{
	char line[256];
	char *begin, *end;

	if (!root_line(path, line, sizeof(line)))
		return NULL;
	begin = strchr(line, '[');
	end = begin ? strchr(begin, ']') : NULL;
	if (!end)
		return NULL;
	*end = '\0';
	return json_text(begin + 1);
}
