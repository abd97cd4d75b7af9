/* SPDX-License-Identifier: MIT */
/**
 * @file region.h
 * @brief A region: registers or memory, mapped into this program, with a known place.
 *
 * Made by mapping what exists (registers, a BAR), allocating, or importing a dma-buf. Whoever made it closes it.
 *
 * **Caches.** Memory of pmem_region_alloc() is by default such that the CPU and a device agree on its content:
 * uncached, hardware-coherent, or cached with a working pmem_region_cpu_begin() and pmem_region_cpu_end().
 * PMEM_REGION_NEEDS_SYNC says when those two are required; calling them always is correct and costs nothing
 * where they are not.
 *
 * **Memory that is not mapped.** With PMEM_ALLOC_NO_MAP a region is memory with a place and perhaps a
 * descriptor, but without a pointer: for buffers that only travel from one driver to the next, and for secure
 * heaps, which the CPU may not touch. pmem_region_at(), pmem_region_read32() and its like,
 * pmem_region_cpu_begin() and pmem_region_cpu_end() fail with -EOPNOTSUPP (PMEM_CAUSE_UNSUPPORTED). Its
 * attributes say what holds for whoever maps it.
 *
 * **Registers.** Reading a register may change it: a FIFO loses a word, a status bit clears. The library never
 * reads or writes a mapping by itself, and programs should use pmem_region_read32() and its like, or
 * pmem_io_read32(), which make exactly one access of that width. memcpy() and memset() on PMEM_REGION_DEVICE
 * memory may fault on arm64 or access twice.
 *
 * **Threads, cancellation, fork, finalizers, signals.**
 * - Threads: several may use one at once; none while another closes it. Its bytes are the program's to guard.
 * - Cancellation: held off inside, so no region is half made. What was returned is the program's to close.
 * - fork: a child does not have the memory of its parent's regions, and faults where it was; device mappings are
 *   shared with it, but for those of pmem_device_map(). A fork never moves the parent's pages.
 * - Finalizers: pmem_region_close() may run in any thread, before or after the context is given
 *   back. In a child it frees only what the child has of the region; the parent's stays as it is.
 * - Signals: none of these functions in a signal handler. Touching registers may raise SIGBUS.
 */
#ifndef PMEM_REGION_H
#define PMEM_REGION_H

#include <errno.h>

#include <pmem/types.h>

/** @name Flags for mapping and importing */
/** @{ */
#define PMEM_MAP_READONLY      (1u << 0) /**< writes fault; needs less permission */
#define PMEM_MAP_CACHED        (1u << 1) /**< RAM through /dev/mem: cacheable, not uncached */
#define PMEM_MAP_WRITE_COMBINE (1u << 2) /**< PCI: the BAR's write-combining view */
#define PMEM_MAP_SYSTEM_RAM    (1u << 3) /**< RAM that Linux uses, too; it is then mapped cached */
#define PMEM_IMPORT_NO_MAP     (1u << 4) /**< pmem_region_import(): as PMEM_ALLOC_NO_MAP */
/** @} */

/** @name Flags for allocating */
/** @{ */
#define PMEM_ALLOC_SCATTERED    (1u << 0) /**< several physical pieces will do */
#define PMEM_ALLOC_NO_ADDRESS   (1u << 1) /**< the physical address may stay unknown */
#define PMEM_ALLOC_MAY_MOVE     (1u << 2) /**< the address may become untrue */
#define PMEM_ALLOC_CACHED       (1u << 3) /**< only cached memory */
#define PMEM_ALLOC_UNCACHED     (1u << 4) /**< only memory that the CPU does not cache */
#define PMEM_ALLOC_DMABUF       (1u << 5) /**< must have a dma-buf file descriptor */
#define PMEM_ALLOC_NO_ZERO      (1u << 6) /**< content may be anything */
#define PMEM_ALLOC_NO_MAP       (1u << 7) /**< not mapped: pmem_region_data() is NULL */
#define PMEM_ALLOC_NO_MASTER    (1u << 8) /**< no device in particular: see pmem_alloc_opts.master */
#define PMEM_ALLOC_TRY_HARD     (1u << 9) /**< since 3.1: may take seconds and change pools: docs/pages.md */
/** @} */

/** @name Flags of pmem_region_register() */
/** @{ */
#define PMEM_REGISTER_NO_ADDRESS (1u << 0) /**< the physical address may stay unknown */
#define PMEM_REGISTER_MAY_MOVE   (1u << 1) /**< the address may become untrue */
/** @} */

/** @name What a region is (pmem_region_attrs()) */
/** @{ */
#define PMEM_REGION_CACHED     (1u << 0) /**< the CPU caches it */
#define PMEM_REGION_COHERENT   (1u << 1) /**< CPU and devices agree without cache operations */
#define PMEM_REGION_PINNED     (1u << 2) /**< a kernel object keeps it in place */
#define PMEM_REGION_CONTIGUOUS (1u << 3) /**< one physical piece */
#define PMEM_REGION_DEVICE     (1u << 4) /**< device memory: aligned accesses only */
#define PMEM_REGION_READONLY   (1u << 5) /**< writes fault */
#define PMEM_REGION_NEEDS_SYNC (1u << 6) /**< cpu_begin/cpu_end are required around CPU access */
#define PMEM_REGION_DMABUF     (1u << 7) /**< pmem_region_fd() works */
#define PMEM_REGION_UNMAPPED   (1u << 8) /**< not in this program: what it is, not how it is seen */
#define PMEM_REGION_BUS_CONTIGUOUS (1u << 9) /**< since 3.1: allocated for a device, to which it is one piece */
/** @} */

/** @name Which addresses pmem_region_extents() tells */
/** @{ */
#define PMEM_EXTENTS_PHYS 1u /**< physical addresses */
#define PMEM_EXTENTS_BUS  2u /**< those that the region's DMA master uses */
/** @} */

/** @name What the CPU is about to do, or has done, with the bytes (cpu_begin, cpu_end) */
/** @{ */
#define PMEM_DIR_READ  1u /**< read what a device wrote */
#define PMEM_DIR_WRITE 2u /**< write what a device will read */
#define PMEM_DIR_BOTH  3u /**< both */
/** @} */

/**
 * What an allocation may ask for. Zero in every field is the default; set @c size first:
 * `struct pmem_alloc_opts opts = { .size = sizeof(opts), .align = 4096 };`
 * A library that is older than the program refuses fields that it does not know, unless they are zero (-E2BIG).
 */
struct pmem_alloc_opts {
	uint32_t size;       /**< sizeof(struct pmem_alloc_opts) */
	uint32_t flags;      /**< PMEM_ALLOC_* */
	uint64_t align;      /**< of the physical address; power of two, at most 1 GiB; 0: a page of the kernel */
	uint64_t max_addr;   /**< highest physical address allowed; 0: any */
	const char *master;  /**< the device that will read and write it: node path, alias, "&label", compatible, or (since 3.1)
	                          "pci:0001:01:00.0"; NULL: the SoC's general DMA engine, where the library knows which that is */
	const char *backend; /**< use only this backend; NULL: choose */
	const char *heap;    /**< use only this heap (dma-heap, ION; since 3.1: a u-dma-buf); NULL: choose */
	const char *name;    /**< shown by the kernel's dma-buf lists; NULL: "libpmem" */
	const struct pmem_firmware_opts *firmware; /**< firmware.h; NULL: the defaults */
	void *reserved;      /**< NULL */
	uint32_t wait_ms;    /**< since 3.1: how long one piece of ordinary memory is looked for; 0: at most 170 */
	uint32_t node;       /**< since 3.1: memory of this NUMA node, counted from 1; 0: any */
	struct pmem_device *device; /**< since 3.1: who will use it, instead of master; see device.h */
	void *reserved2;     /**< NULL */
};

/** A piece of a region: one address follows the other in each kind that was asked for. */
struct pmem_extent {
	uint64_t offset; /**< of its first byte in the region */
	uint64_t length; /**< bytes */
	uint64_t phys;   /**< PMEM_ADDRESS_NONE: not asked for */
	uint64_t bus;    /**< PMEM_ADDRESS_NONE: not asked for */
};

PMEM_BEGIN_DECLS

/**
 * @brief Map physical addresses, usually registers.
 *
 * Any base and any size: page rounding is hidden, pmem_region_data() points at @p phys itself. The range is
 * never read by this call. It is served by /dev/gpiomem when it lies inside that device's window, else by
 * /dev/mem. RAM that Linux itself uses (/proc/iomem) is refused unless PMEM_MAP_SYSTEM_RAM asks for it: on Arm
 * an uncached mapping beside the kernel's cached one has crashed machines.
 * @param ctx   the context
 * @param phys  first physical address (CPU view; not a bus address)
 * @param size  bytes
 * @param flags PMEM_MAP_*
 * @param out   the region; close with pmem_region_close()
 * @return 0; -EINVAL for NULL (PMEM_CAUSE_NULL_ARGUMENT), size 0 (PMEM_CAUSE_ZERO_SIZE) and
 *         unknown flags (PMEM_CAUSE_FLAGS); -EOVERFLOW phys + size wraps (PMEM_CAUSE_WRAPS);
 *         -ERANGE beyond the bus width; -ENOENT no device; -EACCES file mode; -EPERM the cause
 *         tells which of capability, lockdown, system RAM or driver; -ENOMEM
 * @since 3.0
 */
PMEM_API int pmem_region_map(struct pmem_ctx *ctx, uint64_t phys, uint64_t size, uint32_t flags,
	struct pmem_region **out);

/**
 * @brief Map the SoC's GPIO registers, without root where /dev/gpiomem exists.
 *
 * Each caller gets its own region, whose physical address is known. On a Raspberry Pi 5 it is the
 * header's bank (RP1).
 * @return as pmem_region_map(); -ENODEV this machine's device tree shows no GPIO registers
 * @since 3.0
 */
PMEM_API int pmem_region_map_gpio(struct pmem_ctx *ctx, uint32_t flags, struct pmem_region **out);

/**
 * @brief Map the registers of a device by its node: see soc.h for how nodes are named.
 * @param ctx   the context
 * @param node  path, alias, "&label" or compatible
 * @param index which entry of `reg`
 * @param flags PMEM_MAP_*
 * @param out   the region; its size is that of the `reg` entry
 * @return as pmem_soc_node() and pmem_region_map()
 * @since 3.0
 */
PMEM_API int pmem_region_map_node(struct pmem_ctx *ctx, const char *node, uint32_t index,
	uint32_t flags, struct pmem_region **out);

/**
 * @brief Map a base address register of a PCI device through sysfs.
 * @param ctx   the context
 * @param bdf   "0000:00:04.0", or "00:04.0" for domain 0
 * @param bar   0 to 5
 * @param flags PMEM_MAP_*
 * @param out   the region; its size is that of the BAR, its address the one the CPU uses
 * @return as pmem_region_map(); -ENOENT no such device or BAR; -ENODEV the BAR is an I/O port range
 * @since 3.0
 */
PMEM_API int pmem_region_map_pci(struct pmem_ctx *ctx, const char *bdf, uint32_t bar,
	uint32_t flags, struct pmem_region **out);

/**
 * @brief Map a device file, or registers that were saved in a file.
 *
 * A character device gives registers (PMEM_REGION_DEVICE), opened with O_SYNC; a plain file memory
 * (PMEM_REGION_CACHED), which is written back to the file. Any offset and size: page rounding is hidden,
 * pmem_region_data() points at @p offset itself. Of /dev/uioN the offset chooses the map: M * page size is map
 * M, and what is over is an offset in it; each map is one call. The descriptor is closed before this call
 * returns. A file that is cut short later raises SIGBUS.
 * @param ctx    the context
 * @param path   below LIBPMEM_ROOT where that is set; a relative one else below the current folder
 * @param offset in the file
 * @param size   bytes; PMEM_TO_END: to the end of a plain file
 * @param phys   the physical address that the first byte stands for, which is believed:
 *               pmem_region_phys() and pmem_region_find_phys() tell it; PMEM_ADDRESS_NONE: unknown
 * @param flags  PMEM_MAP_READONLY or 0
 * @param out    the region; its backend is "file"
 * @return 0; -EINVAL NULL, size 0, unknown flags, PMEM_TO_END of a device, or what is neither a
 *         plain file nor a character device, or is /dev/mem (PMEM_CAUSE_WRONG_KIND); -ERANGE beyond
 *         the end of a plain file (PMEM_CAUSE_BOUNDS); -EOVERFLOW offset or address wrap;
 *         -ENOENT, -EACCES, -EPERM, -EBUSY as the file is; -ENODEV it cannot be mapped; else what
 *         the device's driver said
 * @since 3.0
 */
PMEM_API int pmem_region_map_file(struct pmem_ctx *ctx, const char *path, uint64_t offset,
	uint64_t size, uint64_t phys, uint32_t flags, struct pmem_region **out);

/**
 * @brief Allocate memory that a device can reach.
 *
 * Without options: physically contiguous, zeroed, pinned for the life of the region, its physical address
 * known, coherent or syncable; page aligned. The first backend in the SoC's order that can give all of this
 * serves; options narrow or widen the request.
 *
 * The device that will use the memory is pmem_alloc_opts.master. The memory is such that it sees all of it,
 * through its `dma-ranges`; whether it takes part in the CPU's caches decides between PMEM_REGION_COHERENT and
 * PMEM_REGION_NEEDS_SYNC; pmem_region_bus() gives the address that it uses. Without one it is the SoC's general
 * DMA engine on machines whose engine the library knows: a Raspberry Pi 4 then gives memory of the first GiB,
 * or none. PMEM_ALLOC_NO_MASTER asks for memory that no device in particular must see; caches and bus addresses
 * are then as for the default. The default limits nothing on other machines and with PMEM_ALLOC_NO_ADDRESS
 * (whose memory a driver of the kernel makes reachable). A master behind an IOMMU, or one whose windows the
 * tree does not make clear, limits nothing either; its bus addresses cannot be known (-ENXIO).
 *
 * With pmem_alloc_opts.device that device sees the memory from the start (PMEM_DMA_BOTH), at pmem_region_bus().
 * Behind an IOMMU contiguous, align and max_addr are of that address: ordinary pages will do, no privilege
 * is needed, and the physical address is told where it can be read.
 * @param ctx  the context
 * @param size bytes; what is got is at least this and pmem_region_size() says exactly this
 * @param opts NULL for the defaults
 * @param out  the region; close with pmem_region_close()
 * @return 0; -EINVAL NULL, size 0, bad alignment or contradictory flags: the cause tells;
 *         -EOVERFLOW size cannot be rounded to pages; -E2BIG options of a newer libpmem;
 *         -ENOENT unknown backend or heap, or no such node as the master; -ENODEV a master is
 *         named, but there is no device tree; as pmem_device_attach() for a device; -ERANGE nothing below max_addr, or nothing that the
 *         master sees (PMEM_CAUSE_ADDRESS_LIMIT, PMEM_CAUSE_OUTSIDE_WINDOW); else that of the
 *         refusal that counts most; each backend's own is pmem_error_child()
 * @since 3.0
 */
PMEM_API int pmem_region_alloc(struct pmem_ctx *ctx, uint64_t size,
	const struct pmem_alloc_opts *opts, struct pmem_region **out);

/**
 * @brief Map a dma-buf that another program, a V4L2 or a DRM device made.
 * @param ctx       the context
 * @param dmabuf_fd stays the caller's; the region holds its own reference
 * @param flags     PMEM_MAP_READONLY, PMEM_IMPORT_NO_MAP
 * @param out       the region
 * @return 0; -EBADF no open file; -EINVAL not a dma-buf (PMEM_CAUSE_WRONG_KIND); -ENOMEM
 * @since 3.0
 */
PMEM_API int pmem_region_import(struct pmem_ctx *ctx, int dmabuf_fd, uint32_t flags,
	struct pmem_region **out);

/**
 * @brief Keep memory that the program already has in place, and tell where it is (docs/pages.md).
 *
 * Whatever this program may write: malloc(), mmap(), memfd, huge pages, a buffer of another language. The pages
 * that hold it are pinned as they are, in as many pieces as they lie, and let go unchanged. It must be there
 * until the region is closed: pages that are unmapped, discarded or moved (mremap()) before that stay pinned,
 * but are no longer the program's bytes. Other bytes of the first and last page are in reach, too.
 * @param ctx    the context
 * @param addr   first byte, of any alignment
 * @param length bytes
 * @param flags  PMEM_REGISTER_*
 * @param out    the region, by "registered"; it may overlap others
 * @return 0; -EINVAL NULL, length 0, unknown flags; -EOVERFLOW addr + length wraps; -EFAULT,
 *         -EOPNOTSUPP not mapped, not writable, of a file or a device (PMEM_CAUSE_WRONG_KIND); -ENOMEM
 *         PMEM_CAUSE_LIMIT; -EPERM the kernel hides addresses (PMEM_CAUSE_CAPABILITY); -EOPNOTSUPP
 *         PMEM_CAUSE_NOT_PINNED: Linux before 5.12, or no io_uring; PMEM_CAUSE_NOT_COHERENT
 * @since 3.1
 */
PMEM_API int pmem_region_register(struct pmem_ctx *ctx, void *addr, uint64_t length,
	uint32_t flags, struct pmem_region **out);

/**
 * @brief Unmap and give back. The region is gone afterwards, whatever is returned.
 * @param region the region; NULL is allowed
 * @return 0, or the first error met on the way
 * @since 3.0
 */
PMEM_API int pmem_region_close(struct pmem_region *region);

/**
 * @brief Where the region begins in this program.
 * @return NULL if it is PMEM_REGION_UNMAPPED, or @p region is NULL
 * @since 3.0
 */
PMEM_API void *pmem_region_data(const struct pmem_region *region);

/** @brief Bytes of the region, as asked for; 0 only if @p region is NULL. @since 3.0 */
PMEM_API uint64_t pmem_region_size(const struct pmem_region *region);

/**
 * @brief The physical address of the first byte.
 * @return 0; -ENXIO it cannot be known (PMEM_CAUSE_ADDRESS_UNKNOWN, the message says why);
 *         -EXDEV the region is in several pieces: use pmem_region_extents()
 * @since 3.0
 */
PMEM_API int pmem_region_phys(const struct pmem_region *region, uint64_t *phys);

/**
 * @brief The address to give to the region's DMA master for the first byte.
 *
 * The master is that of pmem_alloc_opts, else the SoC's general DMA engine, for which the allocator may have
 * told the address. With a device tree it was looked up when the memory was allocated, so this makes no system
 * call; where an IOMMU may decide, sysfs is asked each time. On a PC without a device tree it is the physical
 * address, or -ENXIO if an IOMMU translates.
 * @return as pmem_region_phys() and pmem_soc_phys_to_bus(), for the whole region: -ERANGE if the
 * master does not see all of it, -EXDEV if it sees it through windows with different offsets:
 * use pmem_region_extents()
 * @since 3.0
 */
PMEM_API int pmem_region_bus(const struct pmem_region *region, uint64_t *bus);

/**
 * @brief The address to give to another DMA master for the first byte.
 * @param region the region
 * @param master as pmem_alloc_opts.master; NULL: the SoC's general DMA engine
 * @param bus    the address
 * @return as pmem_region_bus(); -ENOENT no such node; -ENODEV there is no device tree
 * @since 3.0
 */
PMEM_API int pmem_region_bus_for(const struct pmem_region *region, const char *master,
	uint64_t *bus);

/**
 * @brief The physical piece that holds one byte of the region.
 * @param region the region
 * @param offset of the byte
 * @param phys   its physical address
 * @param length bytes from there to the end of the piece; may be NULL
 * @return 0; -ERANGE offset outside; -ENXIO unknown
 * @since 3.0
 */
PMEM_API int pmem_region_extent(const struct pmem_region *region, uint64_t offset, uint64_t *phys,
	uint64_t *length);

/**
 * @brief All pieces of a part of the region, as scatter lists, PRPs and cyclic DMA need them.
 *
 * Each piece is contiguous in all addresses that were asked for, and as long as it can be. Ask for the count
 * first, with @p extents NULL and @p capacity 0; it stays the same as long as the region lives. Bus addresses
 * are those of the region's master (see pmem_region_bus()).
 * @param region   the region
 * @param offset   of the part's first byte
 * @param length   bytes, or PMEM_TO_END; 0: there is no piece
 * @param need     PMEM_EXTENTS_PHYS, PMEM_EXTENTS_BUS or both; an address that was not asked for is
 *                 PMEM_ADDRESS_NONE
 * @param extents  room for the pieces; NULL: only count them
 * @param capacity how many fit; 0 if @p extents is NULL
 * @param count    how many there are
 * @return 0; -ENOSPC there are more than @p capacity: nothing is written; -EINVAL NULL, or @p need
 *         (PMEM_CAUSE_FLAGS); -ERANGE outside the region (PMEM_CAUSE_BOUNDS), or not seen by the
 *         master (PMEM_CAUSE_OUTSIDE_WINDOW); -ENXIO an address that was asked for cannot be known
 * @since 3.0
 */
PMEM_API int pmem_region_extents(const struct pmem_region *region, uint64_t offset,
	uint64_t length, uint32_t need, struct pmem_extent *extents, size_t capacity,
	size_t *count);

/**
 * @brief The region that a pointer points into.
 *
 * For programs that pass pointers around and need the address that belongs to one: no table of their own is
 * needed. O(log n) in the number of regions, no system call. Regions that another process made, such as the
 * parent of this one, are not found.
 * @param ctx     the context that the region was made with
 * @param pointer anywhere into the region
 * @param region  the region, borrowed: another thread must not close it meanwhile
 * @param offset  of the byte in it; may be NULL
 * @return 0; -ENOENT no region of this context is there (PMEM_CAUSE_NOT_FOUND); -EINVAL
 * @since 3.0
 */
PMEM_API int pmem_region_find(struct pmem_ctx *ctx, const volatile void *pointer,
	struct pmem_region **region, uint64_t *offset);

/**
 * @brief The region that holds a physical address; as pmem_region_find().
 *
 * Where several regions show the same memory, any of them. Regions whose address is not known are not found. The
 * first question after regions were made puts their pieces in order.
 * @param ctx    the context that the region was made with
 * @param phys   the physical address of any byte of it
 * @param region the region, borrowed
 * @param offset of the byte in it; may be NULL
 * @return as pmem_region_find(); -ENOMEM
 * @since 3.0
 */
PMEM_API int pmem_region_find_phys(struct pmem_ctx *ctx, uint64_t phys,
	struct pmem_region **region, uint64_t *offset);

/** @brief PMEM_REGION_* bits. @since 3.0 */
PMEM_API uint32_t pmem_region_attrs(const struct pmem_region *region);

/** @brief The name of the backend that made it; "" if @p region is NULL. @since 3.0 */
PMEM_API const char *pmem_region_backend(const struct pmem_region *region);

/**
 * @brief A checked pointer into the region.
 * @param region the region
 * @param offset bytes from its start
 * @param size   bytes that must be inside
 * @param align  power of two that the pointer must be a multiple of; 0 or 1: any
 * @return the pointer; NULL if outside (ERANGE), unaligned (EINVAL) or not mapped (EOPNOTSUPP), see
 *         pmem_error_last()
 * @since 3.0
 */
PMEM_API void *pmem_region_at(const struct pmem_region *region, uint64_t offset, uint64_t size,
	uint64_t align);

/**
 * @brief Before the CPU touches bytes that a device may have written.
 *
 * This and pmem_region_cpu_end() are also barriers as pmem_io_mb(), for a length other than 0: a register that is
 * written after pmem_region_cpu_end() starts a device that finds the bytes.
 * @param region    the region
 * @param offset    first byte
 * @param length    bytes; PMEM_TO_END: to the end of the region; 0: none, which works
 * @param direction PMEM_DIR_*: what the CPU will do
 * @return 0 when the CPU's view is true; -EOPNOTSUPP if it cannot be made true
 *         (PMEM_CAUSE_NOT_COHERENT), or the region is not mapped (PMEM_CAUSE_UNSUPPORTED; see
 *         pmem_dmabuf_cpu_begin()); -ERANGE; -EINVAL
 * @since 3.0
 */
PMEM_API int pmem_region_cpu_begin(const struct pmem_region *region, uint64_t offset,
	uint64_t length, uint32_t direction);

/** @brief After the CPU, before a device touches them; as pmem_region_cpu_begin(). @since 3.0 */
PMEM_API int pmem_region_cpu_end(const struct pmem_region *region, uint64_t offset,
	uint64_t length, uint32_t direction);

/**
 * @brief The dma-buf file descriptor of the region, for a system call.
 * @return borrowed: it lives as long as the region, and is not to be closed; -EOPNOTSUPP if the
 *         region has none (ask for PMEM_ALLOC_DMABUF)
 * @since 3.0
 */
PMEM_API int pmem_region_fd(const struct pmem_region *region);

/**
 * @brief A dma-buf file descriptor of the region, to hand to a driver or another process.
 * @return a new close-on-exec descriptor, the caller's to close; -EOPNOTSUPP if the region has
 *         none (ask for PMEM_ALLOC_DMABUF)
 * @since 3.0
 */
PMEM_API int pmem_region_dup_fd(const struct pmem_region *region);

/**
 * @name One register access of exactly that width, bounds and alignment checked
 * @return 0; -ERANGE outside the region (PMEM_CAUSE_BOUNDS); -EINVAL unaligned
 *         (PMEM_CAUSE_ALIGNMENT); -EACCES write to a read-only region; -EOPNOTSUPP not mapped
 * @since 3.0
 */
/** @{ */
PMEM_API int pmem_region_read8(const struct pmem_region *region, uint64_t offset, uint8_t *value);
PMEM_API int pmem_region_read16(const struct pmem_region *region, uint64_t offset, uint16_t *value);
PMEM_API int pmem_region_read32(const struct pmem_region *region, uint64_t offset, uint32_t *value);
PMEM_API int pmem_region_read64(const struct pmem_region *region, uint64_t offset, uint64_t *value);
PMEM_API int pmem_region_write8(struct pmem_region *region, uint64_t offset, uint8_t value);
PMEM_API int pmem_region_write16(struct pmem_region *region, uint64_t offset, uint16_t value);
PMEM_API int pmem_region_write32(struct pmem_region *region, uint64_t offset, uint32_t value);
PMEM_API int pmem_region_write64(struct pmem_region *region, uint64_t offset, uint64_t value);
/** @} */

PMEM_END_DECLS

/**
 * The start of the region as a pointer to one @p type; NULL with pmem_error_last() if it does not
 * fit, is not aligned as the type must be, or is not mapped.
 */
#define PMEM_REGION_AS(region, type) \
	((type *)pmem_region_at((region), 0, sizeof(type), __alignof__(type)))

/**
 * The region as an array of @p type; the number of whole elements goes to *@p count, a size_t.
 * NULL as PMEM_REGION_AS(), and *@p count is not written then. @p region is evaluated
 * more than once.
 */
#define PMEM_REGION_ARRAY(region, type, count)                                     \
	(pmem_region_at((region), 0, sizeof(type), __alignof__(type)) ?            \
			(*(count) = (size_t)(pmem_region_size(region) / sizeof(type)), \
				(type *)pmem_region_data(region)) :                \
			(type *)0)

/**
 * Map what is at physical address @p phys as the type that *@p ptr points to (a register block).
 * *@p ptr and *@p region are set on success; the arguments are evaluated more than once.
 * Results as of pmem_region_map(); the region is closed with pmem_region_close().
 */
#define PMEM_MAP_AS(ctx, phys, ptr, region)                                       \
	(pmem_region_map((ctx), (phys), sizeof(**(ptr)), 0, (region)) ?           \
			-errno :                                                  \
			((*(ptr) = (__typeof__(*(ptr)))pmem_region_data(*(region))), 0))

#endif
