/* SPDX-License-Identifier: MIT */
#include "pages/patience.h"

#include "os/buddy.h"
#include "os/os.h"
#include "pages/area.h"

#define SEARCH_US    40000u
#define HOPEFUL_US   1000000u
#define US_FOR_A_MIB 1000u

/* The largest block of the page allocator: MAX_PAGE_ORDER, 10 unless configured otherwise. */
#define LARGEST_ORDER 10

/* Small beside what can be had: then reclaim and compaction make room, too. */
#define SMALL_MAX   ((uint64_t)64 << 20)
#define SMALL_SHARE 32

/* Up to one block the kernel has it or not, and nothing is looked for. */
static bool hopeful(const char *root, size_t page, uint64_t size)
{
	size_t largest = page << LARGEST_ORDER;

	if (size <= largest)
		return false;
	return buddy_free(root, page, largest) / 2 >= size ||
		(size <= SMALL_MAX && area_available(root) / SMALL_SHARE >= size);
}

struct patience patience_begin(const char *root, uint64_t size, uint32_t wait_ms)
{
	size_t page = os->page_size();
	uint64_t worked = os->worked_us(), now = os->now_us(), work = SEARCH_US, most;

	if (wait_ms)
		return (struct patience){ .asked = true, .clock = now + wait_ms * (uint64_t)1000 };
	if (hopeful(root, page, size))
		work = HOPEFUL_US;
	most = (size >> 20) * US_FOR_A_MIB > work ? (size >> 20) * US_FOR_A_MIB : work;
	return (struct patience){ .work = worked + work, .clock = now + 4 * most,
		.work_last = worked + most };
}

bool patience_ends(const struct patience *p)
{
	return os->now_us() > p->clock || (!p->asked && os->worked_us() > p->work);
}

bool patience_more(struct patience *p)
{
	if (p->asked || os->now_us() > p->clock || os->worked_us() > p->work_last)
		return false;
	p->work = os->worked_us() + SEARCH_US;
	return true;
}
