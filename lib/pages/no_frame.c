/* SPDX-License-Identifier: MIT */
#include "pages/no_frame.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>
#include <pmem/vaddr.h>

#include "base/error.h"
#include "os/file.h"

#define PAGEMAP "/proc/self/pagemap"

/* More than any sane process has; a larger smaps is given up on, and the message says less. */
#define SMAPS_LIMIT ((size_t)32 << 20)

/* Bit 58: a guard region, MADV_GUARD_INSTALL (Documentation/admin-guide/mm/pagemap.rst, 6.15). */
#define ENTRY_GUARD (1ull << 58)

enum place {
	PLACE_UNKNOWN,  /* smaps could not be read */
	PLACE_NOWHERE,  /* no mapping there */
	PLACE_MEMORY,   /* ordinary memory or a file */
	PLACE_DEVICE,   /* VM_PFNMAP: the kernel keeps no struct page for it */
};

/* Is flag one of the two-letter words of a "VmFlags:" line? */
static bool has_flag(const char *line, const char *flag)
{
	const char *p = strstr(line, flag);

	return p && p[-1] == ' ' && (p[2] == ' ' || p[2] == '\0');
}

/* Find va's mapping in the text of smaps; its name goes to name. */
static enum place find_place(char *text, uint64_t va, char *name, size_t room)
{
	enum place place = PLACE_NOWHERE;
	bool inside = false;
	char *line;

	while ((line = strsep(&text, "\n"))) {
		uint64_t start, end;
		int path = 0;

		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %*s %*s %*s %n", &start, &end,
			    &path) >= 2) {
			inside = va >= start && va < end;
			if (inside) {
				place = PLACE_MEMORY;
				strlcpy(name, path ? line + path : "", room);
			}
		} else if (inside && strncmp(line, "VmFlags:", 8) == 0) {
			/* "pf" is VM_PFNMAP (fs/proc/task_mmu.c show_smap_vma_flags) */
			return has_flag(line, "pf") ? PLACE_DEVICE : PLACE_MEMORY;
		}
	}
	return place;
}

static enum place look_up(const char *root, uint64_t va, char *name, size_t room)
{
	enum place place;
	size_t size;
	char *text;

	name[0] = '\0';
	if (file_read(root, "/proc/self/smaps", SMAPS_LIMIT, &text, &size) < 0)
		return PLACE_UNKNOWN;
	place = find_place(text, va, name, room);
	free(text);
	return place;
}

static int no_address(uint64_t va, size_t i, const char *hint, const char *what)
{
	return error_set(ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN, "translate", PAGEMAP, hint,
		"page %zu, at 0x%" PRIx64 ", %s", i, va, what);
}

int no_frame_zero_page(uint64_t va, size_t i)
{
	return no_address(va, i, "write to the page first",
		"has been read but never written: it is the kernel's shared page of zeros");
}

int no_frame_error(const char *root, uint64_t va, size_t i, uint64_t entry)
{
	char name[96], what[192];

	if (entry & PMEM_PAGEMAP_SWAPPED)
		return no_address(va, i, "pin the page, or lock it with mlock(), before asking",
			"is in swap, or being moved for a long time");
	if (entry & ENTRY_GUARD)
		return no_address(va, i, NULL, "is a guard page: it has no memory");
	switch (look_up(root, va, name, sizeof(name))) {
	case PLACE_NOWHERE:
		return no_address(va, i, NULL, "is not mapped");
	case PLACE_DEVICE:
		snprintf(what, sizeof(what), "is a device mapping%s%s%s: the kernel does not "
			"show its frames", name[0] ? " (" : "", name, name[0] ? ")" : "");
		return no_address(va, i, "pmem_region_phys() knows the address of a region", what);
	case PLACE_MEMORY:
		return no_address(va, i, "write to the page first",
			"has not been touched yet, or, if it is shared, not since the kernel took it out of "
			"the page table for want of memory");
	default:
		return no_address(va, i, "write to the page first",
			"has no frame: it was never touched, or belongs to a device mapping");
	}
}
