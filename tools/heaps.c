/* SPDX-License-Identifier: MIT */
/* The dma-buf heaps of this machine: what is in /dev/dma_heap, classed by name. */
#include "physmem.h"

#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define HEAP_DIR "/dev/dma_heap"

/*
 * Names are all that the kernel gives (Documentation/userspace-api/dma-buf-heaps.rst). The CMA
 * heap is "default_cma_region" since 6.17; before, it was named after the CMA area: "linux,cma" from
 * the device tree, "reserved" from cma= on the command line. The uncached twins are vendors'.
 */
static const struct {
	const char *name;
	const char *kind;
	bool cached;
} known[] = {
	{ "system", "scattered", true },
	{ "system-uncached", "scattered", false },
	{ "default_cma_region", "contiguous", true },
	{ "linux,cma", "contiguous", true },
	{ "linux,cma-uncached", "contiguous", false },
	{ "reserved", "contiguous", true },
	{ "reserved-uncached", "contiguous", false },
	{ "cma", "contiguous", true },
	{ "cma-uncached", "contiguous", false },
};

static void classify(json_object *heap, const char *name)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].name, name))
			continue;
		json_set_text(heap, "kind", known[i].kind);
		json_set_bool(heap, "cached", known[i].cached);
		return;
	}
	json_set_text(heap, "kind", "unknown");
	json_set(heap, "cached", NULL);
}

static void owner(json_object *heap, const struct stat *st)
{
	const struct passwd *user = getpwuid(st->st_uid);
	const struct group *group = getgrgid(st->st_gid);
	char text[80];

	(void)snprintf(text, sizeof(text), "%04o", (unsigned)(st->st_mode & 07777));
	json_set_text(heap, "mode", text);
	(void)snprintf(text, sizeof(text), "%u", (unsigned)st->st_uid);
	json_set_text(heap, "owner", user ? user->pw_name : text);
	(void)snprintf(text, sizeof(text), "%u", (unsigned)st->st_gid);
	json_set_text(heap, "group", group ? group->gr_name : text);
}

static json_object *heap_of(const char *name)
{
	json_object *heap = json_object_new_object();
	char path[512], full[4096];
	struct stat st;

	(void)snprintf(path, sizeof(path), HEAP_DIR "/%s", name);
	json_set_text(heap, "name", name);
	classify(heap, name);
	if (root_path(full, sizeof(full), path) && stat(full, &st) == 0)
		owner(heap, &st);
	return heap;
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

json_object *facts_heaps(int *code)
{
	json_object *heaps = json_object_new_array();
	struct dirent **names = NULL;
	char full[4096];
	int count;

	*code = EXIT_UNSUPPORTED;
	if (!root_path(full, sizeof(full), HEAP_DIR))
		return heaps;
	count = scandir(full, &names, visible, alphasort);
	if (count < 0 && errno == EACCES)
		*code = EXIT_PERMISSION;
	for (int i = 0; i < count; i++) {
		(void)json_object_array_add(heaps, heap_of(names[i]->d_name));
		free(names[i]);
		*code = EXIT_OK;
	}
	free(names);
	return heaps;
}

void show_heaps(json_object *heaps, const char *indent)
{
	for (size_t i = 0; i < json_object_array_length(heaps); i++) {
		json_object *heap = json_object_array_get_idx(heaps, i);
		json_object *cached = member(heap, "cached");

		(void)printf("%s%-20s %-11s %-9s %s %s:%s\n", indent, text_of(heap, "name"),
			text_of(heap, "kind"),
			!cached ? "-" : json_object_get_boolean(cached) ? "cached" : "uncached",
			text_of(heap, "mode"), text_of(heap, "owner"), text_of(heap, "group"));
	}
}
