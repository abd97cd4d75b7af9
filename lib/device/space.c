/* SPDX-License-Identifier: MIT */
#include "device/space.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "device/attachable.h"
#include "device/refusal.h"
#include "os/inherit.h"
#include "os/os.h"
#include "soc/master.h"

/* The regions' lists, and how many use a space. */
static struct fork_lock lists;

struct space *space_new(const struct space_ops *ops, int fd, uint32_t id)
{
	struct space *space = calloc(1, sizeof(*space));

	if (space)
		*space = (struct space){ .ops = ops, .fd = fd, .id = id, .devices = 1, .refs = 1 };
	return space;
}

static void lock(struct space *space)
{
	fork_lock_take_within(&space->lock);
	atomic_store_explicit(&space->busy, true, memory_order_relaxed);
	/* Before any of the changes, also for who sees memory as a child does: at one moment. */
	atomic_thread_fence(memory_order_release);
}

static void unlock(struct space *space)
{
	atomic_store_explicit(&space->busy, false, memory_order_release);
	fork_lock_give_within(&space->lock);
}

static void destroy(struct space *space)
{
	free(space->spare);
	soc_master_free(space->master);
	error_free(space->why);
	iova_clear(&space->iova);
	free(space);
}

static void drop(struct space *space)
{
	bool last;

	fork_lock_take_within(&lists);
	last = --space->refs == 0;
	fork_lock_give_within(&lists);
	if (last)
		destroy(space);
}

bool space_join(struct space *space)
{
	bool joined;

	fork_lock_take_within(&lists);
	joined = space->devices > 0;
	space->devices += joined;
	fork_lock_give_within(&lists);
	return joined;
}

/* It is not in the region's list any more. */
static void leave_region(struct sight *sight)
{
	struct sight *before;

	fork_lock_take_within(&lists);
	before = atomic_load_explicit(&sight->region->sights, memory_order_relaxed);
	if (before == sight) {
		/* From here on the region may be gone, if it is being closed. */
		atomic_store_explicit(&sight->region->sights, sight->other, memory_order_release);
	} else {
		while (before->other != sight)
			before = before->other;
		before->other = sight->other;
	}
	fork_lock_give_within(&lists);
}

static void leave_space(struct sight *sight)
{
	struct sight **at = &sight->space->sights;

	while (*at != sight)
		at = &(*at)->next;
	*at = sight->next;
}

static void remove_sight(struct sight *sight)
{
	leave_space(sight);
	leave_region(sight);
	free(sight->space->spare);
	sight->space->spare = sight;
}

/*
 * The devices see it no more, and it is gone; under the space's lock. The first thing is the kernel's: only
 * what it has let go of is anybody's again. If it does not, the sight stays.
 */
static int end_sight(struct sight *sight)
{
	struct space *space = sight->space;
	int r = space->ops ? space->ops->unmap(space, sight->iova, sight->length) : 0;

	if (r < 0)
		return r;
	if (space->ops)
		iova_give(&space->iova, sight->iova);
	remove_sight(sight);
	return 0;
}

/*
 * Unmapped one by one, although the end of the container would do it: should a child that was not made by
 * fork() have the descriptor too, that end would not come.
 */
static void end_space(struct space *space)
{
	struct sight *sight, *next;
	bool gone;

	lock(space);
	for (sight = space->sights; sight; sight = next) {
		next = sight->next;
		if (sight->own)
			atomic_store(&sight->region->device_gone, true);
		end_sight(sight);
	}
	gone = space->ops && space->ops->end && space->ops->end(space) == 0;
	while ((sight = space->sights)) {
		/* Closing the descriptor need not be the end: a map of registers keeps device and container. */
		if (!gone)
			sight->region->stuck = true; /* first: whoever closes it may free it once it is not seen */
		remove_sight(sight);
	}
	inherit_close(space->fd);
	space->fd = -1;
	unlock(space);
}

void space_leave(struct space *space)
{
	bool last;

	if (!space)
		return;
	fork_lock_take_within(&lists);
	last = --space->devices == 0;
	fork_lock_give_within(&lists);
	if (!last)
		return;
	end_space(space);
	drop(space);
}

/* The parent's threads are not there, and its regions are never looked at. */
void space_forget(struct space *space)
{
	struct sight *next;

	if (!space || --space->devices)
		return;
	/* Half changed when this child was made: what it has of it stays. */
	if (atomic_load(&space->busy))
		return;
	for (struct sight *sight = space->sights; sight; sight = next) {
		next = sight->next;
		free(sight);
	}
	destroy(space);
}

int space_look(struct pmem_ctx *ctx, struct space *space)
{
	struct iova_window *windows = NULL, outside;
	uint64_t page_sizes = 0;
	size_t count = 0;
	bool none;
	int r;

	if (!space->ops)
		return 0;
	lock(space);
	r = space->ops->windows(space, &windows, &count, &page_sizes);
	if (r == 0)
		r = iova_set_windows(&space->iova, windows, count, page_sizes);
	none = r == 0 && iova_outside(&space->iova, &outside);
	unlock(space);
	free(windows);
	if (r < 0)
		return refusal_plain(r, "addresses of the IOMMU", space->ops->path,
			"the kernel does not tell which addresses are usable");
	if (none)
		log_write(&ctx->log, PMEM_LEVEL_WARNING,
			"the address 0x%" PRIx64 " is attached, and not usable for the device that came last",
			outside.first);
	return 0;
}

/* The region's sight in that space, under the lock of lists. */
static struct sight *find(const struct space *space, const struct pmem_region *region)
{
	struct sight *sight = atomic_load_explicit(&region->sights, memory_order_relaxed);

	while (sight && sight->space != space)
		sight = sight->other;
	return sight;
}

/*
 * The same under the space's lock, under which it stays: nobody else ends it. Most regions are seen by nobody, or
 * were the last to come; a lock would cost as much as the kernel's half of a page.
 */
static struct sight *find_here(const struct space *space, const struct pmem_region *region)
{
	struct sight *sight = space->sights;

	if (sight && sight->region == region)
		return sight;
	if (!atomic_load_explicit(&region->sights, memory_order_relaxed))
		return NULL;
	fork_lock_take_within(&lists);
	sight = find(space, region);
	fork_lock_give_within(&lists);
	return sight;
}

bool space_bus(struct space *space, const struct pmem_region *region, uint64_t *bus)
{
	const struct sight *sight;

	fork_lock_take_within(&lists);
	sight = find(space, region);
	if (sight)
		*bus = sight->bus;
	fork_lock_give_within(&lists);
	return sight;
}

/* Seen already: once more, if that is the same. */
static int again(struct sight *sight, const struct space_wish *wish, uint64_t *bus)
{
	if (wish->direction & ~sight->direction)
		return error_set(EBUSY, PMEM_CAUSE_BUSY, "device attach", NULL,
			"detach it first, or attach it for both directions from the start",
			"it is attached already, for another direction");
	if (sight->bus > wish->max_addr ||
		sight->region->size - 1 > wish->max_addr - sight->bus)
		return error_set(ERANGE, PMEM_CAUSE_ADDRESS_LIMIT, "device attach", NULL,
			"attach it to the device that reaches least first",
			"it is attached at 0x%" PRIx64 ", above 0x%" PRIx64 " which this device reaches",
			sight->bus, wish->max_addr);
	sight->count++;
	*bus = sight->bus;
	return 0;
}

/* An address for it, and what the kernel says. */
static int map(struct pmem_ctx *ctx, struct space *space, const struct attachable *what,
	const struct space_wish *wish, uint64_t *iova)
{
	int r = iova_take(&space->iova, what->length, wish->align, wish->max_addr, iova);

	if (r < 0)
		return refusal_address(space, what->length, wish->max_addr, r);
	r = space->ops->map(space, what->address, what->length, *iova, wish->direction);
	if (r == 0)
		return 0;
	iova_give(&space->iova, *iova);
	return refusal_map(ctx, space, what->length, r);
}

static int new_sight(struct pmem_ctx *ctx, struct space *space, struct pmem_region *region,
	const struct attachable *what, const struct space_wish *wish, uint64_t *bus)
{
	struct sight *sight = space->spare ? space->spare : malloc(sizeof(*sight));
	int r = 0;

	space->spare = NULL;
	if (!sight)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "device attach", NULL, NULL,
			"no memory to note the attachment");
	*sight = (struct sight){ .next = space->sights, .space = space, .region = region,
		.length = what->length, .bus = what->bus, .direction = wish->direction, .count = 1,
		.own = wish->own };
	if (space->ops) {
		r = map(ctx, space, what, wish, &sight->iova);
		sight->bus = sight->iova + what->skip;
	}
	if (r < 0) {
		free(sight);
		return r;
	}
	space->sights = sight;
	fork_lock_take_within(&lists);
	sight->other = atomic_load_explicit(&region->sights, memory_order_relaxed);
	atomic_store_explicit(&region->sights, sight, memory_order_relaxed);
	fork_lock_give_within(&lists);
	*bus = sight->bus;
	return 0;
}

int space_attach(struct pmem_ctx *ctx, struct space *space, struct pmem_region *region,
	const struct space_wish *wish, uint64_t *bus)
{
	struct attachable what;
	struct sight *sight;
	int r;

	lock(space);
	sight = find_here(space, region);
	if (sight) {
		r = again(sight, wish, bus);
	} else {
		r = space->ops ? attachable_pages(region, wish->direction, &what) :
				 attachable_phys(space, region, wish, &what);
		if (r == 0) {
			r = new_sight(ctx, space, region, &what, wish, bus);
			attachable_done(&what);
		}
	}
	unlock(space);
	return r;
}

static int detach(struct space *space, struct pmem_region *region)
{
	struct sight *sight = find_here(space, region);
	int r;

	if (!sight)
		return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, "device detach", NULL, NULL,
			"the region is not attached to this device");
	if (sight->count == 1 && sight->own)
		return error_set(EBUSY, PMEM_CAUSE_BUSY, "device detach", NULL,
			"close the region", "the region was allocated for this device");
	if (sight->count > 1) {
		sight->count--;
		return 0;
	}
	r = end_sight(sight);
	return r < 0 ? refusal_unmap(space, r) : 0;
}

int space_detach(struct space *space, struct pmem_region *region)
{
	int r;

	lock(space);
	r = detach(space, region);
	unlock(space);
	return r;
}

/* A space that sees the region, which cannot go away meanwhile; NULL: none. */
static struct space *hold_one(const struct pmem_region *region)
{
	struct space *space = NULL;
	const struct sight *sight;

	/* Most regions. Nobody attaches one that is being closed. */
	if (!atomic_load_explicit(&region->sights, memory_order_acquire))
		return NULL;
	fork_lock_take_within(&lists);
	sight = atomic_load_explicit(&region->sights, memory_order_relaxed);
	if (sight) {
		space = sight->space;
		space->refs++;
	}
	fork_lock_give_within(&lists);
	return space;
}

static int forget_in(struct space *space, struct pmem_region *region)
{
	struct sight *sight;
	int r = 0;

	lock(space);
	sight = find_here(space, region);
	if (sight) /* the space has not ended since */
		r = end_sight(sight);
	if (r < 0) {
		/* The address stays taken, and the memory is nobody's any more. */
		remove_sight(sight);
		region->stuck = true;
		r = refusal_unmap(space, r);
	}
	unlock(space);
	return r;
}

int space_forget_region(struct pmem_region *region)
{
	struct space *space;
	int first = 0, r;

	while ((space = hold_one(region))) {
		r = forget_in(space, region);
		first = first ? first : r;
		drop(space);
	}
	return first;
}
