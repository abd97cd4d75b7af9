/* SPDX-License-Identifier: MIT */
/*
 * The contract between the library and a way to get physical memory.
 *
 * A backend is one const struct pmem_backend_ops in one file, named in table.c. null.c is the
 * template: it implements everything that is mandatory and nothing else.
 *
 * Rules for every operation
 * - Locks: none of the library is held. Any thread calls it, several at once; a backend that keeps
 *   state of its own guards it itself, with a fork_lock (os/fork_lock.h), and holds none while it
 *   calls log_write(), which runs code of the program.
 * - Cancellation: held off by CALL() of lib/api around all of it. No clean-up handlers are needed.
 * - fork: a thread may fork while another is inside; the child never goes on with what that one
 *   did. What a child may do with a region that it inherited is said below; a region that it makes
 *   itself is as any other.
 * - Reports a failure with error_set() (operation, path, cause, message, hint) and returns its
 *   result. Undo paths leave the first error alone (error_save, error_restore).
 * - Leaves nothing behind when it fails: no descriptor, mapping, lock, handle or byte.
 * - Reads no register and no byte of mapped device memory.
 * - Reaches the machine through os->... and below ctx->root only.
 *
 * Errors: what each means to select.c. The request fails with the refusal that says most; those of
 * NO_DEVICE, UNSUPPORTED and OUTSIDE_WINDOW say little, and any other is preferred.
 */
#ifndef BACKEND_BACKEND_H
#define BACKEND_BACKEND_H

#include <stdint.h>

#include <pmem/backend.h>
#include <pmem/firmware.h>

#include "backend/backing.h"

/* What an allocation asks for; checked and completed by lib/api/request.c, so a backend can rely on it. */
struct alloc_request {
	uint64_t size;         /* as asked for: the region's size */
	uint64_t length;       /* size rounded up to whole pages */
	uint64_t align;        /* power of two, at least a page */
	uint64_t max_addr;     /* UINT64_MAX: any */
	uint32_t flags;        /* PMEM_ALLOC_* */
	const char *backend;   /* NULL or the only one to use */
	const char *heap;      /* NULL or the only one to use */
	const char *name;      /* never NULL */
	struct pmem_firmware_opts firmware;
	const struct soc_master *master; /* who will use it */
	struct pmem_device *device; /* NULL, or the same as a device: lib/device/memory.c; backends need not look */
	uint32_t wait_ms;      /* 0: the default */
	uint32_t node;         /* NUMA node + 1; 0: any. For those with PMEM_BACKEND_NODE only */
	bool limited;          /* it must see all of it; then max_addr is not above what it sees */
};

struct pmem_backend_ops {
	const char *name;      /* lower case, for ever */
	uint32_t caps;         /* PMEM_BACKEND_*: what it can do on a machine that has it */

	/*
	 * Is it usable here by this program? Mandatory. Opens and closes what the others would open;
	 * allocates nothing, changes nothing.
	 * - Called by: pmem_backend_status().
	 * - Blocks: devices are opened without waiting, but a firmware may be asked and waited for.
	 * - fork: a child may ask, and is told of its own privileges.
	 * - Errors: -ENOENT (NO_DEVICE) no such device; -ENODEV (WRONG_KIND) its name is something
	 *   else's; -EACCES (FILE_MODE; SYSTEM: a security module); -EPERM (CAPABILITY, LOCKDOWN;
	 *   SYSTEM: a container's device rules); -EBUSY (BUSY) it lets in one at a time; -EOPNOTSUPP
	 *   (UNSUPPORTED) wrong SoC or kernel; -ETIMEDOUT (TIMEOUT), -EIO (FIRMWARE) no good answer.
	 * - Frees: all that it took, itself.
	 */
	int (*probe)(struct pmem_ctx *ctx);

	/*
	 * Map [phys, phys + size). Caps MAP (optional: pci maps by its own entry in pci.h). The range
	 * is not empty and does not wrap; flags are known. region is zeroed but for ctx, process, ops
	 * and fd = -1; fill in data, size, attrs, runs and what close needs.
	 * - Called by: select_map(), for pmem_region_map(), _map_gpio() and _map_node(), until one
	 *   backend can.
	 * - Blocks: for the kernel's locks only.
	 * - fork: the mapping is inherited where it is of a shared device; forget undoes it in a child.
	 * - Errors: -ERANGE (OUTSIDE_WINDOW) not in the window of this device, (BUS_WIDTH) nothing can
	 *   be there; -EINVAL (FLAGS) a kind of mapping that it does not have; -EPERM (SYSTEM_RAM,
	 *   DRIVER_OWNED) the range is protected; -ENOMEM (LIMIT) no room in the address space; as
	 *   probe.
	 * - Frees: on failure all that it took, why_unknown too; region itself is lib/api/region.c's.
	 */
	int (*map)(struct pmem_ctx *ctx, uint64_t phys, uint64_t size, uint32_t flags,
		struct pmem_region *region);

	/*
	 * Allocate. Caps ALLOC. region as for map. What it cannot promise it refuses, with the cause.
	 * - Called by: select_alloc(), which checks the result against the request once more and
	 *   closes it if a promise is broken. Nobody has asked probe before: what is missing
	 *   is found before memory is taken, and each device is opened once.
	 * - Blocks: yes, while the kernel reclaims or migrates memory, or the firmware answers.
	 * - fork: the memory must be kept from children (region_keep_from_children()), and stay where
	 *   it is when the parent forks and writes.
	 * - Errors: -ENOMEM (NO_MEMORY, NOT_CONTIGUOUS, ALIGNMENT) not enough, or not in one piece;
	 *   (LIMIT) a limit of the process or of a cgroup; -ERANGE (ADDRESS_LIMIT) only above
	 *   max_addr; -ENXIO (ADDRESS_UNKNOWN); -EOPNOTSUPP (NOT_PINNED, NOT_COHERENT, UNSUPPORTED);
	 *   -ENOENT (NOT_FOUND) no heap of that name: others say more then; as probe.
	 * - Frees: as map.
	 */
	int (*alloc)(struct pmem_ctx *ctx, const struct alloc_request *request,
		struct pmem_region *region);

	/*
	 * Map a foreign dma-buf, unless PMEM_IMPORT_NO_MAP. Caps IMPORT. region as for map.
	 * - Called by: select_import(), until one backend can.
	 * - Blocks: while the exporter waits for its device.
	 * - fork: as alloc.
	 * - Errors: -EINVAL (WRONG_KIND) no dma-buf; -EACCES (READONLY) it may not be written;
	 *   -EOPNOTSUPP (UNSUPPORTED) its exporter does not map, or not mine; -ENOMEM (LIMIT).
	 * - Frees: as map. fd stays the caller's: what is kept is a duplicate.
	 */
	int (*import)(struct pmem_ctx *ctx, int fd, uint32_t flags, struct pmem_region *region);

	/*
	 * Give everything back. Mandatory if any of the three above is there. Goes on after a
	 * failing step.
	 * - Called by: pmem_region_close() in the process that made the region, from any thread;
	 *   select_alloc() and lib/api/region.c for a region that was not handed out.
	 * - Blocks: yes, as alloc.
	 * - fork: never in a child for an inherited region: see forget.
	 * - Errors: the first one met (SYSTEM, FIRMWARE, TIMEOUT); the region is gone all the same.
	 * - Frees: mapping, memory, fd, runs that are not one_run, priv. Not region itself, and not
	 *   why_unknown.
	 */
	int (*close)(struct pmem_region *region);

	/*
	 * The same in a process that did not make the region but was forked from the one that did.
	 * Optional: without it there is nothing to free.
	 * - Called by: pmem_region_close() in such a child: finalizers of languages do that.
	 * - Blocks: no.
	 * - fork: the only operation for an inherited region. Rings, pipes, sessions and firmware
	 *   handles are the parent's, ranges under MADV_DONTFORK are not there, and descriptor
	 *   numbers may be somebody else's by now.
	 * - Errors: as close.
	 * - Frees: this process's memory for the bookkeeping, and what was inherited and is its own:
	 *   a shared device mapping. Nothing else.
	 */
	int (*forget)(struct pmem_region *region);

	/*
	 * Make [offset, offset + length) true for the CPU (begin) or for devices (!begin). Optional:
	 * without it COHERENT regions get a barrier, others the CPU's cache operations. 0 only when
	 * the work was done.
	 * - Called by: pmem_region_cpu_begin() and _cpu_end(), with checked arguments; a length of 0
	 *   does not get here.
	 * - Blocks: while the exporter of a dma-buf waits for its device.
	 * - fork: not for an inherited region, whose memory and descriptor are the parent's.
	 * - Errors: -EOPNOTSUPP (NOT_COHERENT) it cannot be made true; else what the exporter says
	 *   (SYSTEM), -EAGAIN after many tries.
	 * - Frees: nothing; the region does not change.
	 */
	int (*sync)(const struct pmem_region *region, uint64_t offset, uint64_t length,
		uint32_t direction, bool begin);
};

/* table.c: every backend there is, NULL ended. */
extern const struct pmem_backend_ops *const backend_table[];

/* The entry of that name, or NULL. */
const struct pmem_backend_ops *backend_find(const char *name);
/* More than there are. */
#define BACKENDS_MAX 16

/* Every entry in this machine's order of preference. How many. */
size_t backend_order(const struct pmem_ctx *ctx, const struct pmem_backend_ops *order[BACKENDS_MAX]);

/*
 * select.c, the only policy. Each fills region by the first backend that can, and sets the error
 * otherwise: of the backend that came nearest, with every other reason in the message.
 */
int select_map(struct pmem_ctx *ctx, uint64_t phys, uint64_t size, uint32_t flags,
	struct pmem_region *region);
int select_alloc(struct pmem_ctx *ctx, const struct alloc_request *request,
	struct pmem_region *region);
int select_import(struct pmem_ctx *ctx, int fd, uint32_t flags, struct pmem_region *region);

/*
 * Is the region all that was asked for? Sets the error. For a backend that has several sources and
 * tries the next one; select.c asks in any case.
 */
int select_check(const struct alloc_request *request, const struct pmem_region *region);
/* The thread's error is a refusal; if the master's reach may be why, its hint says so. Passes r on. */
int select_explain(const struct alloc_request *request, int r);

extern const struct pmem_backend_ops backend_null;
extern const struct pmem_backend_ops backend_devmem;
extern const struct pmem_backend_ops backend_gpiomem;
extern const struct pmem_backend_ops backend_pci;
extern const struct pmem_backend_ops backend_videocore;
extern const struct pmem_backend_ops backend_vcsm;
extern const struct pmem_backend_ops backend_dmaheap;
extern const struct pmem_backend_ops backend_ion;
extern const struct pmem_backend_ops backend_udmabuf;
extern const struct pmem_backend_ops backend_udmabuf_kmod;
extern const struct pmem_backend_ops backend_pages;

#endif
