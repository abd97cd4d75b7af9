/* SPDX-License-Identifier: MIT */
#include "pages/patience.h"

#include "os/os.h"

/* The largest block of the page allocator: MAX_PAGE_ORDER, 10 unless configured otherwise. */
#define LARGEST_ORDER 10

/* A little more than one block is found nearly always; a row of many is luck. */
#define PAIR_US      85000u
#define SEARCH_US    30000u
#define US_FOR_A_MIB 1000u

/* By the clock: others work, too. */
#define CLOCK(us) (2 * (us))

struct patience patience_begin(uint64_t size, uint32_t wait_ms)
{
	uint64_t worked = os->worked_us(), now = os->now_us();
	uint64_t work = (size - 1) >> LARGEST_ORDER < 2 * os->page_size() ? PAIR_US : SEARCH_US;
	uint64_t most = (size >> 20) * US_FOR_A_MIB;

	if (wait_ms)
		return (struct patience){ .asked = true, .clock = now + wait_ms * (uint64_t)1000 };
	if (most < work)
		most = work;
	return (struct patience){ .work = worked + work, .clock = now + CLOCK(work),
		.work_last = worked + most, .clock_last = now + CLOCK(most) };
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t until(uint64_t end, uint64_t now)
{
	return end > now ? end - now : 0;
}

uint64_t patience_left(const struct patience *p)
{
	uint64_t left = until(p->clock, os->now_us());

	return p->asked || left == 0 ? left : least(left, until(p->work, os->worked_us()));
}

bool patience_ends(const struct patience *p)
{
	return patience_left(p) == 0;
}

bool patience_more(struct patience *p)
{
	uint64_t worked, now;

	if (p->asked)
		return false;
	worked = os->worked_us();
	now = os->now_us();
	p->work = least(p->work_last, worked + SEARCH_US);
	p->clock = least(p->clock_last, now + CLOCK(SEARCH_US));
	return p->work > worked && p->clock > now;
}
