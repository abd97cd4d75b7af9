/* SPDX-License-Identifier: MIT */
#include "pages/migrate.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/error.h"
#include "os/file.h"
#include "os/os.h"

/* Each processor adds some lines per zone; this is enough for a thousand of them. */
#define ZONEINFO_MAX ((size_t)4 << 20)

/* Compaction's limit, and a factor of two for what changes after we looked. */
#define LRU_SHARE (16 * 2)

/*
 * The second, and 1, in which this machine was seen to have none of such areas: until it is over that is
 * not looked at again. Memory that is plugged in may be one.
 */
static _Atomic uint32_t none_in;

/* Pages of one node, added up over its zones. */
struct node {
	unsigned number;
	bool any;          /* some node has what pages are moved away from */
	bool in_movable;   /* the lines are about ZONE_MOVABLE */
	uint64_t lru;      /* on the lists that compaction counts */
	uint64_t movable;  /* from where a pin moves pages away */
	uint64_t zone_cma; /* of the zone that is being read */
};

static bool too_few(struct node *node, uint64_t pages)
{
	uint64_t movable = node->movable + node->zone_cma;

	node->any = node->any || movable;
	return (pages < movable ? pages : movable) > node->lru / LRU_SHARE;
}

/* A "Node 0, zone Normal" line. */
static void enter_zone(struct node *node, const char *zone)
{
	node->movable += node->zone_cma;
	node->zone_cma = 0;
	node->in_movable = strcmp(zone, "Movable") == 0;
}

static void count(struct node *node, const char *key, uint64_t pages)
{
	static const char lists[][20] = { "nr_inactive_anon", "nr_active_anon",
		"nr_inactive_file", "nr_active_file" };

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		if (strcmp(key, lists[i]) == 0)
			node->lru += pages;
	}
	if (node->in_movable && strcmp(key, "managed") == 0)
		node->movable += pages;
	/* Before Linux 5.12 only those that are free are told. */
	if ((strcmp(key, "cma") == 0 || strcmp(key, "nr_free_cma") == 0) && pages > node->zone_cma)
		node->zone_cma = pages;
}

int migrate_begin(void)
{
	return os->io_flusher(1);
}

void migrate_end(int was)
{
	if (was == 0)
		os->io_flusher(0);
}

/* Can this thread keep the kernel from compaction? */
static bool can_begin(void)
{
	int was = migrate_begin();

	migrate_end(was);
	return was >= 0;
}

bool migrate_may_hang(const char *root, size_t length)
{
	uint64_t pages = length / os->page_size();
	struct node node = { .number = 0 };
	uint32_t now = (uint32_t)(os->now_us() / 1000000) + 1;
	bool hang = false, real = file_is_this_machine(root);
	char *text, *rest, *line;
	size_t size;

	if (real && atomic_load(&none_in) == now)
		return false;
	/* If there is no such file, nothing is known of such areas. */
	if (can_begin() || file_read(root, "/proc/zoneinfo", ZONEINFO_MAX, &text, &size) < 0)
		return false;
	for (rest = text; !hang && (line = strsep(&rest, "\n"));) {
		unsigned long long value;
		char word[32];
		unsigned number;

		if (sscanf(line, "Node %u, zone %31s", &number, word) == 2) {
			if (number != node.number) {
				hang = too_few(&node, pages);
				node = (struct node){ .number = number, .any = node.any };
			}
			enter_zone(&node, word);
		} else if (sscanf(line, " %31s %llu", word, &value) == 2) {
			count(&node, word, value);
		}
	}
	free(text);
	hang = hang || too_few(&node, pages);
	if (real && !node.any)
		atomic_store(&none_in, now);
	return hang;
}

int migrate_check(const char *root, size_t length)
{
	return !migrate_may_hang(root, length) ? 0 :
		error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "pin", NULL, NULL,
			"pinning huge pages of %zu bytes could hang this kernel, which has CMA or "
			"movable memory and little else in use: CAP_SYS_RESOURCE would keep it from "
			"that", length);
}
