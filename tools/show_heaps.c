/* SPDX-License-Identifier: MIT */
/* The dma-buf heaps: what the library knows of them, who may open them, what is left of them. */
#include "physmem.h"

#include <ctype.h>
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

	if (class & PMEM_HEAP_SECURE)
		kind = "secure";
	else if (class & PMEM_HEAP_CONTIGUOUS)
		kind = "contiguous";
	else if (class & PMEM_HEAP_SCATTERED)
		kind = "scattered";
	json_set_text(heap, "kind", kind);
	if (class & (PMEM_HEAP_CACHED | PMEM_HEAP_UNCACHED))
		json_set_bool(heap, "cached", class & PMEM_HEAP_CACHED);
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
	if (!user)
		(void)sure(-errno);
	errno = 0;
	group = getgrgid(st.st_gid);
	if (!group)
		(void)sure(-errno);
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
	return class & PMEM_HEAP_SCATTERED ? meminfo("MemAvailable") : NULL;
}

/* "nxp-ioctl" for PMEM_WAY_NXP_IOCTL. */
static json_object *way_word(uint32_t way)
{
	static const char prefix[] = "PMEM_WAY_";
	const char *name = pmem_constant_name(prefix, way);
	char text[40] = "unknown"; /* of a newer library */

	for (size_t i = 0; name && i < sizeof(text); i++) {
		char c = name[sizeof(prefix) - 1 + i];

		text[i] = (char)(c == '_' ? '-' : tolower((unsigned char)c));
		if (!c)
			break;
	}
	text[sizeof(text) - 1] = '\0';
	return json_text(text);
}

static void address(struct pmem_ctx *ctx, json_object *heap, size_t i)
{
	uint32_t way;

	if (pmem_heap_way(ctx, i, &way)) {
		json_set(heap, "address", NULL);
		json_set(heap, "address_error", json_error(pmem_error_last()));
	} else {
		json_set(heap, "address", way_word(way));
	}
}

json_object *facts_heaps(struct pmem_ctx *ctx, bool probe, int *result)
{
	json_object *list = json_list();
	size_t count;

	*result = pmem_heap_count(ctx, &count);
	if (*result)
		return list;
	for (size_t i = 0; i < count; i++) {
		json_object *heap = json_new();
		const char *name = pmem_heap_name(ctx, i);

		json_set_text(heap, "name", name);
		classify(heap, pmem_heap_class(ctx, i));
		owner(heap, pmem_heap_path(ctx, i));
		if (probe) {
			json_set(heap, "free", left(name, pmem_heap_class(ctx, i)));
			address(ctx, heap, i);
		}
		json_add(list, heap);
	}
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
