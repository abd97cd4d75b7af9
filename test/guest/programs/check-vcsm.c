/* SPDX-License-Identifier: MIT */
/*
 * Memory of the vcsm driver: preferred on a Pi that has it, its address also for a dma-buf that
 * another driver made, and gone with the process that is killed.
 */
#include <signal.h>

#include "vc.h"

#define PROC "/proc/pmem_vcsm"

static void check_preferred(void)
{
	struct pmem_region *region;

	if (pmem_region_alloc(ctx, 1 << 20, NULL, &region)) {
		CHECK("alloc", 0, "%s", why());
		return;
	}
	CHECK("preferred", strcmp(pmem_region_backend(region), "vcsm") == 0, "%s",
		pmem_region_backend(region));
	CHECK_EQ("dma-buf", pmem_region_attrs(region) & PMEM_REGION_DMABUF, PMEM_REGION_DMABUF);
	CHECK_EQ("close", pmem_region_close(region), 0);
	CHECK_EQ("live", check_counter(PROC, "live"), 0);
}

/* The same memory once through the mapping of its maker, and once by its physical address. */
static void check_import(void)
{
	struct pmem_alloc_opts opts = {
		.size = sizeof(opts),
		.flags = PMEM_ALLOC_NO_ADDRESS,
		.backend = "dmaheap",
	};
	struct pmem_region *made, *region;
	uint64_t phys = 0, bus = 0;
	long long before;
	int fd;

	if (pmem_region_alloc(ctx, 65536, &opts, &made)) {
		CHECK("heap", 0, "%s", why());
		return;
	}
	fd = pmem_region_dup_fd(made);
	before = check_counter(PROC, "imports"); /* the heap's backend asks vcsm for addresses too */
	if (pmem_region_import(ctx, fd, 0, &region)) {
		CHECK("import", 0, "%s", why());
		return;
	}
	CHECK("import-backend", strcmp(pmem_region_backend(region), "vcsm") == 0, "%s",
		pmem_region_backend(region));
	CHECK("import-phys", pmem_region_phys(region, &phys) == 0, "%s", why());
	CHECK("import-bus", pmem_region_bus(region, &bus) == 0 && bus == (phys | 0xc0000000),
		"phys %#llx bus %#llx", (unsigned long long)phys, (unsigned long long)bus);
	CHECK_EQ("imports", check_counter(PROC, "imports"), before + 1);
	CHECK_EQ("write", pmem_region_write32(made, 4096, 0x600dcafe), 0);
	CHECK("same-memory", *(volatile uint32_t *)pmem_region_at(region, 4096, 4, 4) == 0x600dcafe,
		"it is other memory");
	close(fd);
	CHECK_EQ("import-close", pmem_region_close(region), 0);
	CHECK_EQ("heap-close", pmem_region_close(made), 0);
	CHECK_EQ("imports-after", check_counter(PROC, "imports"), 0);
}

static void check_killed(void)
{
	struct pmem_region *region;
	pid_t pid = fork();

	vc_backend = "vcsm";
	if (pid == 0) {
		if (vc_alloc(1 << 20, 0, 0, &region))
			_exit(1);
		kill(getpid(), SIGKILL);
	}
	CHECK("died", WIFSIGNALED(check_wait(pid)), "the child left by itself");
	CHECK_EQ("kernel-took-it-back", check_counter(PROC, "live"), 0);
}

int main(void)
{
	if (pmem_ctx_new(&ctx)) {
		CHECK("context", 0, "%s", why());
		return 1;
	}
	check_preferred();
	check_import();
	check_killed();
	pmem_ctx_unref(ctx);
	return check_end();
}
