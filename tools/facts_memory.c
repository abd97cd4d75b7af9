/* SPDX-License-Identifier: MIT */
/* Memory that contiguous allocations come from. */
#include "physmem.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "CmaTotal:   65536 kB" of /proc/meminfo; absent without CONFIG_CMA. */
json_object *meminfo(const char *key)
{
	char line[256];
	uint64_t kib = 0;
	bool found = false;
	FILE *file = root_open("/proc/meminfo");

	while (file && !found && fgets(line, sizeof(line), file)) {
		if (!strncmp(line, key, strlen(key)) && line[strlen(key)] == ':')
			found = sscanf(line + strlen(key) + 1, "%" SCNu64, &kib) == 1;
	}
	(void)root_close(file, "/proc/meminfo");
	return found ? json_number(kib * 1024) : NULL;
}

#define HUGE_DIR "/sys/kernel/mm/hugepages"

static int pool_name(const struct dirent *entry)
{
	return !strncmp(entry->d_name, "hugepages-", strlen("hugepages-"));
}

static json_object *pool_of(const char *name, bool stable)
{
	json_object *pool = json_new();
	char path[512];
	uint64_t number;

	json_set_number(pool, "size", strtoull(name + strlen("hugepages-"), NULL, 10) * 1024);
	(void)snprintf(path, sizeof(path), HUGE_DIR "/%s/nr_hugepages", name);
	if (root_number(path, &number))
		json_set_number(pool, "total", number);
	(void)snprintf(path, sizeof(path), HUGE_DIR "/%s/free_hugepages", name);
	if (!stable && root_number(path, &number))
		json_set_number(pool, "free", number);
	return pool;
}

static json_object *pools(bool stable)
{
	json_object *list = json_list();
	struct dirent **names = NULL;
	char full[4096];
	int count;

	if (!root_path(full, sizeof(full), HUGE_DIR))
		return list;
	count = scandir(full, &names, pool_name, versionsort);
	if (count < 0)
		unread(HUGE_DIR);
	for (int i = 0; i < count; i++) {
		json_add(list, pool_of(names[i]->d_name, stable));
		free(names[i]);
	}
	free(names);
	return list;
}

json_object *facts_memory(bool stable)
{
	json_object *memory = json_new();
	json_object *total = meminfo("MemTotal"), *cma = meminfo("CmaTotal");

	if (total && !cma) /* a kernel without CMA; where nothing is told it stays unknown */
		cma = json_number(0);
	if (stable)
		json_object_put(total);
	else
		json_set(memory, "total", total);
	json_set(memory, "cma_total", cma);
	if (!stable)
		json_set(memory, "cma_free", meminfo("CmaFree"));
	json_set(memory, "huge_pages", pools(stable));
	json_set(memory, "transparent_huge_pages",
		root_selected("/sys/kernel/mm/transparent_hugepage/enabled"));
	return memory;
}
