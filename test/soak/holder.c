/* SPDX-License-Identifier: MIT */
/* The process that holds: takes all, measures, looks again and again, and measures again when all is quiet. */
#include "holder.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "growth.h"
#include "held.h"

/* Memory that is locked and no more: it is what moves, else nothing here would be proved. */
#define CONTROL (16 * MIB)

static unsigned char *control;
static uint64_t *control_was, *control_is;

static bool control_take(void)
{
	control = mmap(NULL, 2 * CONTROL, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	control_was = malloc(CONTROL / PAGE * sizeof(*control_was));
	control_is = malloc(CONTROL / PAGE * sizeof(*control_is));
	if (control == MAP_FAILED || !control_was || !control_is)
		return false;
	madvise(control, 2 * CONTROL, MADV_NOHUGEPAGE);
	memset(control, 1, 2 * CONTROL);
	/* With a hole beside each page, so that there is something to compact. */
	for (size_t i = 0; i < CONTROL; i += PAGE)
		madvise(control + 2 * i + PAGE, PAGE, MADV_DONTNEED);
	if (mlock2(control, 2 * CONTROL, MLOCK_ONFAULT) < 0)
		return false;
	for (size_t i = 0; i < CONTROL; i += PAGE) {
		if (pmem_vaddr_phys(held_ctx(), control + 2 * i, &control_was[i / PAGE]))
			return false;
	}
	return true;
}

static void control_look(void)
{
	uint64_t moved = 0;

	for (size_t i = 0; i < CONTROL / PAGE; i++) {
		if (pmem_vaddr_phys(held_ctx(), control + 2 * i * PAGE, &control_is[i]))
			continue; /* on its way */
		moved += control_is[i] != control_was[i];
		control_was[i] = control_is[i];
	}
	atomic_fetch_add(&soak->control_moved, moved);
}

static void look_until_stop(void)
{
	struct pace pace;

	pace_begin(&pace, 8, 250);
	do {
		if (!held_look())
			return;
		if (atomic_load(&soak->scans) % 8 == 0)
			control_look();
	} while (pace_rest(&pace));
}

int holder_run(unsigned warm_ms)
{
	struct growth first;

	/* So that malloc_trim() gives back all that is free. */
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_MMAP_THRESHOLD, 256 << 10);
	book_open();
	if (!held_take() || !held_look() || !control_take() || !churn_start()) {
		soak_fault("not all could be taken");
		return 1;
	}
	/* What the first rounds need for ever: arenas, stacks, what contexts keep. */
	soak_sleep_ms(warm_ms);
	churn_quiet(true);
	soak_sleep_ms(300);
	malloc_trim(0);
	held_look();
	growth_measure(&first);
	churn_quiet(false);
	atomic_store(&soak->ready, true);
	look_until_stop();
	while (!atomic_load(&soak->look_last))
		soak_sleep_ms(20);
	churn_quiet(true);
	malloc_trim(0);
	if (held_look())
		growth_compare(&first);
	churn_quiet(false);
	churn_end();
	return atomic_load(&soak->failed);
}
