/* SPDX-License-Identifier: MIT */
/*
 * A descriptor ring as network and storage devices have it, and its buffers, of one pool: the ring aligned,
 * buffers that cross no page, and the device's address of each at once. The device is played: it follows
 * bus addresses alone, and fills the buffers. Ends with 77 where no memory with an address is to be had.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <pmem/pmem.h>

#define ENTRIES 64u
#define BUFFER  2048u

struct descriptor {
	uint64_t address; /* as the device sees it */
	uint32_t length;
	uint32_t done;
};

struct ring {
	struct pmem_pool *pool;
	struct descriptor *entries;
	void *buffers[ENTRIES];
};

static int fail(const char *what)
{
	const struct pmem_error *why = pmem_error_last();

	fprintf(stderr, "%s: %s\n", what, pmem_error_text(why));
	return pmem_error_code(why) == -ENOMEM || pmem_error_code(why) == -EPERM ? 77 : 1;
}

/* For the device, before it starts, and for the CPU, after it: nothing where caches agree. */
static int sync(struct pmem_pool *pool, void *object, uint64_t size, uint32_t direction, int for_cpu)
{
	struct pmem_region *region;
	uint64_t offset;

	if (pmem_pool_region(pool, object, &region, &offset) < 0)
		return -1;
	return for_cpu ? pmem_region_cpu_begin(region, offset, size, direction) :
		pmem_region_cpu_end(region, offset, size, direction);
}

static int ring_fill(struct ring *ring)
{
	ring->entries = pmem_pool_alloc(ring->pool, ENTRIES * sizeof(*ring->entries), 1024);
	if (!ring->entries)
		return -1;
	for (unsigned i = 0; i < ENTRIES; i++) {
		struct descriptor *entry = &ring->entries[i];

		ring->buffers[i] = pmem_pool_alloc(ring->pool, BUFFER, 0);
		if (!ring->buffers[i] ||
			pmem_pool_bus(ring->pool, ring->buffers[i], &entry->address) < 0 ||
			sync(ring->pool, ring->buffers[i], BUFFER, PMEM_DIR_READ, 0) < 0)
			return -1;
		entry->length = BUFFER;
		entry->done = 0;
	}
	return sync(ring->pool, ring->entries, ENTRIES * sizeof(*ring->entries), PMEM_DIR_BOTH, 0);
}

/* What a device would do. It has no pointers, so each address is looked for among those handed out. */
static unsigned device(struct ring *ring)
{
	unsigned filled = 0;

	for (unsigned i = 0; i < ENTRIES; i++) {
		for (unsigned k = 0; k < ENTRIES; k++) {
			uint64_t bus;

			if (pmem_pool_bus(ring->pool, ring->buffers[k], &bus) == 0 &&
				bus == ring->entries[i].address) {
				memset(ring->buffers[k], (int)i, ring->entries[i].length);
				ring->entries[i].done = 1;
				filled++;
			}
		}
	}
	return filled;
}

static int use(struct ring *ring)
{
	unsigned right = 0;

	if (ring_fill(ring) < 0)
		return fail("ring");
	if (device(ring) != ENTRIES)
		return 1;
	if (sync(ring->pool, ring->entries, ENTRIES * sizeof(*ring->entries), PMEM_DIR_READ, 1) < 0)
		return fail("ring");
	for (unsigned i = 0; i < ENTRIES; i++) {
		const unsigned char *bytes = ring->buffers[i];

		if (sync(ring->pool, ring->buffers[i], BUFFER, PMEM_DIR_READ, 1) < 0)
			return fail("buffer");
		right += ring->entries[i].done && bytes[0] == i && bytes[BUFFER - 1] == i;
		if (pmem_pool_free(ring->pool, ring->buffers[i]) < 0)
			return fail("free");
	}
	printf("%u of %u buffers were filled by their addresses; the first is at 0x%" PRIx64 "\n", right,
		ENTRIES, ring->entries[0].address);
	if (pmem_pool_free(ring->pool, ring->entries) < 0)
		return fail("free");
	return right == ENTRIES ? 0 : 1;
}

int main(void)
{
	struct pmem_pool_opts opts = { .size = sizeof(opts), .boundary = 4096 };
	struct ring ring = { .pool = NULL };
	struct pmem_ctx *ctx;
	int status;

	if (pmem_ctx_new(&ctx) < 0)
		return fail("context");
	if (pmem_pool_new(ctx, &opts, &ring.pool) < 0)
		status = fail("pool");
	else
		status = use(&ring);
	pmem_pool_close(ring.pool);
	pmem_ctx_unref(ctx);
	return status;
}
