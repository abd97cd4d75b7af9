/* SPDX-License-Identifier: MIT */
/* The dma-buf heaps: what the library knows of them, who may open them, what is left of them. */
#include "physmem.h"

#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static void classify(json_object *heap, uint32_t class)
{
	const char *kind = "unknown";

	if (class & PMEM_HEAPS_SECURE)
		kind = "secure";
	else if (class & PMEM_HEAPS_CONTIGUOUS)
		kind = "contiguous";
	else if (class & PMEM_HEAPS_SCATTERED)
		kind = "scattered";
	json_set_text(heap, "kind", kind);
	if (class & (PMEM_HEAPS_CACHED | PMEM_HEAPS_UNCACHED))
		json_set_bool(heap, "cached", class & PMEM_HEAPS_CACHED);
	else
		json_set(heap, "cached", NULL);
}

static void owner(json_object *heap, const char *path)
{
	const struct passwd *user;
	const struct group *group;
	char full[4096], text[80];
	struct stat st;

	if (!root_path(full, sizeof(full), path) || stat(full, &st) != 0)
		return;
	errno = 0;
	user = getpwuid(st.st_uid);
	if (!user && errno == ENOMEM)
		no_memory();
	errno = 0;
	group = getgrgid(st.st_gid);
	if (!group && errno == ENOMEM)
		no_memory();
	(void)snprintf(text, sizeof(text), "%04o", (unsigned)(st.st_mode & 07777));
	json_set_text(heap, "mode", text);
	(void)snprintf(text, sizeof(text), "%u", (unsigned)st.st_uid);
	json_set_text(heap, "owner", user ? user->pw_name : text);
	(void)snprintf(text, sizeof(text), "%u", (unsigned)st.st_gid);
	json_set_text(heap, "group", group ? group->gr_name : text);
}

/* The kernel counts the default CMA area and all of memory, but no other heap's. */
static json_object *left(const char *name, uint32_t class)
{
	static const char *const cma[] = { "linux,cma", "reserved", "default_cma_region" };

	for (size_t i = 0; i < sizeof(cma) / sizeof(cma[0]); i++) {
		if (!strcmp(name, cma[i]))
			return meminfo("CmaFree");
	}
	return class & PMEM_HEAPS_SCATTERED ? meminfo("MemAvailable") : NULL;
}

static void address(json_object *heap, const struct pmem_heaps *heaps, size_t i)
{
	const char *way;

	if (pmem_heaps_address(heaps, i, &way)) {
		json_set(heap, "address", NULL);
		json_set(heap, "address_error", json_error(pmem_error_last()));
	} else {
		json_set_text(heap, "address", way);
	}
}

json_object *facts_heaps(struct pmem_ctx *ctx, bool probe, int *result)
{
	json_object *list = json_list();
	struct pmem_heaps *heaps;

	*result = pmem_heaps_new(ctx, &heaps);
	if (*result)
		return list;
	for (size_t i = 0; i < pmem_heaps_count(heaps); i++) {
		json_object *heap = json_new();
		const char *name = pmem_heaps_name(heaps, i);

		json_set_text(heap, "name", name);
		classify(heap, pmem_heaps_class(heaps, i));
		owner(heap, pmem_heaps_path(heaps, i));
		if (probe) {
			json_set(heap, "free", left(name, pmem_heaps_class(heaps, i)));
			address(heap, heaps, i);
		}
		json_add(list, heap);
	}
	pmem_heaps_free(heaps);
	return list;
}

/* How wide the widest text of a column is. */
static int width_of(json_object *heaps, const char *key, int least)
{
	for (size_t i = 0; i < json_object_array_length(heaps); i++) {
		int length = (int)strlen(text_of(json_object_array_get_idx(heaps, i), key));

		if (length > least)
			least = length;
	}
	return least;
}

static void show_heap(json_object *heap, const char *indent, int name, int owner_width,
	int group)
{
	json_object *cached = member(heap, "cached");
	bool probed = json_object_object_get_ex(heap, "address", NULL);
	char left_text[32] = "-";

	if (member(heap, "free"))
		(void)snprintf(left_text, sizeof(left_text), "%" PRIu64 " KiB",
			number_of(heap, "free") / 1024);
	line("%s%-*s %-11s %-9s %s %*s:%-*s%s%*s%s%s", indent, name, text_of(heap, "name"),
		text_of(heap, "kind"),
		!cached ? "-" : json_object_get_boolean(cached) ? "cached" : "uncached",
		text_of(heap, "mode"), owner_width, text_of(heap, "owner"), group,
		text_of(heap, "group"), probed ? " " : "", probed ? 12 : 0, probed ? left_text : "",
		probed ? "  " : "", !probed ? "" : member(heap, "address") ?
		text_of(heap, "address") : text_of(member(heap, "address_error"), "cause"));
}

void show_heaps(json_object *heaps, const char *indent)
{
	int name = width_of(heaps, "name", 20), user = width_of(heaps, "owner", 0);
	int group = width_of(heaps, "group", 7);

	for (size_t i = 0; i < json_object_array_length(heaps); i++)
		show_heap(json_object_array_get_idx(heaps, i), indent, name, user, group);
}
