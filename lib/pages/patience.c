/* SPDX-License-Identifier: MIT */
#include "pages/patience.h"

#include "os/os.h"

/* The largest block of the page allocator: MAX_PAGE_ORDER, 10 unless configured otherwise. */
#define LARGEST_ORDER 10

/* A little more than one block is found nearly always; a row of many is luck. */
#define PAIR_US   85000u
#define SEARCH_US 30000u

/* By the clock: others work, too. */
#define CLOCK(us) (2 * (us))

struct patience patience_begin(uint64_t size, uint32_t wait_ms)
{
	uint64_t worked = os->worked_us(), now = os->now_us();
	uint64_t work = (size - 1) >> LARGEST_ORDER < 2 * os->page_size() ? PAIR_US : SEARCH_US;

	if (wait_ms)
		return (struct patience){ .asked = true, .clock = now + wait_ms * (uint64_t)1000 };
	return (struct patience){ .work = worked + work, .clock = now + CLOCK(work) };
}

static uint64_t until(uint64_t end, uint64_t now)
{
	return end > now ? end - now : 0;
}

uint64_t patience_left(const struct patience *p)
{
	uint64_t left = until(p->clock, os->now_us()), work;

	if (p->asked || left == 0)
		return left;
	work = until(p->work, os->worked_us());
	return work < left ? work : left;
}

bool patience_ends(const struct patience *p)
{
	return patience_left(p) == 0;
}
