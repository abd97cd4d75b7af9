/* SPDX-License-Identifier: MIT */
/* Contiguous memory: which way is tried when, and whether what came out is what was asked for. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "os/os.h"
#include "pages/ways.h"

/* Blocks that lie above the limit are kept until the end, so that the kernel gives others. */
#define LIMIT_TRIES 8

static const struct way {
	char name[23];
	bool slow; /* the kernel may have to make room first */
	way_fn *get;
} ways[] = {
	{ "page", false, way_page },
	{ "free huge page", false, way_thp_free },
	{ "io_uring region", false, way_region },
	{ "large folio", true, way_folio },
	{ "transparent huge page", true, way_thp },
	{ "collapse", true, way_collapse },
	{ "hugetlb", false, way_hugetlb },
	{ "packet ring", false, way_packet },
	{ "huge pages of a file", true, way_sieve },
	{ "several blocks", true, way_join },
	{ "several huge pages", true, way_gather_thp },
	{ "several pages", true, way_gather },
	{ "larger hugetlb", false, way_hugetlb_larger },
};

struct search {
	struct taking t; /* its patience begins with the first way that needs it */
	bool begun;
	struct pages_block *parked; /* made when there is one: most requests have none */
	size_t parked_count;
	bool above;       /* something contiguous was above the limit */
	bool moved;       /* something did not stay where it was */
	bool seen;        /* all that is free was looked through: taking it at random finds no more */
	struct pmem_error limit; /* a cgroup leaves too little; errnum 0: none does */
	char told[640];   /* what each way said */
};

static void note(struct search *s, const struct way *way)
{
	const struct pmem_error *e = error_last();
	size_t used = strlen(s->told);

	if (e->errnum == ENOMEM && e->cause == PMEM_CAUSE_LIMIT && s->limit.errnum == 0)
		error_save(&s->limit);
	s->above |= e->cause == PMEM_CAUSE_ADDRESS_LIMIT;
	snprintf(s->told + used, sizeof(s->told) - used, "%s%s: %s", used ? "; " : "", way->name,
		e->message);
}

/* Each way twice at most, and one on request: try_hard(). */
#define PARKED_MAX ((2 * ARRAY_SIZE(ways) + 1) * LIMIT_TRIES)

static void park(struct search *s, struct pages_block *block)
{
	if (!s->parked)
		s->parked = calloc(PARKED_MAX, sizeof(*s->parked));
	if (s->parked)
		s->parked[s->parked_count++] = *block;
	else
		pages_give(block);
}

/* Another block may do better, by this way or the next. */
static bool is_soft(uint32_t cause)
{
	return cause == PMEM_CAUSE_NOT_CONTIGUOUS || cause == PMEM_CAUSE_ALIGNMENT ||
		cause == PMEM_CAUSE_ADDRESS_LIMIT || cause == PMEM_CAUSE_MOVED;
}

static bool time_is_over(struct search *s)
{
	if (!s->begun)
		s->t.patience = patience_begin(s->t.size, s->t.want->wait_ms);
	s->begun = true;
	return patience_ends(&s->t.patience);
}

/* 1 a block; 0 ask the next way; negative: no way will do. */
static int try_way(struct search *s, const struct way *way, struct pages_block *block)
{
	for (unsigned n = 0; n < LIMIT_TRIES && (n == 0 || !time_is_over(s)); n++) {
		struct pmem_error why;
		int r = way->get(&s->t, block);

		if (r == WAY_NOT_FOR_THIS)
			return 0;
		if (r < 0) {
			s->seen |= way->get == way_sieve && r == -ENOENT;
			note(s, way);
			return 0;
		}
		r = block_check(&s->t, block);
		if (r == 0)
			r = block_pin_and_find(&s->t, block);
		if (r == 0)
			r = block_keeps(&s->t, block);
		if (r == 0)
			return 1;
		error_save(&why);
		if (why.cause != PMEM_CAUSE_ADDRESS_LIMIT && why.cause != PMEM_CAUSE_ALIGNMENT) {
			pages_give(block);
			error_restore(&why);
			if (!is_soft(why.cause))
				return r;
			s->moved |= why.cause == PMEM_CAUSE_MOVED;
			note(s, way);
			return 0;
		}
		s->above |= why.cause == PMEM_CAUSE_ADDRESS_LIMIT;
		park(s, block);
		if (n == LIMIT_TRIES - 1 || time_is_over(s))
			note(s, way);
	}
	return 0;
}

static int nothing(const struct search *s)
{
	const struct pages_request *want = s->t.want;

	if (s->above)
		return error_set(ERANGE, PMEM_CAUSE_ADDRESS_LIMIT, "alloc", NULL,
			"a dma-heap or firmware allocator may own memory below the limit",
			"no %" PRIu64 " contiguous bytes below 0x%" PRIx64 ": %s", want->size,
			want->max_addr, s->told);
	if (s->moved)
		return error_set(EAGAIN, PMEM_CAUSE_MOVED, "alloc", NULL, NULL,
			"no %" PRIu64 " contiguous bytes that stay where they are: %s", want->size,
			s->told);
	if (s->limit.errnum)
		return error_set(ENOMEM, PMEM_CAUSE_LIMIT, "alloc", s->limit.path, s->limit.hint,
			"no %" PRIu64 " contiguous bytes: %s", want->size, s->told);
	return error_set(ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "alloc", NULL,
		"reserve huge pages early (/sys/kernel/mm/hugepages), ask for less, or for "
		"PMEM_ALLOC_SCATTERED",
		"no %" PRIu64 " contiguous bytes: %s", want->size, s->told);
}

/* What is left after that is what the kernel makes room for: a block or two, not a row of many. */
#define FEW(t) ((t)->size <= 2 * ((t)->page << WAYS_LARGEST_ORDER))

/* Every way in its turn, the slow ones as long as there is time. 1 a block; 0 none; negative: no way will do. */
static int try_ways(struct search *s, struct pages_block *block)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(ways); i++) {
		if (!ways[i].slow || (!time_is_over(s) && (!s->seen || FEW(&s->t) || s->t.want->wait_ms)))
			r = try_way(s, &ways[i], block);
	}
	return r;
}

/* PMEM_ALLOC_TRY_HARD: how long the ordinary ways may search then, each time. */
#define HARD_MS 1000

/* What nothing but the caller's wish allows. */
static int try_hard(struct search *s, struct pages_block *block)
{
	static const struct way reserve = { "a huge page on request", true, hard_reserve };
	int r = try_way(s, &reserve, block);

	if (r != 0 || hard_compact(&s->t) < 0)
		return r;
	s->t.patience = patience_begin(s->t.size, HARD_MS);
	s->seen = false;
	return try_ways(s, block);
}

int contiguous_take(const struct taking *t, struct pages_block *block)
{
	struct pmem_error why;
	struct search s;
	int r;

	/* Field by field: what only a failure fills is large, and no small request's to clear. */
	s.t = *t;
	s.begun = false;
	s.parked = NULL;
	s.parked_count = 0;
	s.above = s.moved = s.seen = false;
	s.limit.errnum = 0;
	s.told[0] = '\0';
	r = try_ways(&s, block);
	if (r == 0 && t->want->try_hard)
		r = try_hard(&s, block);
	if (r == 0)
		r = nothing(&s);
	if (r > 0 && !s.parked)
		return 0;
	error_save(&why);
	for (size_t i = 0; i < s.parked_count; i++)
		pages_give(&s.parked[i]);
	free(s.parked);
	return r < 0 ? error_restore(&why) : 0;
}
