/* SPDX-License-Identifier: MIT */
/* Who owns a physical range, by /proc/iomem (kernel/resource.c r_show). */
#include "physmem.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bsd/string.h>

/*
 * Ranges that describe where things are, not that somebody drives them: a PCI bridge's window, a
 * BAR without a driver (its name is the device's address), what the firmware left aside.
 */
static bool is_window(const char *name)
{
	unsigned domain, bus, device, function;
	int end = 0;

	if (!strncmp(name, "PCI Bus ", 8) || !strcasecmp(name, "reserved"))
		return true;
	return sscanf(name, "%x:%x:%x.%x%n", &domain, &bus, &device, &function, &end) == 4 &&
		name[end] == '\0';
}

static bool is_ram(const char *name)
{
	return !strncmp(name, "System RAM", 10) || !strncmp(name, "Kernel ", 7);
}

/* One line, "  3f200000-3f2000b3 : gpio@7e200000": false if it is not of that form. */
static bool parse(char *line, uint64_t *first, uint64_t *last, const char **name)
{
	int end = 0;

	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, " %" SCNx64 "-%" SCNx64 " : %n", first, last, &end) != 2 || !end)
		return false;
	*name = line + end;
	return true;
}

#define RESERVED "/reserved-memory" /* Devicetree specification, section 3.5 */

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Whether the node keeps the whole range from Linux: a reusable one is the kernel's after all. */
static bool keeps(struct pmem_ctx *ctx, const char *node, uint64_t first, uint64_t last)
{
	uint64_t phys, size;
	char path[512], full[8192];

	(void)snprintf(path, sizeof(path), "%s/reusable", node);
	if (!root_tree(full, sizeof(full), path) || access(full, F_OK) == 0)
		return false;
	for (unsigned i = 0; i < 64 && !sure(pmem_soc_node(ctx, node, i, &phys, &size)); i++) {
		if (size && first >= phys && last - phys <= size - 1)
			return true;
	}
	return false;
}

bool reserved_in_tree(struct pmem_ctx *ctx, uint64_t first, uint64_t last, char *name, size_t size)
{
	struct dirent **entries = NULL;
	char full[8192], node[320];
	bool found = false;
	int count;

	if (!root_tree(full, sizeof(full), RESERVED))
		return false;
	count = scandir(full, &entries, visible, alphasort);
	if (count < 0 && errno == ENOMEM)
		no_memory();
	for (int i = 0; i < count; i++) {
		(void)snprintf(node, sizeof(node), RESERVED "/%s", entries[i]->d_name);
		if (!found && entries[i]->d_type == DT_DIR && keeps(ctx, node, first, last)) {
			(void)strlcpy(name, node, size);
			found = true;
		}
		free(entries[i]);
	}
	free(entries);
	return found;
}

enum owner iomem_owner(uint64_t first, uint64_t last, char *name, size_t size)
{
	enum owner owner = OWNER_NONE;
	char full[4096], line[512];
	bool told = false;
	FILE *file;

	(void)strlcpy(name, "", size);
	if (!root_path(full, sizeof(full), "/proc/iomem"))
		return OWNER_UNKNOWN;
	file = fopen(full, "re");
	if (!file) {
		if (errno == ENOMEM)
			no_memory();
		return OWNER_UNKNOWN;
	}
	while (fgets(line, sizeof(line), file)) {
		uint64_t from, to;
		const char *what;

		if (!parse(line, &from, &to, &what))
			continue;
		/* Without CAP_SYS_ADMIN every line reads 00000000-00000000. */
		told = told || to != 0;
		if (to < first || from > last || is_window(what) || owner == OWNER_RAM)
			continue;
		owner = is_ram(what) ? OWNER_RAM : OWNER_DRIVER;
		(void)strlcpy(name, what, size); /* the last one is the innermost */
	}
	(void)fclose(file);
	return told ? owner : OWNER_UNKNOWN;
}
