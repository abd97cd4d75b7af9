/* SPDX-License-Identifier: MIT */
#include "grow.h"

#include <fcntl.h>
#include <ftw.h>
#include <libfdt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH 64

static int write_file(int dir, const char *name, const void *data, int size)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = size > 0 ? write(fd, data, (size_t)size) : 0;
	close(fd);
	return n == size ? 0 : -1;
}

/* What the questions of this test can depend on; the rest costs time and changes nothing. */
static bool matters(const char *name)
{
	static const char *const names[] = {
		"#address-cells", "#size-cells", "#interconnect-cells", "assigned-addresses",
		"compatible", "device_type", "dma-coherent", "dma-noncoherent", "dma-ranges",
		"gpio-controller", "interconnect-names", "interconnects", "iommu-map", "iommus",
		"model", "phandle", "ranges", "reg", "riscv,isa", "status",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

static int write_properties(const void *blob, int node, int dir, bool all)
{
	const char *name = fdt_get_name(blob, node, NULL);
	int property;

	fdt_for_each_property_offset(property, blob, node) {
		const char *key;
		int size;
		const void *data = fdt_getprop_by_offset(blob, property, &key, &size);

		if (data && !all && !matters(key))
			continue;
		if (!data || write_file(dir, key, data, size) < 0)
			return -1;
	}
	/* The kernel adds the name without unit address (drivers/of/fdt.c). */
	if (all && node > 0 && faccessat(dir, "name", F_OK, 0) != 0) {
		char plain[256];

		snprintf(plain, sizeof(plain), "%.*s", (int)strcspn(name, "@"), name);
		return write_file(dir, "name", plain, (int)strlen(plain) + 1);
	}
	return 0;
}

/* A directory; "name#1" if a property of the parent has the name. */
static int enter(int parent, const char *name)
{
	char numbered[256];

	for (int i = 1; mkdirat(parent, name, 0755) != 0 && i < 16; i++) {
		snprintf(numbered, sizeof(numbered), "%.*s#%d", (int)strcspn(name, "#"), name, i);
		name = numbered;
	}
	return openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int grow_tree(const void *blob, const char *root, bool all)
{
	int dirs[DEPTH], depth = 0, made = 0, result = -1;
	char base[512];

	snprintf(base, sizeof(base), "%s/proc", root);
	mkdir(base, 0755);
	snprintf(base, sizeof(base), "%s/proc/device-tree", root);
	mkdir(base, 0755);
	for (int node = 0; node >= 0; node = fdt_next_node(blob, node, &depth)) {
		if (depth < 0 || depth >= DEPTH)
			break;
		while (made > depth)
			close(dirs[--made]);
		dirs[depth] = depth == 0 ? open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC) :
			enter(dirs[depth - 1], fdt_get_name(blob, node, NULL));
		if (dirs[depth] < 0)
			goto out;
		made = depth + 1;
		if (write_properties(blob, node, dirs[depth], all) < 0)
			goto out;
	}
	result = 0;
out:
	while (made > 0)
		close(dirs[--made]);
	return result;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	return ftw->level > 0 ? remove(path) : 0;
}

void grow_remove(const char *root)
{
	nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
