/* SPDX-License-Identifier: MIT */
/*
 * Neighbours among many huge pages that nobody writes to: a file of a tmpfs of our own takes them from
 * the kernel without zeros in them (fallocate(), mm/shmem.c), forty times as fast, and without memory that a virtual
 * machine's host has not given yet. Where they are, /proc/kpageflags tells: huge, of a tmpfs, and never
 * filled. Which page of the file is where, it does not; so some are given back, and if one of the row was among
 * them, taken again, one by one, until it has shown up. Those of the row alone are kept, filled with zeros,
 * and mapped in order.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>

#include "base/bits.h"
#include "base/error.h"
#include "os/buddy.h"
#include "os/file.h"
#include "os/hole.h"
#include "os/inherit.h"
#include "os/os.h"
#include "pages/area.h"
#include "pages/migrate.h"
#include "pages/neighbours.h"
#include "pages/ways.h"

#ifndef FALLOC_FL_KEEP_SIZE
#define FALLOC_FL_KEEP_SIZE  1
#define FALLOC_FL_PUNCH_HOLE 2
#endif

/* Pages that are taken by one call: a millisecond or two. */
#define STEP  256
/* Pages that are given back together: of each it may have to be looked for each of the row among them. */
#define BATCH 64
/* Signals in a row that come while a single page is taken. */
#define SIGNALS_MAX 16

/* include/uapi/linux/kernel-page-flags.h */
#define FILLED     (1u << 3) /* up to date */
#define MMAP       (1u << 11)
#define SWAPBACKED (1u << 14)
#define HEAD       (1u << 15)
#define NOPAGE     (1u << 20)
#define THP        (1u << 22)

/* Where there is no memory, there is none for longer: sections of 128 MiB. */
#define SECTION ((uint64_t)128 << 20)

struct sieve {
	const struct taking *t;
	struct patience patience;
	size_t unit, need, held; /* bytes; pages that are wanted, and that the file has */
	int file, flags;
	struct neighbours found;
	struct neighbours_wanted wanted;
	struct neighbour *row;   /* of which at is a place() in the file, once it is known, or &lost */
};

/* Where a page of the row is that was just given back. */
static char lost;

/* The page number n of the file; never NULL. */
static void *place(size_t n)
{
	return (void *)(uintptr_t)(n + 1);
}

/* Before Linux 6.10 a signal undoes all of a call: a program whose timer ticks gets one at a time. */
static int hold(const struct sieve *s, size_t first, size_t count)
{
	int r = -EINTR;

	for (unsigned n = 0; r == -EINTR && n < (count == 1 ? SIGNALS_MAX : 1); n++)
		r = os->fallocate(s->file, 0, (uint64_t)first * s->unit, (uint64_t)count * s->unit);
	return r == 0 ? 0 : error_set(-r, PMEM_CAUSE_NO_MEMORY, "fallocate", NULL, NULL,
		"no memory for %zu huge pages", count);
}

static void drop(const struct sieve *s, size_t first, size_t count)
{
	if (count)
		os->fallocate(s->file, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE,
			(uint64_t)first * s->unit, (uint64_t)count * s->unit);
}

/* 1 a page like ours; 0 not, with what it is in *entry; -ENODATA behind the end. */
static int look(const struct sieve *s, uint64_t phys, uint64_t *entry)
{
	ssize_t n = os->pread(s->flags, entry, sizeof(*entry), phys / s->t->page * sizeof(*entry));

	if (n != sizeof(*entry))
		return n < 0 ? (int)n : -ENODATA;
	return (*entry & (FILLED | MMAP | SWAPBACKED | HEAD | THP)) == (SWAPBACKED | HEAD | THP);
}

/* All of them, as far as time allows. */
static int scan(struct sieve *s)
{
	uint64_t phys = 0, entry;
	int r = 0;

	s->found.count = 0;
	for (size_t n = 1; r >= 0 && s->found.count < s->held; n++) {
		r = look(s, phys, &entry);
		if (r < 0)
			return 0;
		if (r == 1)
			r = neighbours_add_one(&s->found, phys, NULL);
		phys += s->unit;
		if (entry & NOPAGE)
			phys = (phys + SECTION - 1) & ~(SECTION - 1);
		if (n % 1024 == 0 && patience_ends(&s->patience))
			break;
	}
	return r;
}

/* 0 with the row, -ENOENT none. */
static int search(struct sieve *s, size_t most)
{
	bool above = false;
	/* Of a long row there is hope among all of them only. */
	size_t goal = s->need > most / 64 ? most : most / 4, row;
	int r = 0;

	for (;; goal = goal > most / 2 ? most : goal * 2) {
		uint64_t half = patience_left(&s->patience) / 2;

		/* Others take memory, too; and all of a call fails, or nothing. */
		for (size_t step = STEP; step && s->held < goal && patience_left(&s->patience) > half;) {
			size_t count = goal - s->held < step ? goal - s->held : step;

			r = hold(s, s->held, count);
			s->held += r == 0 ? count : 0;
			step = r == 0 ? step : count / 2;
		}
		if (s->held)
			r = scan(s);
		if (r < 0 && s->found.count == 0)
			return r;
		row = neighbours_find(&s->found, &s->wanted, &above);
		if (row < s->found.count) {
			s->row = &s->found.units[row];
			return 0;
		}
		if (s->held < goal || goal == most || patience_ends(&s->patience))
			break;
	}
	neighbours_none(&s->found, &s->wanted, above, s->held < goal);
	/* None at all: what was free in large blocks was not for us, as that of CMA, and small pages came. */
	return above ? -ERANGE : s->found.count ? -ENOENT : -ENOMEM;
}

/* Those of the row whose place is not known, and which the file does not have any more: they are lost. How many. */
static size_t lose(const struct sieve *s)
{
	uint64_t entry;
	size_t n = 0;

	for (size_t i = 0; i < s->need; i++) {
		if (!s->row[i].at && look(s, s->row[i].phys, &entry) != 1) {
			s->row[i].at = &lost;
			n++;
		}
	}
	return n;
}

/* Is it a lost one that has just been taken? */
static bool is_found(const struct sieve *s, void *where)
{
	uint64_t entry;

	for (size_t i = 0; i < s->need; i++) {
		if (s->row[i].at == &lost && look(s, s->row[i].phys, &entry) == 1) {
			s->row[i].at = where;
			return true;
		}
	}
	return false;
}

static int locate(struct sieve *s)
{
	/* What was given back last comes first; others take some, too. */
	const size_t end = s->held, most = 2 * end + end / 8 + 8;
	size_t known = 0;

	for (size_t first = 0, gone; first < end && known < s->need; first += BATCH, known += gone) {
		drop(s, first, end - first < BATCH ? end - first : BATCH);
		gone = lose(s);
		for (size_t left = gone; left; s->held++) {
			int r = s->held < most ? hold(s, s->held, 1) : error_set(ENOMEM,
				PMEM_CAUSE_NOT_CONTIGUOUS, "alloc", NULL, NULL,
				"somebody else took one of %zu huge pages in a row", s->need);

			if (r < 0)
				return r;
			left -= is_found(s, place(s->held));
		}
	}
	return 0;
}

static bool kept(const struct sieve *s, const void *where)
{
	for (size_t i = 0; i < s->need; i++) {
		if (s->row[i].at == where)
			return true;
	}
	return false;
}

static void drop_others(const struct sieve *s)
{
	size_t first = 0;

	for (size_t i = 0; i <= s->held; i++) {
		if (i == s->held || kept(s, place(i))) {
			drop(s, first, i - first);
			first = i + 1;
		}
	}
}

static int not_in_order(int r)
{
	return error_set(-r, PMEM_CAUSE_SYSTEM, "mmap", NULL, NULL, "huge pages in a row cannot be mapped in order");
}

static int map(const struct sieve *s, struct pages_block *block)
{
	size_t length = s->need * s->unit;
	void *at, *out;
	int r = area_map(NULL, length, s->unit, true, &at);

	if (r < 0)
		return r;
	for (size_t i = 0; i < s->need; i++) {
		unsigned char *unit = (unsigned char *)at + i * s->unit;

		r = os->mmap(unit, s->unit, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, s->file,
			((uint64_t)(uintptr_t)s->row[i].at - 1) * s->unit, &out);
		if (r < 0) {
			hole_unmap_around(at, length, unit, s->unit);
			return not_in_order(r);
		}
	}
	r = os->madvise(at, length, MADV_DONTFORK);
	r = r < 0 ? not_in_order(r) : area_populate(at, length);
	if (r < 0)
		os->munmap(at, length);
	else
		*block = (struct pages_block){ .data = at, .length = length };
	return r;
}

/*
 * One at a time on this machine: pages of another that does the same would look like ours. Other ways have half
 * of the time: somebody who does not let go may have the lock for ever.
 */
static int lock(const struct sieve *s)
{
	uint64_t half = patience_left(&s->patience) / 2, pauses = 0;

	while (os->flock(s->flags, LOCK_EX | LOCK_NB) == -EWOULDBLOCK) {
		/* Counted as well: a clock may stand still, or be set back where a machine's past is played. */
		if (patience_left(&s->patience) <= half || pauses++ > half / 1000)
			return error_set(EBUSY, PMEM_CAUSE_BUSY, "flock", "/proc/kpageflags", NULL,
				"another program looks for huge pages all the time");
		os->pause_ms(1);
	}
	return 0;
}

static int sieve(struct sieve *s, size_t most, struct pages_block *block)
{
	int r = lock(s);

	if (r < 0)
		return r;
	r = search(s, most);
	if (r == 0)
		r = locate(s);
	if (r == 0) {
		drop_others(s);
		r = map(s, block);
	}
	/* Neither by close(): a child that was forked in the moment of opening has the descriptors, too. */
	if (r < 0)
		drop(s, 0, s->held);
	os->flock(s->flags, LOCK_UN);
	return r;
}

/* Switched off for all: then they would be small pages, one by one. */
static bool denied(const char *root)
{
	char *text;
	size_t size;
	bool deny;

	if (file_read(root, "/sys/kernel/mm/transparent_hugepage/shmem_enabled", 4096, &text, &size) < 0)
		return true;
	deny = strstr(text, "[deny]") != NULL;
	free(text);
	return deny;
}

static int start(struct sieve *s)
{
	int r = migrate_check(s->t->root, s->t->size);

	if (r < 0)
		return r;
	/* A child would keep the lock, and what the file has, for as long as it lives. */
	s->flags = inherit_never(file_open(s->t->root, "/proc/kpageflags", O_RDONLY));
	if (s->flags < 0)
		return error_set(-s->flags, PMEM_CAUSE_UNSUPPORTED, "open", "/proc/kpageflags", NULL,
			"where memory is that nobody has touched cannot be told");
	s->file = inherit_never(os->huge_file());
	return s->file >= 0 ? 0 : error_set(-s->file, PMEM_CAUSE_UNSUPPORTED, "fsopen", NULL, NULL,
		"this program can have no tmpfs of its own");
}

int way_sieve(const struct taking *t, struct pages_block *block)
{
	struct sieve s = { .t = t, .patience = t->patience, .file = -1, .flags = -1,
		.wanted = { t->size, t->want->align, t->want->max_addr } };
	uint64_t most, blocks;
	int r;

	s.unit = s.found.unit = area_thp_size(t->root);
	if (s.unit == 0 || t->size <= s.unit || t->frames < 0 || denied(t->root))
		return WAY_NOT_FOR_THIS;
	s.need = (t->size - 1) / s.unit + 1;
	most = area_available(t->root) / WAYS_SHARE;
	blocks = buddy_free(t->root, t->page, s.unit);
	if (most > blocks)
		most = blocks;
	most /= s.unit;
	if (s.need > most) {
		error_set(ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "alloc", NULL, NULL,
			"%zu huge pages are more than are free, or than an eighth of what is available", s.need);
		return -ENOENT;
	}
	r = start(&s);
	if (r == 0)
		r = sieve(&s, (size_t)most, block);
	inherit_close(s.file);
	inherit_close(s.flags);
	free(s.found.units);
	return r;
}
