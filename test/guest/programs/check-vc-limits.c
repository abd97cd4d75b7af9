/* SPDX-License-Identifier: MIT */
/* Memory exhausted, no journal possible, DMA left running, and a board whose firmware has none. */
#include <signal.h>
#include <sys/stat.h>

#include "vc.h"

#define PI5 "/tmp/pi5"

static char logged[4096];

static void listen(void *user, uint32_t level, const char *message)
{
	(void)user;
	(void)level;
	snprintf(logged + strlen(logged), sizeof(logged) - strlen(logged), "%s\n", message);
}

static void check_exhausted(void)
{
	struct pmem_region *regions[256];
	uint64_t size = 0;
	char split[64];
	size_t n = 0;

	while (n < 256 && vc_alloc(4 << 20, 0, 0, &regions[n]) == 0)
		n++;
	printf("after %zu: %s\n", n, why());
	pmem_firmware_get(ctx, PMEM_FACT_VC_SIZE, &size);
	snprintf(split, sizeof(split), "%llu MiB", (unsigned long long)size >> 20);
	CHECK("exhausted", n > 4 && n < 256 &&
			pmem_error_cause(pmem_error_last()) == PMEM_CAUSE_NO_MEMORY,
		"%zu pieces, %s", n, why());
	CHECK("says-how-much", strstr(why(), "4194304") != NULL, "%s", why());
	CHECK("says-the-split", strstr(why(), split) != NULL, "no %s in %s", split, why());
	CHECK("says-the-setting", strstr(why(), "gpu_mem") != NULL, "%s", why());
	while (n-- > 0)
		pmem_region_close(regions[n]);
	vc_check_clean("given-back");
}

static void check_no_journal(void)
{
	struct pmem_ctx *first = ctx;
	struct pmem_region *region;

	setenv("LIBPMEM_RUN_DIR", "/proc/no-such-folder", 1);
	CHECK_EQ("context", pmem_ctx_new(&ctx), 0);
	pmem_ctx_set_log(ctx, listen, NULL);
	CHECK("without-journal", vc_alloc(4096, 0, 0, &region) == 0, "%s", why());
	CHECK("warned", strstr(logged, "will be lost if this process is killed") != NULL, "%s",
		logged);
	pmem_region_close(region);
	CHECK("must-journal", vc_alloc(4096, PMEM_FIRMWARE_MUST_JOURNAL, 0, &region) < 0,
		"there is a journal");
	printf("must journal: %s\n", why());
	unsetenv("LIBPMEM_RUN_DIR");
	pmem_ctx_unref(ctx);
	ctx = first;
	vc_check_clean("without-journal-clean");
}

/* A child dies with a piece of memory, naming DMA channel 5; another exempts its memory. */
static void die_holding(uint32_t flags, uint32_t channels)
{
	struct pmem_region *region;
	pid_t pid = fork();

	if (pid == 0) {
		if (pmem_ctx_new(&ctx) || vc_alloc(4096, flags, channels, &region))
			_exit(1);
		kill(getpid(), SIGKILL);
	}
	CHECK("died", WIFSIGNALED(check_wait(pid)), "the child left by itself");
}

static void check_gc(void)
{
	size_t count = 0;
	uint64_t bytes = 0;

	die_holding(0, 1u << 5);
	CHECK_EQ("left", vc_count("live"), 1);
	CHECK("dry-run", pmem_firmware_reclaim(ctx, PMEM_RECLAIM_DRY_RUN, &count, &bytes) == 0 &&
			count == 1 && bytes == 4096 && vc_count("live") == 1,
		"%zu pieces, %s", count, why());
	CHECK("stops-dma", pmem_firmware_reclaim(ctx, 0, &count, &bytes) == 0 && count == 1, "%s",
		why());
	vc_check_clean("gc");
	die_holding(PMEM_FIRMWARE_NO_RECLAIM, 0);
	CHECK("exempt", pmem_firmware_reclaim(ctx, 0, &count, &bytes) == 0 && count == 0 &&
			vc_count("live") == 1,
		"%zu pieces", count);
	vc_tell("drain");
}

/* The machine as it is, but for a device tree that says BCM2712. */
static void check_pi5(void)
{
	static const char compatible[] = "raspberrypi,5-model-b\0brcm,bcm2712";
	static const char *const links[] = { "dev", "sys", "run", "proc/self", "proc/sys",
		"proc/meminfo", "proc/iomem", "proc/cmdline" };
	struct pmem_alloc_opts opts = { .size = sizeof(opts) };
	struct pmem_region *region;
	char path[128], target[128];
	int fd;

	mkdir(PI5, 0755);
	mkdir(PI5 "/proc", 0755);
	mkdir(PI5 "/proc/device-tree", 0755);
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		snprintf(path, sizeof(path), PI5 "/%s", links[i]);
		snprintf(target, sizeof(target), "/%s", links[i]);
		CHECK("link", symlink(target, path) == 0, "%s", strerror(errno));
	}
	fd = open(PI5 "/proc/device-tree/compatible", O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	CHECK("tree", write(fd, compatible, sizeof(compatible)) == sizeof(compatible), "%s",
		strerror(errno));
	close(fd);
	setenv("LIBPMEM_ROOT", PI5, 1);
	pmem_ctx_unref(ctx);
	CHECK_EQ("pi5-context", pmem_ctx_new(&ctx), 0);
	CHECK("pi5-refused", vc_alloc(4096, 0, 0, &region) == -EOPNOTSUPP &&
			strstr(why(), "bcm2712") != NULL,
		"%s", why());
	printf("on BCM2712: %s\n", why());
	/* A 32-bit ARM program cannot clean caches, and mainline tells no address of a dma-buf. */
	if (sizeof(void *) == 4)
		opts.flags = PMEM_ALLOC_NO_ADDRESS;
	if (pmem_region_alloc(ctx, 4096, &opts, &region)) {
		CHECK("pi5-next", 0, "%s", why());
		return;
	}
	printf("the next backend: %s\n", pmem_region_backend(region));
	CHECK("pi5-other", strcmp(pmem_region_backend(region), "videocore") != 0, "videocore served");
	pmem_region_close(region);
}

int main(void)
{
	vc_begin();
	if (pmem_ctx_new(&ctx)) {
		CHECK("context", 0, "%s", why());
		return 1;
	}
	check_exhausted();
	check_no_journal();
	check_gc();
	check_pi5();
	pmem_ctx_unref(ctx);
	return check_end();
}
