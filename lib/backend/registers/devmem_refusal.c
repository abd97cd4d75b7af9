/* SPDX-License-Identifier: MIT */
/*
 * Why the kernel refuses to map a range of /dev/mem. What each errno can mean is from
 * drivers/char/mem.c mmap_mem(), kernel/resource.c and arch/.../mm/mmap.c; which of the meanings
 * holds is looked up after the failure, so that nothing is refused that the kernel would allow.
 */
#include "registers/devmem_refusal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>

#include "base/error.h"
#include "os/iomem.h"
#include "os/os.h"
#include "os/probe.h"

struct range {
	struct pmem_ctx *ctx;
	const char *path;
	uint64_t phys, size;
};

static int system_ram(const struct range *r, const struct iomem_owner *owner)
{
	static const char hint[] =
		"no boot parameter lifts this: pmem_region_alloc() gives RAM with a known address; "
		"only a kernel without CONFIG_STRICT_DEVMEM maps any";

	if (!owner)
		return error_set(EPERM, PMEM_CAUSE_SYSTEM_RAM, "mmap", r->path, hint,
			"0x%" PRIx64 " is in System RAM, which CONFIG_STRICT_DEVMEM protects",
			r->phys);
	return error_set(EPERM, PMEM_CAUSE_SYSTEM_RAM, "mmap", r->path, hint,
		"0x%" PRIx64 " + 0x%" PRIx64 " is in System RAM (0x%" PRIx64 "-0x%" PRIx64
		"), which CONFIG_STRICT_DEVMEM protects",
		r->phys, r->size, owner->start, owner->end);
}

static int driver_owned(const struct range *r, const struct iomem_owner *owner, bool relaxed)
{
	const char *hint = "boot with iomem=relaxed, or unbind the driver, or use the driver's own "
			   "interface";

	if (relaxed)
		hint = "unbind the driver, or use the driver's own interface";
	if (!owner)
		return error_set(EPERM, PMEM_CAUSE_DRIVER_OWNED, "mmap", r->path, hint,
			"a driver owns 0x%" PRIx64 " + 0x%" PRIx64 " and CONFIG_IO_STRICT_DEVMEM "
			"keeps it alone there (which one, /proc/iomem tells to a program with "
			"cap_sys_admin)",
			r->phys, r->size);
	return error_set(EPERM, PMEM_CAUSE_DRIVER_OWNED, "mmap", r->path, hint,
		"0x%" PRIx64 " + 0x%" PRIx64 " is owned by %s (0x%" PRIx64 "-0x%" PRIx64
		"), which the kernel protects%s",
		r->phys, r->size, owner->name, owner->start, owner->end,
		relaxed ? " although it was booted with iomem=relaxed" :
			  " (CONFIG_IO_STRICT_DEVMEM)");
}

/*
 * EPERM: the range has RAM, or a driver's registers. /proc/iomem tells which; where it hides its
 * addresses, two facts that everybody may read do: iomem=relaxed leaves only RAM protected, and a
 * range outside every memory block is no RAM.
 */
static int not_permitted(const struct range *r)
{
	bool relaxed = probe_iomem_relaxed(r->ctx->root) == 1;
	struct iomem_owner owner;
	int found = iomem_owner(r->ctx->root, r->phys, r->size, &owner);

	if (found == 1)
		return owner.ram ? system_ram(r, &owner) : driver_owned(r, &owner, relaxed);
	if (found == 0)
		return error_set(EPERM, PMEM_CAUSE_SYSTEM, "mmap", r->path,
			"the kernel log may tell more (dmesg)",
			"0x%" PRIx64 " + 0x%" PRIx64 " is refused, although nobody owns it",
			r->phys, r->size);
	if (relaxed || probe_memory_block(r->ctx->root, r->phys) == 1)
		return system_ram(r, NULL);
	return driver_owned(r, NULL, relaxed);
}

/* EINVAL: an address that the CPU does not have, or pages larger than this program believes. */
static int not_valid(const struct range *r, int errnum)
{
	int bits = probe_phys_bits(r->ctx->root);
	uint64_t last = r->phys + (r->size - 1);
	uint64_t page = os->page_size();

	if (bits <= 0 || bits > 63)
		bits = 32; /* not told: any address above 4 GiB is the likely culprit */
	if (errnum == EOVERFLOW || last >> bits)
		return error_set(ERANGE, PMEM_CAUSE_BUS_WIDTH, "mmap", r->path, NULL,
			"0x%" PRIx64 " is beyond the physical addresses of this CPU or kernel",
			last);
	if ((r->phys & ~(page - 1)) & 0xffff) /* 64 KiB: the largest page there is */
		return error_set(EINVAL, PMEM_CAUSE_ALIGNMENT, "mmap", r->path,
			"run it without emulation of another page size",
			"the kernel's pages seem to be larger than the %" PRIu64 " bytes that it "
			"tells this program",
			page);
	return error_set(EINVAL, PMEM_CAUSE_SYSTEM, "mmap", r->path,
		"the kernel log may tell more (dmesg)",
		"the kernel finds 0x%" PRIx64 " + 0x%" PRIx64 " invalid", r->phys, r->size);
}

int devmem_why(struct pmem_ctx *ctx, int errnum, const char *path, uint64_t phys, uint64_t size)
{
	struct range r = { .ctx = ctx, .path = path, .phys = phys, .size = size };

	switch (errnum) {
	case EPERM:
		return not_permitted(&r);
	case EINVAL:
	case EOVERFLOW:
		return not_valid(&r, errnum);
	case EAGAIN: /* arch/x86/mm/pat/memtype.c: another cache type is in use there */
		return error_set(EAGAIN, PMEM_CAUSE_BUSY, "mmap", path,
			"map it with PMEM_MAP_CACHED, or unbind its driver",
			"0x%" PRIx64 " is mapped elsewhere with another cache type", phys);
	case ENOMEM:
		return error_set(ENOMEM, PMEM_CAUSE_LIMIT, "mmap", path,
			"map less at a time, or raise RLIMIT_AS",
			"no room for 0x%" PRIx64 " bytes in this program's address space", size);
	case ENODEV:
		return error_set(ENODEV, PMEM_CAUSE_WRONG_KIND, "mmap", path, NULL,
			"it is no memory device: it cannot be mapped");
	case EACCES:
		return error_set(EACCES, PMEM_CAUSE_FILE_MODE, "mmap", path,
			"look at the log of the security module (ausearch, dmesg)",
			"a security module forbids it");
	default:
		return error_set(errnum, PMEM_CAUSE_SYSTEM, "mmap", path, NULL,
			"0x%" PRIx64 " + 0x%" PRIx64 " cannot be mapped", phys, size);
	}
}
