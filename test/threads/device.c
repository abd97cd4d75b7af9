/* SPDX-License-Identifier: MIT */
/*
 * Devices and regions from several threads: attached, detached, allocated, closed, each side while the other
 * goes. The kernel is played (played_group.h). A third side forks all the while: children have none of it, close
 * what they inherited, and open a device of their own.
 */
#include <pthread.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "played_group.h"

#define THREADS 4
#define STEPS   4000
#define LIVES   150
#define FORKS   500

/* --- the program ------------------------------------------------------------------------------ */

static struct pmem_ctx *ctx;
static struct pmem_device *device;     /* that stays */
static struct pmem_region *common[8];  /* that stay, attached by any */

static struct pmem_region *take(struct pmem_device *for_device, uint64_t size)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .device = for_device,
		.flags = PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_SCATTERED | PMEM_ALLOC_MAY_MOVE };
	struct pmem_region *region = NULL;

	CHECK(pmem_region_alloc(ctx, size, &opts, &region) == 0);
	return region;
}

/* Regions come and go, and are attached and detached; each counts. */
static void *work(void *argument)
{
	unsigned seed = (unsigned)(uintptr_t)argument;
	uint64_t bus, again;

	for (int i = 0; i < STEPS; i++) {
		struct pmem_region *shared = common[rand_r(&seed) % 8], *own;

		CHECK(pmem_device_attach(device, shared, PMEM_DMA_BOTH, &bus) == 0);
		CHECK(pmem_device_bus(device, shared, &again) == 0 && bus == again);
		own = take(rand_r(&seed) % 2 ? device : NULL, (1 + (unsigned)rand_r(&seed) % 5) * PAGE);
		CHECK(pmem_device_attach(device, own, PMEM_DMA_BOTH, &bus) == 0);
		if (rand_r(&seed) % 2)
			CHECK(pmem_device_detach(device, own) == 0);
		CHECK(pmem_region_close(own) == 0);
		CHECK(pmem_device_detach(device, shared) == 0);
	}
	return NULL;
}

/*
 * A device and its regions are closed at the same time, by two threads; or one shares a space that ends, or that of
 * the device that stays, for which others allocate just then.
 */
static void *close_regions(void *argument)
{
	struct pmem_region **regions = argument;

	for (int i = 0; i < 8; i++)
		CHECK(pmem_region_close(regions[i]) == 0);
	return NULL;
}

static void *lives(void *unused)
{
	struct pmem_device_opts opts = { .size = sizeof(opts) };
	struct pmem_region *regions[8];
	struct pmem_device *one, *two;
	uint64_t bus;
	pthread_t thread;

	(void)unused;
	for (int i = 0; i < LIVES; i++) {
		CHECK(pmem_device_open(ctx, "dev1", NULL, &one) == 0);
		opts.share = i % 3 == 2 ? device : i % 2 ? one : NULL;
		CHECK(pmem_device_open(ctx, "dev2", &opts, &two) == 0);
		for (int k = 0; k < 8; k++) {
			regions[k] = take(k % 2 ? one : NULL, PAGE);
			CHECK(pmem_device_attach(one, regions[k], PMEM_DMA_BOTH, &bus) == 0);
			CHECK(pmem_device_attach(two, regions[k], PMEM_DMA_BOTH, &bus) == 0);
		}
		CHECK(pthread_create(&thread, NULL, close_regions, regions) == 0);
		CHECK(pmem_device_close(one) == 0);
		CHECK(pmem_device_close(two) == 0);
		CHECK(pthread_join(thread, NULL) == 0);
	}
	return NULL;
}

/* Two devices of one group, each by a thread: who comes first makes the space, who goes last ends it. */
static void *member(void *number)
{
	struct pmem_region *region = take(NULL, PAGE);
	const char *name = number == (void *)3 ? "dev3" : "dev4";
	struct pmem_device *one;
	uint64_t bus;

	for (int i = 0; i < 3 * LIVES; i++) {
		CHECK(pmem_device_open(ctx, name, NULL, &one) == 0);
		CHECK(pmem_device_attach(one, region, PMEM_DMA_BOTH, &bus) == 0);
		if (i % 3)
			CHECK(pmem_device_detach(one, region) == 0);
		CHECK(pmem_device_close(one) == 0);
	}
	CHECK(pmem_region_close(region) == 0);
	return NULL;
}

/* Two threads open the same device, which has no IOMMU: who comes first finds out what it sees. */
static void *unsafe(void *unused)
{
	const struct pmem_device_opts opts = { .size = sizeof(opts), .flags = PMEM_DEVICE_MAY_BE_UNSAFE, .way = "noiommu" };
	struct pmem_device *one;

	for (int i = 0; i < 3 * LIVES; i++) {
		CHECK(pmem_device_open(ctx, UNSAFE, &opts, &one) == 0);
		CHECK(pmem_device_attrs(one) & PMEM_DEVICE_UNSAFE);
		CHECK(pmem_device_close(one) == 0);
	}
	return unused;
}

/* As finalizers do, and then what a program would. */
static void child(void)
{
	struct pmem_device *own;
	struct pmem_region *region;
	uint64_t bus;

	alarm(20);
	CHECK(pmem_device_close(device) == 0);
	for (int i = 0; i < 8; i++)
		CHECK(pmem_region_close(common[i]) == 0);
	CHECK(pmem_device_open(ctx, "dev3", NULL, &own) == 0);
	region = take(NULL, PAGE);
	CHECK(pmem_device_attach(own, region, PMEM_DMA_BOTH, &bus) == 0);
	CHECK(pmem_device_close(own) == 0);
	CHECK(pmem_region_close(region) == 0);
	CHECK(group_mappings() == 0);
	_exit(0);
}

static void *forks(void *unused)
{
	int status;
	pid_t pid;

	for (int i = 0; i < FORKS; i++) {
		pid = fork();
		CHECK(pid >= 0);
		if (pid == 0)
			child();
		CHECK(waitpid(pid, &status, 0) == pid);
		if (status != 0) {
			fprintf(stderr, "child %d: status 0x%x\n", i, (unsigned)status);
			exit(1);
		}
	}
	return unused;
}

int main(void)
{
	pthread_t threads[THREADS + 6];
	const int all = getenv("DEVICE_WITHOUT_FORK") ? THREADS + 5 : THREADS + 6;

	group_play();
	CHECK(pmem_ctx_new(&ctx) == 0);
	CHECK(pmem_device_open(ctx, "dev0", NULL, &device) == 0);
	for (int i = 0; i < 8; i++)
		common[i] = take(NULL, 2 * PAGE);
	for (uintptr_t i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, work, (void *)(i + 1)) == 0);
	CHECK(pthread_create(&threads[THREADS], NULL, lives, NULL) == 0);
	CHECK(pthread_create(&threads[THREADS + 1], NULL, member, (void *)3) == 0);
	CHECK(pthread_create(&threads[THREADS + 2], NULL, member, (void *)4) == 0);
	for (int i = 3; i < 5; i++)
		CHECK(pthread_create(&threads[THREADS + i], NULL, unsafe, NULL) == 0);
	if (all > THREADS + 5)
		CHECK(pthread_create(&threads[THREADS + 5], NULL, forks, NULL) == 0);
	for (int i = 0; i < all; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
	CHECK(group_mappings() == 0);
	for (int i = 0; i < 8; i++)
		CHECK(pmem_region_close(common[i]) == 0);
	CHECK(pmem_device_close(device) == 0);
	pmem_ctx_unref(ctx);
	group_end();
	return 0;
}
