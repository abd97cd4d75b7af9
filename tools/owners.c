/* SPDX-License-Identifier: MIT */
/* Who owns a physical range, by /proc/iomem (kernel/resource.c r_show). */
#include "physmem.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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

/* A reusable one is the kernel's after all. */
bool reserved_in_tree(struct pmem_ctx *ctx, uint64_t first, uint64_t last, char *name, size_t size)
{
	uint64_t phys, length;
	size_t count = 0;
	uint32_t flags;

	(void)sure(pmem_soc_reserved_count(ctx, &count));
	for (size_t i = 0; i < count; i++) {
		if (sure(pmem_soc_reserved(ctx, i, &phys, &length, &flags)) ||
			flags & (PMEM_RESERVED_REUSABLE | PMEM_RESERVED_DYNAMIC) || !length ||
			first < phys || last - phys > length - 1)
			continue;
		(void)strlcpy(name, pmem_soc_reserved_path(ctx, i), size);
		return true;
	}
	return false;
}

enum owner iomem_owner(uint64_t first, uint64_t last, char *name, size_t size)
{
	enum owner owner = OWNER_NONE;
	FILE *file = root_open("/proc/iomem");
	bool told = false, whole;
	char line[512];

	(void)strlcpy(name, "", size);
	while (file && fgets(line, sizeof(line), file)) {
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
	whole = root_close(file, "/proc/iomem"); /* else who owns it may stand in the rest */
	return told && (whole || owner == OWNER_RAM) ? owner : OWNER_UNKNOWN;
}
