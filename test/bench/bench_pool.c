/* SPDX-License-Identifier: MIT */
/*
 * pmem_pool beside its peers, in one run and interleaved: medians over the rounds, and how far the ratio
 * to the floor spreads. Floor: the better of an unlocked list and an unlocked stack of each thread, of
 * objects aligned to their size, in the pool's memory; in the program, and (far) in a library. A peer that is not installed is left out by name.
 *
 *	bench_pool [rounds] [pairs]
 */
#include <dlfcn.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include <pmem/pmem.h>

#include "pool_floor.h"
#include "pool_loops.h"
#include "rows.h"

#define ROUNDS_MAX 101
#define THREADS    2

static const size_t sizes[] = { 64, 256, 4096, 65536 };
static const char *const patterns[] = { "LIFO", "FIFO", "RAND" };

static struct pmem_ctx *ctx;
static struct pmem_pool *pool;
static void *(*mi_get)(size_t), *(*je_get)(size_t);
static void (*mi_put)(void *), (*je_put)(void *);
static int (*dpdk_thread)(void);

static void *pool_get(size_t size, size_t align)
{
	void *object = pmem_pool_alloc(pool, size, align);

	if (!object) {
		fprintf(stderr, "%s\n", pmem_error_text(pmem_error_last()));
		exit(1);
	}
	return object;
}

#define NOTHING          do { } while (0)
#define LIST_GET(size)   floor_list_get()
#define STACK_GET(size)  floor_stack_get()
#define POOL_GET(size)   pmem_pool_alloc(p, size, 0)
#define POOL_PUT(object) pmem_pool_free(p, object)
#define FAR_LIST_GET(size)  far_list_get()
#define FAR_STACK_GET(size) far_stack_get()
#define FAR_SAME(size)      far_same(one, size, 0)
#define FAR_NOTHING(object) far_nothing(one, object)
BENCH_LOOPS(loop_list, NOTHING, LIST_GET, floor_list_put)
BENCH_LOOPS(loop_stack, NOTHING, STACK_GET, floor_stack_put)
BENCH_LOOPS(loop_far_list, NOTHING, FAR_LIST_GET, far_list_put)
BENCH_LOOPS(loop_far_stack, NOTHING, FAR_STACK_GET, far_stack_put)
BENCH_LOOPS(loop_calls, uint64_t place; void *one = &place, FAR_SAME, FAR_NOTHING)
BENCH_LOOPS(loop_pool, struct pmem_pool *p = pool, POOL_GET, POOL_PUT)
BENCH_LOOPS(loop_malloc, NOTHING, malloc, free)
BENCH_LOOPS(loop_mimalloc, NOTHING, mi_get, mi_put)
BENCH_LOOPS(loop_jemalloc, NOTHING, je_get, je_put)

static struct peer {
	const char *name;
	bench_loop_fn *loop;      /* NULL: not here */
	double ns[ROUNDS_MAX];
} peers[] = {
	{ "list", loop_list, { 0 } },
	{ "stack", loop_stack, { 0 } },
	{ "pool", loop_pool, { 0 } },
	{ "malloc", loop_malloc, { 0 } },
	{ "mimalloc", NULL, { 0 } },
	{ "jemalloc", NULL, { 0 } },
	{ "rte_mempool", NULL, { 0 } },
	{ "rte_malloc", NULL, { 0 } },
	/* Not peers: what none of a shared library can beat. */
	{ "list, in a library", loop_far_list, { 0 } },
	{ "stack, in a library", loop_far_stack, { 0 } },
	{ "two calls", loop_calls, { 0 } },
};
enum { LIST, STACK, POOL, MALLOC, MIMALLOC, JEMALLOC, MEMPOOL, RTE_MALLOC, FAR_LIST, FAR_STACK, CALLS, PEERS };

static int load(const char *library, const char *get, const char *put, void **to_get, void **to_put)
{
	void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);

	*to_get = handle ? dlsym(handle, get) : NULL;
	*to_put = handle ? dlsym(handle, put) : NULL;
	if (*to_get && *to_put)
		return 1;
	printf("left out: %s\n", handle ? library : dlerror());
	return 0;
}

static void load_peers(void)
{
	void *get, *put;

	if (load("libmimalloc.so.2", "mi_malloc", "mi_free", &get, &put)) {
		memcpy(&mi_get, &get, sizeof(get));
		memcpy(&mi_put, &put, sizeof(put));
		peers[MIMALLOC].loop = loop_mimalloc;
	}
	if (load("libjemalloc.so.2", "malloc", "free", &get, &put)) {
		memcpy(&je_get, &get, sizeof(get));
		memcpy(&je_put, &put, sizeof(put));
		peers[JEMALLOC].loop = loop_jemalloc;
	}
#ifdef BENCH_DPDK
	if (load(BENCH_DPDK, "bench_dpdk_start", "bench_dpdk_thread", &get, &put)) {
		bench_loop_fn *(*start)(void);

		memcpy(&start, &get, sizeof(get));
		memcpy(&dpdk_thread, &put, sizeof(put));
		peers[MEMPOOL].loop = start();
		if (!peers[MEMPOOL].loop)
			printf("left out: rte_mempool and rte_malloc, EAL does not start\n");
		else if (load(BENCH_DPDK, "bench_dpdk_malloc", "bench_dpdk_thread", &get, &put))
			peers[RTE_MALLOC].loop = *(bench_loop_fn **)get;
	}
#else
	printf("left out: rte_mempool and rte_malloc, libdpdk was not there when this was built\n");
#endif
}

static double median(const double *values, int count)
{
	double sorted[ROUNDS_MAX];

	memcpy(sorted, values, (size_t)count * sizeof(*values));
	qsort(sorted, (size_t)count, sizeof(*sorted), bench_by_value);
	return sorted[count / 2];
}

/* What the threads do together. */
static struct work {
	pthread_barrier_t start, end;
	const struct peer *peer;      /* NULL: that was all */
	unsigned pattern, pairs;
	size_t size;
	double ns[THREADS];
} work;

static double run_one(const struct peer *peer, void **objects)
{
	void *live[SLOTS];

	floor_fill(objects, SLOTS);
	if (peer->loop == loop_far_list || peer->loop == loop_far_stack)
		far_fill(objects, SLOTS);
	/* It takes microseconds for a pair of large ones. */
	return peer->loop(work.pattern, work.size,
		peer == &peers[RTE_MALLOC] ? work.pairs / 10 + BURST : work.pairs, live);
}

/* Its own objects for the floors, of the pool's memory. */
static void *worker(void *argument)
{
	size_t number = (size_t)argument, size = 0;
	void *objects[SLOTS];

	if (dpdk_thread)
		dpdk_thread();
	for (;;) {
		pthread_barrier_wait(&work.start);
		if (!work.peer)
			break;
		if (size != work.size) {
			for (size_t i = 0; i < SLOTS; i++) {
				if (size)
					pmem_pool_free(pool, objects[i]);
				objects[i] = pool_get(work.size, work.size);
			}
			size = work.size;
		}
		work.ns[number] = run_one(work.peer, objects);
		pthread_barrier_wait(&work.end);
	}
	for (size_t i = 0; size && i < SLOTS; i++)
		pmem_pool_free(pool, objects[i]);
	return NULL;
}

static void together(const struct peer *peer)
{
	work.peer = peer;
	pthread_barrier_wait(&work.start);
	if (peer)
		pthread_barrier_wait(&work.end);
}

/* Counts of cells. */
static struct score {
	int cells, near, far, fastest;
} score;

/* After the ratios, which need them in the order of the rounds. */
static void rows_of(int rounds, unsigned threads)
{
	char what[24];

	snprintf(what, sizeof(what), "%zu %s", work.size, patterns[work.pattern]);
	for (int p = 0; p < PEERS; p++)
		if (peers[p].loop)
			bench_row(threads == 1 ? "pool, 1 thread" : "pool, 2 threads", what, peers[p].name,
				peers[p].ns, rounds);
}

static void print_cell(int rounds, double goal)
{
	double floor, far, best = 0, ratio[ROUNDS_MAX], m;

	floor = median(peers[LIST].ns, rounds);
	m = median(peers[STACK].ns, rounds);
	floor = m < floor ? m : floor;
	for (int i = 0; i < rounds; i++) {
		double f = peers[LIST].ns[i] < peers[STACK].ns[i] ? peers[LIST].ns[i] :
			peers[STACK].ns[i];

		ratio[i] = peers[POOL].ns[i] / f;
	}
	qsort(ratio, (size_t)rounds, sizeof(ratio[0]), bench_by_value);
	printf("%6zu %s |", work.size, patterns[work.pattern]);
	for (int p = 0; p < PEERS; p++) {
		m = median(peers[p].ns, rounds);
		if (!peers[p].loop)
			printf("       - |");
		else
			printf(" %7.1f |", m);
		if (p > POOL && p < FAR_LIST && peers[p].loop && (best == 0 || m < best))
			best = m;
	}
	m = median(peers[POOL].ns, rounds) / floor;
	far = median(peers[FAR_LIST].ns, rounds);
	if (median(peers[FAR_STACK].ns, rounds) < far)
		far = median(peers[FAR_STACK].ns, rounds);
	far = median(peers[POOL].ns, rounds) / far;
	printf(" %4.2f (%4.2f-%4.2f) | %4.2f | %5.2f\n", m, ratio[rounds / 10], ratio[rounds - 1 - rounds / 10], far,
		best / median(peers[POOL].ns, rounds));
	score.cells++;
	score.near += m <= goal;
	score.far += far <= goal;
	score.fastest += median(peers[POOL].ns, rounds) < best;
}

static void table(unsigned threads, int rounds, double goal)
{
	pthread_t ids[THREADS];

	printf("\n%u thread%s: ns of CPU for a pair; pool / floor with the tenths of its spread; best peer"
		" / pool\n  size      |", threads, threads > 1 ? "s" : "");
	for (int p = 0; p < PEERS; p++)
		printf(" %7.7s |", peers[p].name);
	printf(" / floor          | / far | faster\n");
	score = (struct score){ .cells = 0 };
	pthread_barrier_init(&work.start, NULL, threads + 1);
	pthread_barrier_init(&work.end, NULL, threads + 1);
	for (size_t t = 0; t < threads; t++)
		pthread_create(&ids[t], NULL, worker, (void *)t);
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		for (work.pattern = 0; work.pattern < PATTERNS; work.pattern++) {
			work.size = sizes[s];
			for (int round = -1; round < rounds; round++) {
				for (int p = 0; p < PEERS; p++) {
					if (!peers[p].loop)
						continue;
					together(&peers[p]);
					if (round >= 0)
						peers[p].ns[round] = threads == 1 ? work.ns[0] :
							(work.ns[0] + work.ns[1]) / 2;
				}
			}
			print_cell(rounds, goal);
			rows_of(rounds, threads);
		}
	}
	together(NULL);
	for (size_t t = 0; t < threads; t++)
		pthread_join(ids[t], NULL);
	pthread_barrier_destroy(&work.start);
	pthread_barrier_destroy(&work.end);
	printf("at most %.2f of the floor in %d of %d cells, in a library in %d, faster than each peer in %d\n",
		goal, score.near, score.cells, score.far, score.fastest);
}

int main(int argc, char **argv)
{
	/* Large regions, of huge pages where there are some: what they cost is not in question here. */
	static const struct pmem_alloc_opts alloc = { .size = sizeof(alloc),
		.flags = PMEM_ALLOC_SCATTERED };
	static const struct pmem_pool_opts opts = { .size = sizeof(opts), .grow = 64u << 20,
		.alloc = &alloc };
	int rounds = argc > 1 ? atoi(argv[1]) : 15;

	work.pairs = argc > 2 ? (unsigned)atoi(argv[2]) : 200000;
	if (rounds < 1 || rounds > ROUNDS_MAX || work.pairs < BURST) {
		fprintf(stderr, "usage: bench_pool [rounds, up to %d] [pairs]\n", ROUNDS_MAX);
		return 2;
	}
	/* jemalloc wants more of the memory that a program sets aside for libraries' own threads' data. */
	if (!getenv("GLIBC_TUNABLES")) {
		setenv("GLIBC_TUNABLES", "glibc.rtld.optional_static_tls=65536", 1);
		execv("/proc/self/exe", argv);
	}
	load_peers();
	if (pmem_ctx_new(&ctx) < 0 || pmem_pool_new(ctx, &opts, &pool) < 0) {
		fprintf(stderr, "%s\n", pmem_error_text(pmem_error_last()));
		return 1;
	}
	table(1, rounds, 1.25);
	table(THREADS, rounds, 1.3);
	pmem_pool_close(pool);
	pmem_ctx_unref(ctx);
	return 0;
}
