/* SPDX-License-Identifier: MIT */
/*
 * The library is unloaded while a thread lives that holds the reasons of a refusal, and objects of a
 * pool: when that thread ends, it must not call what is no longer there. usage: unload LIBRARY
 */
#include <pmem/pmem.h>

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pthread_barrier_t failed, unloaded;
static void *library;

static void *find(const char *name)
{
	void *p = dlsym(library, name);

	if (!p) {
		fprintf(stderr, "%s\n", dlerror());
		exit(1);
	}
	return p;
}

/* Of a pool that nobody closes. */
static void keep_objects(struct pmem_ctx *ctx)
{
	static const struct pmem_alloc_opts alloc = { .size = sizeof(alloc), .backend = "pages",
		.flags = PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_SCATTERED | PMEM_ALLOC_MAY_MOVE };
	static const struct pmem_pool_opts opts = { .size = sizeof(opts), .alloc = &alloc,
		.grow = 65536 };
	int (*new)(struct pmem_ctx *, const struct pmem_pool_opts *, struct pmem_pool **);
	void *(*take)(struct pmem_pool *, uint64_t, uint64_t);
	int (*give)(struct pmem_pool *, void *);
	struct pmem_pool *pool;
	void *object;

	*(void **)&new = find("pmem_pool_new");
	*(void **)&take = find("pmem_pool_alloc");
	*(void **)&give = find("pmem_pool_free");
	if (new(ctx, &opts, &pool) || !(object = take(pool, 64, 0)) || give(pool, object)) {
		fprintf(stderr, "a pool does not work\n");
		exit(1);
	}
}

static void *fail_and_end(void *unused)
{
	int (*alloc)(struct pmem_ctx *, uint64_t, const struct pmem_alloc_opts *,
		struct pmem_region **);
	int (*ctx_new)(struct pmem_ctx **);
	void (*ctx_unref)(struct pmem_ctx *);
	const struct pmem_error *(*last)(void);
	size_t (*count)(const struct pmem_error *);
	struct pmem_region *region;
	struct pmem_ctx *ctx;

	(void)unused;
	*(void **)&alloc = find("pmem_region_alloc");
	*(void **)&ctx_new = find("pmem_ctx_new");
	*(void **)&ctx_unref = find("pmem_ctx_unref");
	*(void **)&last = find("pmem_error_last");
	*(void **)&count = find("pmem_error_child_count");
	if (ctx_new(&ctx) || alloc(ctx, 1ull << 62, NULL, &region) == 0 || count(last()) < 2) {
		fprintf(stderr, "an allocation of 2^62 bytes is not refused by several backends\n");
		exit(1);
	}
	keep_objects(ctx);
	ctx_unref(ctx);
	pthread_barrier_wait(&failed);
	pthread_barrier_wait(&unloaded);
	return NULL;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	pthread_barrier_init(&failed, NULL, 2);
	pthread_barrier_init(&unloaded, NULL, 2);
	for (unsigned i = 0; i < 8; i++) {
		pthread_t thread;

		library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
		if (!library) {
			fprintf(stderr, "%s\n", dlerror());
			return 1;
		}
		if (pthread_create(&thread, NULL, fail_and_end, NULL))
			return 1;
		pthread_barrier_wait(&failed);
		dlclose(library);
		if (dlopen(argv[1], RTLD_NOW | RTLD_NOLOAD)) {
			printf("SKIP: this C library does not unload\n");
			return 77;
		}
		pthread_barrier_wait(&unloaded);
		pthread_join(thread, NULL);
	}
	return 0;
}
