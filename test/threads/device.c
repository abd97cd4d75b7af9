/* SPDX-License-Identifier: MIT */
/*
 * Devices and regions from several threads: attached, detached, allocated, closed, each side while the other
 * goes. The kernel is played, by a table of calls that any thread may use: it knows what is mapped, and ends the
 * test if something is mapped twice, unmapped that is not mapped, or left. Of memory it sees that a byte can
 * be written where a device would. A third side forks all the while: children have none of it, close what they
 * inherited, and open a device of their own.
 */
#include <pmem/pmem.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "device/vfio_abi.h"
#include "os/fork_lock.h"
#include "os/os.h"

#define THREADS 4
#define STEPS   4000
#define LIVES   150
#define PAGE    4096u
#define FDS     256
#define FORKS   500
#define DEVICES 5 /* the last two are of one group */

#define CHECK(condition)                                                              \
	do {                                                                          \
		if (!(condition)) {                                                   \
			fprintf(stderr, "line %d: %s: %s\n", __LINE__, #condition,    \
				pmem_error_text(pmem_error_last()));                  \
			exit(1);                                                      \
		}                                                                     \
	} while (0)

/* --- the kernel ------------------------------------------------------------------------------ */

struct mapping {
	int container;
	uint64_t iova, size;
	unsigned char *memory;
};

static struct fork_lock kernel;
static struct mapping mappings[4096];
static size_t mapping_count;
static atomic_bool played[FDS];
static char root[] = "/tmp/pmem-threads.XXXXXX";

static int play_open(const char *path, int flags, uint32_t mode)
{
	int fd;

	if (!strstr(path, "/dev/vfio/"))
		return os_linux.open(path, flags, mode);
	fd = os_linux.eventfd();
	CHECK(fd >= 0 && fd < FDS);
	played[fd] = true;
	return fd;
}

static int play_close(int fd)
{
	if (fd >= 0 && fd < FDS)
		played[fd] = false;
	return os_linux.close(fd);
}

static int play_fstat(int fd, struct os_stat *out)
{
	int r = os_linux.fstat(fd, out);

	if (r == 0 && fd < FDS && played[fd])
		out->mode = S_IFCHR | 0600;
	return r;
}

static int map(int fd, const struct abi_dma_map *m)
{
	for (size_t i = 0; i < mapping_count; i++)
		CHECK(mappings[i].container != fd || m->iova + m->size <= mappings[i].iova ||
			mappings[i].iova + mappings[i].size <= m->iova);
	CHECK(m->iova && m->size && m->iova % PAGE == 0 && m->vaddr % PAGE == 0);
	CHECK(mapping_count < sizeof(mappings) / sizeof(mappings[0]));
	mappings[mapping_count++] = (struct mapping){ fd, m->iova, m->size,
		(unsigned char *)(uintptr_t)m->vaddr };
	/* What is mapped is there, and stays there. */
	*(volatile unsigned char *)(uintptr_t)m->vaddr += 1;
	*(volatile unsigned char *)(uintptr_t)(m->vaddr + m->size - 1) += 1;
	return 0;
}

static int unmap(int fd, struct abi_dma_unmap *m)
{
	for (size_t i = 0; i < mapping_count; i++) {
		if (mappings[i].container != fd || mappings[i].iova != m->iova)
			continue;
		CHECK(mappings[i].size == m->size);
		*(volatile unsigned char *)(mappings[i].memory + m->size - 1) += 1;
		mappings[i] = mappings[--mapping_count];
		return 0;
	}
	fprintf(stderr, "what is unmapped is not mapped\n");
	exit(1);
}

static int vfio_call(int fd, unsigned long request, void *arg)
{
	uint32_t *words = arg;

	switch (request) {
	case ABI_GET_API_VERSION:
	case ABI_SET_IOMMU:
	case ABI_GROUP_SET_CONTAINER:
		return 0;
	case ABI_CHECK_EXTENSION:
		return 1;
	case ABI_GROUP_GET_STATUS:
		words[1] = ABI_GROUP_VIABLE;
		return 0;
	case ABI_GROUP_GET_DEVICE_FD:
		return eventfd(0, EFD_CLOEXEC);
	case ABI_DEVICE_GET_INFO:
		words[1] = ABI_DEVICE_PLATFORM;
		words[2] = words[3] = 1;
		return 0;
	case ABI_IOMMU_GET_INFO:
		words[1] = ABI_IOMMU_INFO_PAGES;
		((struct abi_iommu_info *)arg)->page_sizes = 0x40201000;
		return 0;
	case ABI_IOMMU_MAP_DMA:
		return map(fd, arg);
	case ABI_IOMMU_UNMAP_DMA:
		return unmap(fd, arg);
	default:
		return -ENOTTY;
	}
}

static int play_ioctl(int fd, unsigned long request, void *arg)
{
	int r;

	if ((request & ~0xfful) != 0x3b00)
		return os_linux.ioctl(fd, request, arg);
	if (fork_lock_take(&kernel))
		mapping_count = 0; /* the parent's */
	r = vfio_call(fd, request, arg);
	fork_lock_give(&kernel);
	return r;
}

static void below_root(const char *name, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "%s%s", root, name);
	for (char *p = path + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(path, 0700);
		*p = '/';
	}
	CHECK(symlink(text, path) == 0);
}

static void play(void)
{
	static struct os_calls calls;
	char name[64], group[64];

	calls = os_linux;
	calls.open = play_open;
	calls.close = play_close;
	calls.fstat = play_fstat;
	calls.ioctl = play_ioctl;
	os = &calls;
	CHECK(mkdtemp(root));
	for (int i = 0; i < DEVICES; i++) {
		snprintf(name, sizeof(name), "/sys/bus/platform/devices/dev%d/iommu_group", i);
		snprintf(group, sizeof(group), "../../../kernel/iommu_groups/%d", i < 3 ? i : 3);
		below_root(name, group);
	}
	setenv("LIBPMEM_ROOT", root, 1);
}

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

/* A device and its regions are closed at the same time, by two threads; or one shares a space that ends. */
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
		opts.share = i % 2 ? one : NULL;
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
	CHECK(mapping_count == 0);
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
	pthread_t threads[THREADS + 4];
	const int all = getenv("DEVICE_WITHOUT_FORK") ? THREADS + 3 : THREADS + 4;
	char command[64];

	play();
	CHECK(pmem_ctx_new(&ctx) == 0);
	CHECK(pmem_device_open(ctx, "dev0", NULL, &device) == 0);
	for (int i = 0; i < 8; i++)
		common[i] = take(NULL, 2 * PAGE);
	for (uintptr_t i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, work, (void *)(i + 1)) == 0);
	CHECK(pthread_create(&threads[THREADS], NULL, lives, NULL) == 0);
	CHECK(pthread_create(&threads[THREADS + 1], NULL, member, (void *)3) == 0);
	CHECK(pthread_create(&threads[THREADS + 2], NULL, member, (void *)4) == 0);
	if (all > THREADS + 3)
		CHECK(pthread_create(&threads[THREADS + 3], NULL, forks, NULL) == 0);
	for (int i = 0; i < all; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
	CHECK(mapping_count == 0);
	for (int i = 0; i < 8; i++)
		CHECK(pmem_region_close(common[i]) == 0);
	CHECK(pmem_device_close(device) == 0);
	pmem_ctx_unref(ctx);
	for (int fd = 0; fd < FDS; fd++)
		CHECK(!played[fd]);
	snprintf(command, sizeof(command), "rm -r '%s'", root);
	CHECK(system(command) == 0);
	return 0;
}
