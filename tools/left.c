/* SPDX-License-Identifier: MIT */
/* How much there is behind a place, for commands that are to show what there is. Mapping checks it again. */
#include "registers.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

/* A line of sysfs's resource for each BAR: first, last, flags. */
static uint64_t left_in_bar(const struct target *target)
{
	const char *domain = target->bdf[4] == ':' ? "" : "0000:";
	char path[128], full[4096], line[256];
	uint64_t first = 0, last = 0;
	bool found = false;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s%s/resource", domain, target->bdf);
	file = root_path(full, sizeof(full), path) ? fopen(full, "re") : NULL;
	if (!file) {
		(void)sure(-errno);
		return UINT64_MAX;
	}
	for (unsigned bar = 0; bar <= target->bar && fgets(line, sizeof(line), file); bar++)
		found = bar == target->bar &&
			sscanf(line, "%" SCNx64 " %" SCNx64, &first, &last) == 2 && last > first;
	(void)fclose(file);
	return found && last - first >= target->offset ? last - first + 1 - target->offset : UINT64_MAX;
}

static uint64_t left_in_file(const struct target *target)
{
	char full[4096];
	struct stat st;

	/* As pmem_region_map_file() takes a path: below the root that is played, if it is absolute. */
	if (target->path[0] == '/' ? !root_path(full, sizeof(full), target->path) || stat(full, &st) :
				     stat(target->path, &st))
		return UINT64_MAX;
	return S_ISREG(st.st_mode) && (uint64_t)st.st_size > target->place ?
		(uint64_t)st.st_size - target->place : UINT64_MAX;
}

uint64_t target_left(const struct target *target)
{
	if (target->limit != UINT64_MAX)
		return target->limit;
	return target->kind == TARGET_PCI ? left_in_bar(target) :
		target->kind == TARGET_FILE ? left_in_file(target) : UINT64_MAX;
}
