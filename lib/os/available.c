/* SPDX-License-Identifier: MIT */
#include "os/available.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "os/file.h"
#include "os/meminfo.h"

#define CGROUPS "/sys/fs/cgroup"

/* Cgroups nest; a hostile /proc/self/cgroup must not keep us for long. */
#define DEPTH_MAX 32

/* Version 1 says so by the largest number of whole pages. */
#define NO_LIMIT ((uint64_t)INT64_MAX & ~(uint64_t)0xfffff)

/* Files of the memory controller: Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst */
struct version {
	char mount[24];
	char limits[2][32]; /* the least of these counts */
	char usage[24];
	char reclaimable[2][24]; /* in memory.stat, not its first line: page cache, which gives way */
};

static const struct version v2 = { CGROUPS, { "memory.max", "memory.high" }, "memory.current",
	{ "\ninactive_file ", "\nactive_file " } };
/* Where version 1 has the memory, version 2 is mounted beside it or not at all. */
static const struct version v1 = { CGROUPS "/memory",
	{ "memory.limit_in_bytes", "memory.soft_limit_in_bytes" }, "memory.usage_in_bytes",
	{ "\ntotal_inactive_file ", "\ntotal_active_file " } };

/* A number in a file of a cgroup; "max" is none. */
static int number(const char *root, const char *folder, const char *name, uint64_t *value)
{
	char path[PATH_MAX];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) >= sizeof(path))
		return -ENAMETOOLONG;
	return file_read_u64(root, path, value);
}

static uint64_t reclaimable(const char *root, const char *folder, const struct version *v)
{
	char path[PATH_MAX], *text;
	uint64_t sum = 0;
	size_t size;

	if ((size_t)snprintf(path, sizeof(path), "%s/memory.stat", folder) >= sizeof(path) ||
		file_read(root, path, 65536, &text, &size) < 0)
		return 0;
	for (unsigned i = 0; i < 2; i++) {
		const char *at = strstr(text, v->reclaimable[i]);

		/* As MemAvailable counts it: half of what is in use is left to its users. */
		if (at)
			sum += strtoull(at + strlen(v->reclaimable[i]), NULL, 10) / (i + 1);
	}
	free(text);
	return sum;
}

/* What one cgroup leaves. */
static void look_at(const char *root, const char *folder, const struct version *v,
	struct available *out)
{
	uint64_t limit = UINT64_MAX, value, usage, cache, left;
	size_t limits = v == &v2 ? 2 : 1; /* a soft limit of version 1 kills nobody */

	for (size_t i = 0; i < limits; i++) {
		if (number(root, folder, v->limits[i], &value) == 0 && value < limit)
			limit = value;
	}
	if (limit >= NO_LIMIT || number(root, folder, v->usage, &usage) < 0)
		return;
	cache = reclaimable(root, folder, v);
	usage -= cache < usage ? cache : usage;
	left = usage < limit ? limit - usage : 0;
	if (left >= out->bytes)
		return;
	out->bytes = left;
	out->limit = limit;
	strlcpy(out->cgroup, folder, sizeof(out->cgroup));
}

/* That cgroup and all above it. In a container the path may be one of the host: then "/" is ours. */
static void look_upwards(const char *root, const char *path, const struct version *v,
	struct available *out)
{
	char folder[PATH_MAX];

	if ((size_t)snprintf(folder, sizeof(folder), "%s%s", v->mount, path) >= sizeof(folder))
		return;
	for (unsigned depth = 0; depth < DEPTH_MAX; depth++) {
		size_t n = strlen(folder);

		while (n > strlen(v->mount) && folder[n - 1] == '/')
			folder[--n] = '\0';
		look_at(root, folder, v, out);
		if (n <= strlen(v->mount))
			return;
		*strrchr(folder, '/') = '\0';
	}
}

/* Is memory among the controllers of a line such as "4:cpu,memory:/path"? */
static bool has_memory(const char *controllers, size_t n)
{
	static const char name[] = "memory";

	for (size_t i = 0; i < n;) {
		size_t length = strcspn(controllers + i, ",:");

		if (length == sizeof(name) - 1 && strncmp(controllers + i, name, length) == 0)
			return true;
		i += length + 1;
	}
	return false;
}

/* proc_cgroup_show(), kernel/cgroup/cgroup.c: "hierarchy:controllers:path", version 2 with none. */
static void look_at_line(const char *root, char *line, struct available *out)
{
	char *controllers = strchr(line, ':');
	char *path = controllers ? strchr(++controllers, ':') : NULL;

	if (!path || strstr(path, "/../"))
		return;
	if (path == controllers)
		look_upwards(root, path + 1, &v2, out);
	else if (has_memory(controllers, (size_t)(path - controllers)))
		look_upwards(root, path + 1, &v1, out);
}

void available_memory(const char *root, struct available *out)
{
	char *text, *line, *rest;
	uint64_t kib;
	size_t size;

	*out = (struct available){ .bytes = UINT64_MAX };
	if (meminfo_kib(root, "MemAvailable:", &kib) == 0)
		out->bytes = kib * 1024;
	if (file_read(root, "/proc/self/cgroup", 65536, &text, &size) < 0)
		return;
	rest = text;
	while ((line = strsep(&rest, "\n")))
		look_at_line(root, line, out);
	free(text);
}
