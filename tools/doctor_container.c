/* SPDX-License-Identifier: MIT */
/* The options of docker run and podman run that a use needs of this host, and no more. */
#include "doctor.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct options {
	struct doctor *doctor;
	json_object *docker, *podman;
};

static void add_one(json_object *list, const char *text)
{
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		if (!strcmp(json_object_get_string(json_object_array_get_idx(list, i)), text))
			return;
	}
	json_add(list, json_text(text));
}

static void add(struct options *options, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void add(struct options *options, const char *format, ...)
{
	char text[600];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	add_one(options->docker, text);
	add_one(options->podman, text);
}

/* A node with the group that may use it; false: it is not there. */
static bool add_device(struct options *options, const char *path)
{
	char full[4200];
	struct stat st;

	if (!root_path(full, sizeof(full), path) || stat(full, &st))
		return false;
	add(options, "--device %s", path);
	if (st.st_gid && (st.st_mode & 0060) == 0060)
		add(options, "--group-add %u", (unsigned)st.st_gid);
	return true;
}

/* Docker and Podman hide /sys/firmware, where the device tree is. */
static void add_tree(struct options *options)
{
	char full[4200];
	struct stat st;

	if (!root_tree(full, sizeof(full), "") || stat(full, &st))
		return;
	add_one(options->docker, "--security-opt systempaths=unconfined");
	add_one(options->podman, "--security-opt unmask=/sys/firmware");
}

static void add_pinned(struct options *options)
{
	uint64_t bytes = memlock_bytes(options->doctor);

	add(options, "--cap-add SYS_ADMIN");
	add(options, "--ulimit memlock=%" PRIu64 ":%" PRIu64, bytes, bytes);
}

/* Heaps whose memory is in one piece; *told: their addresses are known without a capability. */
static bool add_heaps(struct options *options, bool *told)
{
	struct pmem_ctx *ctx = options->doctor->ctx;
	bool found = false;
	uint32_t way;
	size_t count;

	if (sure(pmem_heap_count(ctx, &count)))
		return false;
	for (size_t i = 0; i < count; i++) {
		uint32_t class = pmem_heap_class(ctx, i);

		if (!(class & PMEM_HEAP_CONTIGUOUS) || class & PMEM_HEAP_SECURE ||
			!add_device(options, pmem_heap_path(ctx, i)))
			continue;
		found = true;
		*told = !sure(pmem_heap_way(ctx, i, &way)) && way != PMEM_WAY_PAGEMAP;
	}
	return found;
}

static void add_memory(struct options *options, bool address)
{
	bool told = false, heap = add_heaps(options, &told);

	if (add_device(options, "/dev/vcsm-cma"))
		heap = told = true;
	if (!heap)
		add_pinned(options);
	else if (address && !told)
		add(options, "--cap-add SYS_ADMIN");
}

static void add_gpio(struct options *options)
{
	char path[40];
	bool found = add_device(options, "/dev/gpiomem");

	for (int i = 0; i < 5; i++) { /* of a Pi 5 */
		(void)snprintf(path, sizeof(path), "/dev/gpiomem%d", i);
		found = add_device(options, path) || found;
	}
	if (!found && add_device(options, "/dev/mem"))
		add(options, "--cap-add SYS_RAWIO");
	add_tree(options);
}

static void add_vfio(struct options *options)
{
	uint64_t bytes = memlock_bytes(options->doctor);
	char path[300];
	const struct dirent *entry;
	DIR *dir = root_folder("/dev/vfio");

	while (dir && (entry = root_next(dir, "/dev/vfio"))) {
		if (entry->d_name[0] == '.' || !strcmp(entry->d_name, "devices"))
			continue;
		(void)snprintf(path, sizeof(path), "/dev/vfio/%s", entry->d_name);
		(void)add_device(options, path);
	}
	if (dir)
		(void)closedir(dir);
	add(options, "--ulimit memlock=%" PRIu64 ":%" PRIu64, bytes, bytes);
}

static void command(json_object *into, const char *program, json_object *list)
{
	char *text = formatted("%s run", program), *longer;

	for (size_t i = 0; i < json_object_array_length(list); i++) {
		longer = formatted("%s %s", text, json_object_get_string(json_object_array_get_idx(list, i)));
		free(text);
		text = longer;
	}
	longer = formatted("%s IMAGE", text);
	json_set_text(into, program, longer);
	free(text);
	free(longer);
	json_object_put(list);
}

json_object *container_options(struct doctor *doctor)
{
	struct options options = { .doctor = doctor, .docker = json_list(), .podman = json_list() };
	json_object *commands = json_new();

	if (doctor->wanted[USE_MAP] && add_device(&options, "/dev/mem"))
		add(&options, "--cap-add SYS_RAWIO");
	if (doctor->wanted[USE_GPIO])
		add_gpio(&options);
	if (doctor->wanted[USE_ALLOC])
		add_memory(&options, false);
	if (doctor->wanted[USE_PHYS] || doctor->wanted[USE_DMA])
		add_memory(&options, true);
	if (doctor->wanted[USE_DMA])
		add_tree(&options);
	if (doctor->wanted[USE_VFIO])
		add_vfio(&options);
	command(commands, "docker", options.docker);
	command(commands, "podman", options.podman);
	return commands;
}
