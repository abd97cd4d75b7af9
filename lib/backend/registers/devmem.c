/* SPDX-License-Identifier: MIT */
/*
 * /dev/mem: any physical address that the kernel allows. The mapping survives close(), so a
 * region holds no descriptor.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "backend/backend.h"
#include "backend/device.h"
#include "base/bits.h"
#include "os/file.h"
#include "os/iomem.h"
#include "os/os.h"
#include "os/probe.h"
#include "registers/devmem_refusal.h"
#include "soc/soc.h"

/* mmap2() counts 4096-byte units in a register of 32 bits (arch/arm/kernel/entry-common.S). */
#define MMAP2_END (1ull << 44)

static const struct access_device device = {
	.path = "/dev/mem",
	.capability = CAP_SYS_RAWIO, /* drivers/char/mem.c open_port() */
	.capability_name = "cap_sys_rawio",
	.lockdown = true,
	.plain_file = true, /* below LIBPMEM_ROOT: see check_kind() */
	.absent = "the kernel needs CONFIG_DEVMEM; a container needs --device /dev/mem",
	.mode = "a udev rule gives it to a group: KERNEL==\"mem\", GROUP=\"kmem\", MODE=\"0660\"; "
		"cap_sys_rawio is needed too",
};

/*
 * A container may show any file under this name: a mapping of that would not be what it says.
 * Below LIBPMEM_ROOT a regular file plays the memory, as far as it goes.
 */
static int check_kind(struct pmem_ctx *ctx, int fd, const char *path, uint64_t phys,
	uint64_t size)
{
	struct os_stat st;
	int r = os->fstat(fd, &st);

	if (r < 0)
		return error_set(-r, PMEM_CAUSE_SYSTEM, "fstat", path, NULL,
			"the system call failed");
	if (S_ISREG(st.mode) && ctx->root[0]) {
		if (bits_inside(phys, size, st.size))
			return 0;
		return error_set(ERANGE, PMEM_CAUSE_BUS_WIDTH, "mmap", path, NULL,
			"the file that plays the memory ends at 0x%" PRIx64, st.size);
	}
	if (S_ISCHR(st.mode) && st.rdev == makedev(1, 1)) /* Documentation/admin-guide/devices.txt */
		return 0;
	return error_set(ENODEV, PMEM_CAUSE_WRONG_KIND, "open", path,
		"make the node: mknod /dev/mem c 1 1", "it is not the memory device");
}

static int open_checked(struct pmem_ctx *ctx, int flags, uint64_t phys, uint64_t size)
{
	char path[PATH_MAX];
	int fd = access_open(ctx, &device, flags), r;

	if (fd < 0)
		return fd;
	file_path(path, ctx->root, device.path);
	r = check_kind(ctx, fd, path, phys, size);
	if (r == 0)
		return fd;
	os->close(fd);
	return r;
}

/* Reading alone is worth something too: a group may have that and no more. */
static int devmem_probe(struct pmem_ctx *ctx)
{
	int fd = open_checked(ctx, O_RDWR, 0, 0);

	if (fd == -EACCES)
		fd = open_checked(ctx, O_RDONLY, 0, 0);
	if (fd < 0)
		return fd;
	os->close(fd);
	return 0;
}

enum ram {
	RAM_NO,
	RAM_YES,
	RAM_UNKNOWN, /* /proc/iomem is not there, or hides its addresses from this program */
};

/* RAM of Linux: memory that it does not map itself (no-map, the firmware's) is none. */
static enum ram is_ram(struct pmem_ctx *ctx, uint64_t phys, uint64_t size)
{
	struct iomem_owner owner;
	int r = iomem_owner(ctx->root, phys, size, &owner);

	return r < 0 ? RAM_UNKNOWN : r == 1 && owner.ram ? RAM_YES : RAM_NO;
}

/*
 * What kind of memory the kernel makes of it. Registers are never cached, whatever was asked
 * (arch/arm64/mm/mmu.c phys_mem_access_prot()); RAM is uncached on ARM if the descriptor has
 * O_SYNC; x86 keeps the type that the kernel uses itself (arch/x86/mm/pat/memtype.c), and riscv
 * has an uncached type only with Svpbmt. What cannot be told is held to be what needs the most
 * care for each question: registers for how it is accessed, cached RAM for whether it needs sync.
 */
static uint32_t attributes(struct pmem_ctx *ctx, enum ram ram, bool cached, uint32_t flags)
{
	uint32_t attrs = PMEM_REGION_PINNED;

	if (flags & PMEM_MAP_READONLY)
		attrs |= PMEM_REGION_READONLY;
	if (ram != RAM_YES)
		attrs |= PMEM_REGION_DEVICE;
	if (ram == RAM_NO)
		return attrs | PMEM_REGION_COHERENT;
#if defined(__aarch64__) || defined(__arm__)
	if (!cached)
		return attrs | PMEM_REGION_COHERENT;
#else
	(void)cached;
#endif
	attrs |= PMEM_REGION_CACHED;
#if defined(__x86_64__) || defined(__i386__)
	(void)ctx;
	return attrs | PMEM_REGION_COHERENT;
#else
	return attrs | (soc_coherent(ctx, NULL) == 1 ? PMEM_REGION_COHERENT : PMEM_REGION_NEEDS_SYNC);
#endif
}

static int check_ram(struct pmem_ctx *ctx, enum ram ram, const char *path, uint64_t phys,
	uint64_t size, uint32_t flags)
{
	if (flags & PMEM_MAP_SYSTEM_RAM)
		return 0;
	if (ram == RAM_YES)
		return error_set(EPERM, PMEM_CAUSE_SYSTEM_RAM, "map", path,
			"pmem_region_alloc() gives RAM of one's own; PMEM_MAP_SYSTEM_RAM maps it all "
			"the same, where the kernel allows that",
			"0x%" PRIx64 " + 0x%" PRIx64 " is System RAM, which Linux uses", phys, size);
	if (ram == RAM_UNKNOWN && probe_memory_block(ctx->root, phys) == 1)
		log_write(&ctx->log, PMEM_LEVEL_WARNING,
			"0x%" PRIx64 " may be RAM that Linux uses: /proc/iomem does not tell this program",
			phys);
	return 0;
}

static int check_range(struct pmem_ctx *ctx, uint64_t phys, uint64_t size, uint32_t flags)
{
	char path[PATH_MAX];

	file_path(path, ctx->root, device.path);
	if (flags & PMEM_MAP_WRITE_COMBINE)
		return error_set(EINVAL, PMEM_CAUSE_FLAGS, "map", path,
			"PMEM_MAP_WRITE_COMBINE is for pmem_region_map_pci()",
			"it has no write-combining view");
	if (sizeof(long) == 4 && phys + (size - 1) >= MMAP2_END)
		return error_set(ERANGE, PMEM_CAUSE_BUS_WIDTH, "mmap", path,
			"use a 64-bit program",
			"a 32-bit program reaches no address beyond 0x%llx, so not 0x%" PRIx64,
			MMAP2_END - 1, phys + (size - 1));
	return 0;
}

static int devmem_map(struct pmem_ctx *ctx, uint64_t phys, uint64_t size, uint32_t flags,
	struct pmem_region *region)
{
	bool readonly = flags & PMEM_MAP_READONLY;
	int prot = readonly ? PROT_READ : PROT_READ | PROT_WRITE;
	enum ram ram = is_ram(ctx, phys, size);
	bool cached = flags & PMEM_MAP_CACHED || (ram == RAM_YES && flags & PMEM_MAP_SYSTEM_RAM);
	char path[PATH_MAX];
	int fd, r;

	r = check_range(ctx, phys, size, flags);
	if (r < 0)
		return r;
	file_path(path, ctx->root, device.path);
	fd = open_checked(ctx, (readonly ? O_RDONLY : O_RDWR) | (cached ? 0 : O_SYNC), phys, size);
	if (fd < 0)
		return fd;
	r = check_ram(ctx, ram, path, phys, size, flags);
	if (r == 0) {
		r = region_mmap(region, fd, phys, size, prot, path);
		if (r < 0 && error_last()->cause != PMEM_CAUSE_WRAPS)
			r = devmem_why(ctx, -r, path, phys, size);
	}
	os->close(fd);
	if (r < 0)
		return r;
	region->attrs = attributes(ctx, ram, cached, flags);
	region_set_phys(region, phys);
	return 0;
}

const struct pmem_backend_ops backend_devmem = {
	.name = "devmem",
	.caps = PMEM_BACKEND_MAP | PMEM_BACKEND_GPIO | PMEM_BACKEND_PHYS | PMEM_BACKEND_PINNED,
	.probe = devmem_probe,
	.map = devmem_map,
	.close = region_unmap,
	.forget = region_unmap,
};
