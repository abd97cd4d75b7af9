/* SPDX-License-Identifier: MIT */
/*
 * Buffers of u-dma-buf, played by pmem_u_dma_buf.ko: where they are, whose they are, how they are synced.
 *     --ways ioctl|sysfs   what the module was loaded with
 *     --cached coherent|synced   what its devices are
 *     --refused DEVICE     its device, of PCI, is behind an IOMMU that translates
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "check_lib.h"
#include "mod_check.h"

#define NAME   "udmabuf0"
#define FOLDER "/sys/class/u-dma-buf/" NAME "/"
#define PROC   "/proc/pmem_u_dma_buf"
#define SIZE   70000u

static struct {
	const char *ways, *cached, *refused;
} o = { .ways = "ioctl", .cached = "synced" };

static struct pmem_ctx *ctx;

static int take(const char *heap, uint32_t flags, struct pmem_region **out)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = flags, .heap = heap,
		.backend = "udmabuf-kmod" };

	return pmem_region_alloc(ctx, SIZE, &opts, out);
}

static uint64_t file_number(const char *path)
{
	char text[64] = "";
	FILE *f = fopen(path, "re");

	if (!f || !fgets(text, sizeof(text), f))
		text[0] = '\0';
	if (f)
		fclose(f);
	return strtoull(text, NULL, 0);
}

static int set_mode(const char *mode)
{
	int fd = open(FOLDER "sync_mode", O_WRONLY | O_CLOEXEC), good;

	if (fd < 0)
		return -1;
	good = write(fd, mode, 1) == 1;
	close(fd);
	return good ? 0 : -1;
}

static uint64_t address(const struct pmem_region *region)
{
	uint64_t phys = 0;

	CHECK_OK("address", pmem_region_phys(region, &phys));
	return phys;
}

/* What the module was told last, and by which way. */
static void check_sync(struct pmem_region *region)
{
	const char *way = strcmp(o.ways, "sysfs") ? "by_ioctl" : "by_sysfs";
	long long before = check_counter(PROC, way), devices = check_counter(PROC, "for_device");

	CHECK_OK("sync-begin", pmem_region_cpu_begin(region, 0x1234, 100, PMEM_DIR_READ));
	if (strcmp(o.cached, "synced") != 0) {
		CHECK_EQ("coherent-needs-none", check_counter(PROC, way), before);
		return;
	}
	CHECK_EQ("sync-way", check_counter(PROC, way), before + 1);
	CHECK_EQ("sync-offset", check_counter(PROC, "last_offset"), 0x1234);
	CHECK_EQ("sync-size", check_counter(PROC, "last_size"), 112);
	CHECK_EQ("sync-from-device", check_counter(PROC, "last_direction"), 2);
	CHECK_OK("sync-end", pmem_region_cpu_end(region, 0, PMEM_TO_END, PMEM_DIR_WRITE));
	CHECK_EQ("sync-for-device", check_counter(PROC, "for_device"), devices + 1);
	CHECK_EQ("sync-to-device", check_counter(PROC, "last_direction"), 1);
	CHECK_EQ("sync-never-refused", check_counter(PROC, "refused"), 0);
}

static void check_memory(void)
{
	struct pmem_region *region = NULL;
	uint32_t attrs = PMEM_REGION_CACHED | PMEM_REGION_PINNED | PMEM_REGION_CONTIGUOUS |
		(strcmp(o.cached, "synced") ? PMEM_REGION_COHERENT : PMEM_REGION_NEEDS_SYNC);
	unsigned char *data;
	unsigned wrong = 0;

	CHECK_OK("alloc", take(NAME, 0, &region));
	if (!region)
		return;
	data = pmem_region_data(region);
	CHECK_U64("attributes", pmem_region_attrs(region), attrs);
	CHECK_U64("phys-addr", address(region), file_number(FOLDER "phys_addr"));
	for (unsigned i = 0; i < SIZE; i++) {
		wrong += data[i] != 0;
		data[i] = (unsigned char)(i * 7);
	}
	CHECK("zeroed", wrong == 0, "%u bytes are not 0", wrong);
	check_sync(region);
	CHECK_OK("close", pmem_region_close(region));
	/* The bytes are the buffer's: the next one sees them, if it asks not to have it cleared. */
	CHECK_OK("alloc-again", take(NAME, PMEM_ALLOC_NO_ZERO, &region));
	data = pmem_region_data(region);
	for (unsigned i = 0; i < SIZE; i++)
		wrong += data[i] != (unsigned char)(i * 7);
	CHECK("same-bytes", wrong == 0, "%u bytes are others", wrong);
	CHECK_OK("close-again", pmem_region_close(region));
}

/* Past the cache, by sync_mode; the same bytes. */
static void check_uncached(void)
{
	struct pmem_region *region = NULL;
	volatile uint32_t *data;

	if (strcmp(o.cached, "synced") != 0) {
		check_refused("uncached-of-coherent", take(NAME, PMEM_ALLOC_UNCACHED, &region), "unsupported");
		return;
	}
	CHECK("mode", set_mode("2") == 0, "%s", strerror(errno));
	CHECK_OK("uncached", take(NAME, PMEM_ALLOC_UNCACHED, &region));
	if (!region)
		return;
	CHECK_U64("uncached-attributes", pmem_region_attrs(region), PMEM_REGION_COHERENT |
		PMEM_REGION_PINNED | PMEM_REGION_CONTIGUOUS);
	data = pmem_region_data(region);
	CHECK_U64("uncached-zeroed", data[SIZE / 4 - 1], 0);
	data[5] = 0x12345678;
	CHECK_OK("uncached-close", pmem_region_close(region));
	CHECK("mode", set_mode("1") == 0, "%s", strerror(errno));
	CHECK_OK("device-memory", take(NAME, PMEM_ALLOC_UNCACHED, &region));
	CHECK("device-attributes", pmem_region_attrs(region) & PMEM_REGION_DEVICE, "0x%x",
		pmem_region_attrs(region));
	data = pmem_region_data(region);
	CHECK_U64("device-zeroed", data[5], 0);
	CHECK_OK("device-close", pmem_region_close(region));
	CHECK("mode", set_mode("4") == 0, "%s", strerror(errno));
	check_refused("always-cached", take(NAME, PMEM_ALLOC_UNCACHED, &region), "unsupported");
	CHECK("mode", set_mode("1") == 0, "%s", strerror(errno));
}

/* A process that takes a buffer with a context of its own, says so, and waits to be killed. */
static pid_t other_process(const char *heap, uint64_t *phys)
{
	struct pmem_region *region = NULL;
	int told[2];
	pid_t child;

	if (pipe(told))
		return -1;
	child = fork();
	if (child == 0) {
		uint64_t at = 1; /* no buffer is there */

		if (take(heap, 0, &region) == 0)
			pmem_region_phys(region, &at);
		if (write(told[1], &at, sizeof(at)) != sizeof(at))
			_exit(1);
		pause();
		_exit(0);
	}
	close(told[1]);
	if (read(told[0], phys, sizeof(*phys)) != sizeof(*phys))
		*phys = 1;
	close(told[0]);
	return child;
}

static void check_two_processes(void)
{
	struct pmem_region *region = NULL, *second = NULL;
	uint64_t theirs = 0, mine;
	pid_t child = other_process(NAME, &theirs);

	CHECK("theirs", child > 0 && theirs == file_number(FOLDER "phys_addr"), "0x%llx",
		(unsigned long long)theirs);
	check_refused("held", take(NAME, 0, &region), "busy");
	CHECK_OK("another-buffer", take(NULL, 0, &region));
	mine = address(region);
	CHECK("not-theirs", mine != theirs, "both have 0x%llx", (unsigned long long)mine);
	check_refused("no-third", take(NULL, 0, &second), "busy");
	kill(child, SIGKILL);
	check_wait(child);
	CHECK_OK("free-after-kill", take(NAME, 0, &second));
	CHECK_OK("close-second", pmem_region_close(second));
	CHECK_OK("close-first", pmem_region_close(region));
}

/* A child that was forked keeps neither the buffer nor its lock from others. */
static void check_fork(void)
{
	struct pmem_region *region = NULL;
	pid_t child;

	CHECK_OK("before-fork", take(NAME, 0, &region));
	child = fork();
	if (child == 0) {
		pmem_region_close(region);
		pause();
		_exit(0);
	}
	usleep(200000);
	struct pmem_region *second = NULL;
	check_refused("child-let-go-nothing", take(NAME, 0, &second), "busy");
	CHECK_OK("parent-closes", pmem_region_close(region));
	CHECK_OK("free-with-a-child", take(NAME, 0, &region));
	CHECK_OK("close-after", pmem_region_close(region));
	kill(child, SIGKILL);
	check_wait(child);
}

static void check_export(void)
{
	struct pmem_region *region = NULL, *again = NULL;
	int r = take(NAME, PMEM_ALLOC_DMABUF, &region), fd;

	if (strcmp(o.ways, "sysfs") == 0) {
		check_refused("no-export", r, "unsupported");
		return;
	}
	CHECK_OK("export", r);
	if (r)
		return;
	fd = pmem_region_dup_fd(region);
	CHECK("export-fd", fd >= 0, "%s", check_error());
	CHECK_OK("export-import", pmem_region_import(ctx, fd, 0, &again));
	if (again) {
		pmem_region_write32(region, 4096, 0xdeadbeef);
		CHECK_U64("export-same-memory", ((volatile uint32_t *)pmem_region_data(again))[1024],
			0xdeadbeef);
		CHECK_OK("export-close-import", pmem_region_close(again));
	}
	CHECK_EQ("export-live", check_counter(PROC, "live"), 1);
	close(fd);
	CHECK_OK("export-close", pmem_region_close(region));
	CHECK_EQ("export-gone", check_counter(PROC, "live"), 0);
}

static void check_many(void)
{
	struct pmem_region *region = NULL;
	unsigned failed = 0;
	int before = open("/dev/null", O_RDONLY | O_CLOEXEC), after;

	close(before);
	for (int i = 0; i < 300; i++)
		failed += take(NAME, i % 2 ? PMEM_ALLOC_NO_ZERO : PMEM_ALLOC_NO_MAP, &region) != 0 ||
			pmem_region_close(region) != 0;
	CHECK("many", failed == 0, "%u of 300 failed: %s", failed, check_error());
	after = open("/dev/null", O_RDONLY | O_CLOEXEC);
	CHECK_EQ("no-descriptor-left", after, before);
	close(after);
}

static void check_heaps(void)
{
	uint32_t way = 0;
	size_t count = 0, i = 0;

	CHECK_OK("heaps", pmem_heap_count(ctx, &count));
	while (i < count && strcmp(pmem_heap_name(ctx, i), NAME) != 0)
		i++;
	CHECK("heap-listed", i < count, "%zu heaps, none is " NAME, count);
	if (o.refused) {
		check_refused("heap-way", pmem_heap_way(ctx, i, &way), "address-unknown");
		return;
	}
	CHECK_OK("heap-way", pmem_heap_way(ctx, i, &way));
	CHECK_U64("heap-by-sysfs", way, PMEM_WAY_UDMABUF_KMOD);
}

/* Nothing of it may be mapped: in the real module that is a BUG of the kernel. */
static void check_iommu(void)
{
	const uint32_t flags[] = { 0, PMEM_ALLOC_UNCACHED, PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_NO_MAP };
	struct pmem_region *region = NULL;
	char master[64];
	uint64_t bus;

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		check_refused("behind-an-iommu", take(NAME, flags[i], &region), i == 1 ?
			(strcmp(o.cached, "synced") ? "unsupported" : "address-unknown") : "address-unknown");
	CHECK_EQ("never-mapped", check_counter(PROC, "maps"), 0);
	snprintf(master, sizeof(master), "pci:%s", o.refused);
	check_refused("endpoint", pmem_soc_phys_to_bus(ctx, master, 0x1000, &bus), "address-unknown");
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--ways") && i + 1 < argc)
			o.ways = argv[++i];
		else if (!strcmp(argv[i], "--cached") && i + 1 < argc)
			o.cached = argv[++i];
		else if (!strcmp(argv[i], "--refused") && i + 1 < argc)
			o.refused = argv[++i];
		else
			CHECK("arguments", 0, "unknown: %s", argv[i]);
	}
	ctx = check_ctx();
	check_heaps();
	if (o.refused) {
		check_iommu();
		return check_end();
	}
	check_memory();
	check_uncached();
	check_two_processes();
	check_fork();
	check_export();
	check_many();
	return check_end();
}
