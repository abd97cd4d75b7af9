/* SPDX-License-Identifier: MIT */
/*
 * What is where in the physical address space: /proc/iomem, the device tree, PCI, CMA areas by debugfs,
 * and memory that processes keep in place. Each source may be silent; none is believed alone.
 */
#include "physmap.h"

#include "holders.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEEPEST 16 /* nodes below nodes */

const char *kind_word(enum place_kind kind)
{
	static const char *const words[PLACE_KINDS] = { "ram", "cma", "reserved", "kernel", "region",
		"device", "pci", "window" };

	return words[kind];
}

static struct place *add(struct place_list *list, uint64_t first, uint64_t last, enum place_kind kind,
	const char *source, const char *name)
{
	struct place *place;

	list->at = need(reallocarray(list->at, list->count + 1, sizeof(*list->at)));
	place = &list->at[list->count++];
	*place = (struct place){ .first = first, .last = last, .kind = kind, .source = source,
		.name = need(strdup(name)) };
	return place;
}

static bool is_bdf(const char *name)
{
	unsigned domain, bus, device, function;
	int end = 0;

	return sscanf(name, "%x:%x:%x.%x%n", &domain, &bus, &device, &function, &end) == 4 && !name[end];
}

static enum place_kind kind_of_line(const char *name)
{
	if (!strncmp(name, "System RAM", 10))
		return PLACE_RAM;
	if (!strncmp(name, "Kernel ", 7) || !strcmp(name, "Crash kernel"))
		return PLACE_KERNEL;
	if (!strcasecmp(name, "reserved") || !strcmp(name, "System ROM"))
		return PLACE_RESERVED;
	if (!strncmp(name, "PCI Bus ", 8) || !strncmp(name, "PCI ECAM", 8) || !strncmp(name, "PCI MMCONFIG", 12))
		return PLACE_WINDOW;
	return is_bdf(name) ? PLACE_PCI : PLACE_DEVICE;
}

/* Without CAP_SYS_ADMIN every line reads 00000000-00000000. */
static void gather_iomem(struct place_list *list)
{
	uint64_t first, last;
	char line[512];
	FILE *file = root_open("/proc/iomem");

	while (file && fgets(line, sizeof(line), file)) {
		int name = 0;

		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, " %" SCNx64 "-%" SCNx64 " : %n", &first, &last, &name) != 2 || !name || !last)
			continue;
		list->addresses = true;
		(void)add(list, first, last, kind_of_line(line + name), "iomem", line + name);
	}
	(void)root_close(file, "/proc/iomem");
}

static bool has_property(const char *node, const char *name)
{
	char path[4200], full[8300];

	(void)snprintf(path, sizeof(path), "%s/%s", node, name);
	return root_tree(full, sizeof(full), path) && access(full, F_OK) == 0;
}

/* The name of a node without its address, which the place has anyway. */
static void short_node(char *out, size_t size, const char *node)
{
	const char *last = strrchr(node, '/') + 1;

	(void)snprintf(out, size, "%.*s", (int)strcspn(last, "@"), last);
}

static enum place_kind kind_of_node(const char *node)
{
	if (!strncmp(node, "/memory", 7) && (node[7] == '@' || !node[7]))
		return PLACE_RAM;
	if (!strncmp(node, "/reserved-memory/", 17))
		return has_property(node, "reusable") ? PLACE_CMA : PLACE_RESERVED;
	return PLACE_DEVICE;
}

static void add_node(struct pmem_ctx *ctx, struct place_list *list, const char *node)
{
	enum place_kind kind = kind_of_node(node);
	bool available = asked(pmem_soc_node_available(ctx, node)) == 1;
	uint64_t phys, size;
	char name[256];

	short_node(name, sizeof(name), node);
	for (uint32_t i = 0; i < 64; i++) {
		int ret = asked(pmem_soc_node(ctx, node, i, &phys, &size));

		if (ret == -ENXIO) /* this entry has no address for the CPU; the next may have one */
			continue;
		if (ret)
			break;
		if (size && phys <= UINT64_MAX - (size - 1))
			add(list, phys, phys + (size - 1), kind, "device-tree", name)->disabled = !available;
	}
}

static int is_node(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && entry->d_type == DT_DIR;
}

static void gather_nodes(struct pmem_ctx *ctx, struct place_list *list, const char *node, int depth)
{
	struct dirent **names = NULL;
	char full[8300], path[4200];
	int count;

	if (!root_tree(full, sizeof(full), node))
		return;
	if (node[0] && has_property(node, "reg"))
		add_node(ctx, list, node);
	count = depth < DEEPEST ? scandir(full, &names, is_node, alphasort) : 0;
	if (count < 0)
		unread(full);
	for (int i = 0; i < count; i++) {
		if (snprintf(path, sizeof(path), "%s/%s", node, names[i]->d_name) < (int)sizeof(path))
			gather_nodes(ctx, list, path, depth + 1);
		free(names[i]);
	}
	free(names);
}

#define PCI "/sys/bus/pci/devices"
#define PCI_IO 0x100u /* IORESOURCE_IO: ports, not addresses */

/* "0000:00:02.0 virtio-pci" */
static void pci_name(char *out, size_t size, const char *bdf)
{
	char path[400], full[4600], target[400];
	ssize_t length = -1;

	(void)snprintf(path, sizeof(path), PCI "/%s/driver", bdf);
	if (root_path(full, sizeof(full), path))
		length = readlink(full, target, sizeof(target) - 1);
	target[length > 0 ? length : 0] = '\0';
	(void)snprintf(out, size, "%s%s%s", bdf, target[0] ? " " : "",
		strrchr(target, '/') ? strrchr(target, '/') + 1 : target);
}

static void add_pci(struct place_list *list, const char *bdf)
{
	uint64_t first, last, flags;
	char path[400], line[128], name[700];
	FILE *file;

	(void)snprintf(path, sizeof(path), PCI "/%s/resource", bdf);
	file = root_open(path);
	pci_name(name, sizeof(name), bdf);
	for (int i = 0; file && i < 6 && fgets(line, sizeof(line), file); i++) {
		if (sscanf(line, "%" SCNx64 " %" SCNx64 " %" SCNx64, &first, &last, &flags) == 3 && last &&
			!(flags & PCI_IO))
			(void)add(list, first, last, PLACE_PCI, "pci", name);
	}
	(void)root_close(file, path);
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void each_in(const char *folder, struct place_list *list,
	void (*take)(struct place_list *list, const char *name))
{
	struct dirent **names = NULL;
	int count = root_list(folder, visible, &names);

	for (int i = 0; i < count; i++) {
		take(list, names[i]->d_name);
		free(names[i]);
	}
	free(names);
}

#define CMA "/sys/kernel/debug/cma"

/* mm/cma_debug.c: in pages of the kernel. */
static void add_cma(struct place_list *list, const char *name)
{
	uint64_t frame, count, page = (uint64_t)sysconf(_SC_PAGESIZE);
	char path[400];

	(void)snprintf(path, sizeof(path), CMA "/%s/base_pfn", name);
	if (!root_number(path, &frame))
		return;
	(void)snprintf(path, sizeof(path), CMA "/%s/count", name);
	if (root_number(path, &count) && count)
		(void)add(list, frame * page, (frame + count) * page - 1, PLACE_CMA, "debugfs", name);
}

static void gather_regions(struct pmem_ctx *ctx, struct place_list *list)
{
	json_object *facts = json_new(), *pinned;
	char name[128];

	facts_holders(ctx, facts, true);
	pinned = member(facts, "pinned");
	for (size_t i = 0; i < json_object_array_length(pinned); i++) {
		json_object *one = json_object_array_get_idx(pinned, i), *places = member(one, "places");

		(void)snprintf(name, sizeof(name), "%s %s", text_of(one, "command"), text_of(one, "pid"));
		for (size_t j = 0; j < json_object_array_length(places); j++) {
			json_object *place = json_object_array_get_idx(places, j);
			uint64_t phys;

			if (parse_number(text_of(place, "phys"), &phys))
				(void)add(list, phys, phys + number_of(place, "size") - 1, PLACE_REGION,
					"process", name);
		}
	}
	json_object_put(facts);
}

static bool devices(const struct place *place)
{
	return place->kind == PLACE_DEVICE || place->kind == PLACE_PCI;
}

/* By address; what holds others before them; the device tree's and PCI's names before those of iomem. */
static int compare(const void *left, const void *right)
{
	const struct place *a = left, *b = right;

	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	if (a->last != b->last)
		return a->last > b->last ? -1 : 1;
	if (a->kind != b->kind && !(devices(a) && devices(b)))
		return a->kind < b->kind ? -1 : 1;
	return strcmp(a->source, b->source) ? (strcmp(a->source, "iomem") ? -1 : 1) :
		strcmp(a->name, b->name);
}

/* The same registers told twice: by the tree or PCI, and by the driver that claimed them. */
static bool same(const struct place *a, const struct place *b)
{
	return a->first == b->first && a->last == b->last &&
		(a->kind == b->kind || (devices(a) && devices(b)));
}

static void sort(struct place_list *list)
{
	size_t kept = 0;

	if (list->count)
		qsort(list->at, list->count, sizeof(*list->at), compare);
	for (size_t i = 0; i < list->count; i++) {
		if (kept && same(&list->at[kept - 1], &list->at[i]))
			free(list->at[i].name);
		else
			list->at[kept++] = list->at[i];
	}
	list->count = kept;
}

void gather_places(struct pmem_ctx *ctx, struct place_list *list)
{
	*list = (struct place_list){ 0 };
	gather_iomem(list);
	gather_nodes(ctx, list, "", 0);
	each_in(PCI, list, add_pci);
	each_in(CMA, list, add_cma);
	gather_regions(ctx, list);
	sort(list);
}

void free_places(struct place_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->at[i].name);
	free(list->at);
}
