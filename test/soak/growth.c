/* SPDX-License-Identifier: MIT */
#include "growth.h"

#include <dirent.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "soak.h"

/* How much each may grow: what threads, malloc() and the kernel's counting in batches need. */
static const struct {
	const char *what;
	uint64_t allowance;
} kinds[GROWTH_FIGURES] = {
	{ "descriptors", 0 },
	{ "mappings", 4 },
	{ "anonymous memory, in RAM or swap (KiB)", 1024 },
	{ "its share of what is in RAM, and swap (KiB)", 1024 },
	{ "VmLck (KiB)", 0 },
	{ "VmPin (KiB)", 0 },
	{ "malloc() (bytes in use)", 8192 },
	{ "pages of the pool (KiB)", 0 },
	{ "pages pinned on the machine", 512 },
};

static uint64_t entries_of(const char *path)
{
	uint64_t count = 0;
	DIR *dir = opendir(path);

	while (dir && readdir(dir))
		count++;
	if (dir)
		closedir(dir);
	return count;
}

static uint64_t lines_of(const char *path)
{
	char line[1024];
	uint64_t count = 0;
	FILE *file = fopen(path, "re");

	while (file && fgets(line, sizeof(line), file))
		count++;
	if (file)
		fclose(file);
	return count;
}

uint64_t growth_machine_pins(void)
{
	uint64_t released = soak_number("/proc/vmstat", "nr_foll_pin_released ");
	uint64_t acquired = soak_number("/proc/vmstat", "nr_foll_pin_acquired ");

	return acquired == UINT64_MAX || acquired < released ? 0 : acquired - released;
}

void growth_measure(struct growth *out)
{
	static const char status[] = "/proc/self/status", smaps[] = "/proc/self/smaps_rollup";
	uint64_t swap = soak_number(status, "VmSwap:");

	out->figures[0] = entries_of("/proc/self/fd");
	out->figures[1] = lines_of("/proc/self/maps");
	out->figures[2] = soak_number(status, "RssAnon:") + swap;
	out->figures[3] = soak_number(smaps, "Pss_Anon:") + soak_number(smaps, "SwapPss:");
	out->figures[4] = soak_number(status, "VmLck:");
	out->figures[5] = soak_number(status, "VmPin:");
	out->figures[6] = mallinfo2().uordblks;
	out->figures[7] = soak_number(status, "HugetlbPages:");
	out->figures[8] = growth_machine_pins();
}

static size_t grown(const struct growth *first, const struct growth *now)
{
	for (size_t i = 0; i < GROWTH_FIGURES; i++) {
		if (now->figures[i] > first->figures[i] + kinds[i].allowance)
			return i;
	}
	return GROWTH_FIGURES;
}

void growth_compare(const struct growth *first)
{
	struct growth now;
	size_t used = 0, bad;

	/* The kernel lets go of some a moment later, and others of the machine pin for a moment, too. */
	for (unsigned tries = 0; tries < 100; tries++) {
		growth_measure(&now);
		if (grown(first, &now) == GROWTH_FIGURES)
			break;
		soak_sleep_ms(100);
	}
	bad = grown(first, &now);
	if (bad < GROWTH_FIGURES)
		soak_fault("%s grew from %" PRIu64 " to %" PRIu64, kinds[bad].what, first->figures[bad], now.figures[bad]);
	for (size_t i = 0; i < GROWTH_FIGURES && used < sizeof(soak->growth); i++)
		used += (size_t)snprintf(soak->growth + used, sizeof(soak->growth) - used,
			"  %-46s %10" PRIu64 " -> %10" PRIu64 "   may grow by %" PRIu64 "\n", kinds[i].what,
			first->figures[i], now.figures[i], kinds[i].allowance);
}

const char *growth_effects(void)
{
	static const struct {
		const char *word, *what;
	} counted[] = {
		{ "pgmigrate_success ", "pages moved" },
		{ "compact_isolated ", "looked at by compaction" },
		{ "pswpout ", "swapped out" },
		{ "pswpin ", "swapped in" },
		{ "thp_split_page ", "huge pages split" },
		{ "thp_collapse_alloc ", "put together" },
		{ "htlb_buddy_alloc_success ", "made for the pool" },
	};
	static uint64_t was[sizeof(counted) / sizeof(counted[0])];
	static char line[500];
	static bool began;
	size_t used = 0;

	for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++) {
		uint64_t is = soak_number("/proc/vmstat", counted[i].word);

		if (is == UINT64_MAX)
			continue;
		if (began)
			used += (size_t)snprintf(line + used, sizeof(line) - used, "%s%" PRIu64 " %s", used ? ", " : "",
				is - was[i], counted[i].what);
		was[i] = is;
	}
	began = true;
	return line;
}
