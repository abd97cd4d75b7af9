/* SPDX-License-Identifier: MIT */
/*
 * DPDK's rte_mempool and rte_malloc as peers of bench_pool: a module, so that the rest runs where DPDK is
 * not. The functions of the first are inlined, as its users have them; each thread has a cache. The second
 * is one heap for all threads.
 */
#include <rte_eal.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_mempool.h>

#include "pool_loops.h"

static struct rte_mempool *pools[4];
static const unsigned sizes[4] = { 64, 256, 4096, 65536 };

static struct rte_mempool *pool_of(size_t size)
{
	for (unsigned i = 0; i < 4; i++)
		if (sizes[i] == size)
			return pools[i];
	return NULL;
}

static inline void *get(struct rte_mempool *pool)
{
	void *object;

	return rte_mempool_get(pool, &object) == 0 ? object : NULL;
}

#define BEFORE        struct rte_mempool *pool = pool_of(size)
#define GET(size)     get(pool)
#define PUT(object)   rte_mempool_put(pool, object)
BENCH_LOOPS(loop, BEFORE, GET, PUT)

#define NOTHING          do { } while (0)
#define MALLOC_GET(size) rte_malloc(NULL, size, 0)
BENCH_LOOPS(malloc_loop, NOTHING, MALLOC_GET, rte_free)

__attribute__((visibility("default"))) bench_loop_fn *bench_dpdk_start(void);
__attribute__((visibility("default"))) bench_loop_fn *const bench_dpdk_malloc = malloc_loop;
__attribute__((visibility("default"))) int bench_dpdk_thread(void);

/* NULL: it does not start here. */
bench_loop_fn *bench_dpdk_start(void)
{
	static char words[][24] = { "bench", "--no-huge", "--no-pci", "--no-telemetry", "-m",
		"512", "-l", "0", "--log-level=1", "--no-shconf" };
	char *argv[10];

	for (unsigned i = 0; i < 10; i++)
		argv[i] = words[i];
	if (rte_eal_init(10, argv) < 0)
		return NULL;
	for (unsigned i = 0; i < 4; i++) {
		pools[i] = rte_mempool_create(i == 0 ? "b0" : i == 1 ? "b1" : i == 2 ? "b2" : "b3",
			i == 3 ? 3071 : 4095, sizes[i], RTE_MEMPOOL_CACHE_MAX_SIZE, 0, NULL, NULL, NULL,
			NULL, SOCKET_ID_ANY, 0);
		if (!pools[i])
			return NULL;
	}
	return loop;
}

/* A thread that EAL did not make gets a cache only if it is told of. */
int bench_dpdk_thread(void)
{
	return rte_thread_register();
}
