/* SPDX-License-Identifier: MIT */
/**
 * @file device.h
 * @brief A device that this program drives: its registers, its interrupts, and the memory that it sees.
 *
 * A device is opened by one of several ways. They are tried in this order, by opening and not by looking:
 *
 * | way | what protects the machine | what it needs |
 * |---|---|---|
 * | "iommufd" | an IOMMU | /dev/vfio/devices/vfioX and /dev/iommu |
 * | "vfio" | an IOMMU | /dev/vfio/N, the node of the device's group; no capability |
 * | "noiommu" | nothing | as vfio, and CAP_SYS_RAWIO |
 * | "uio" | nothing, or an IOMMU that lets no DMA through | /dev/uioN |
 * | "sysfs" | as uio | files of the device in /sys |
 *
 * The last three are tried only with PMEM_DEVICE_MAY_BE_UNSAFE: a device that is given a wrong address there
 * overwrites anything. For the first four a driver of the kernel must be bound to the device, such as vfio-pci.
 * The library never binds; the refusal says how to, and `physmem device bind` does it.
 *
 * **Memory.** Behind an IOMMU the address that a device uses is neither physical nor known before: it is
 * given to memory by pmem_device_attach(), or with it by pmem_region_alloc() with pmem_alloc_opts.device. All
 * of a region is one piece for the device, wherever its pages are, and they stay in place as long as it is attached.
 * Without an IOMMU it must be one piece in fact, and the address is the physical one, or what the
 * machine's `dma-ranges` make of it.
 *
 * **Address spaces.** What is attached to a device is attached to its address space. Devices of one IOMMU group
 * are in one, and so are those that pmem_device_opts.share puts there: what one sees, all see. The ways without an
 * IOMMU have none to share. Each attachment counts, and the last pmem_device_detach() takes the memory away.
 *
 * **Order of closing.** Any is safe. A region that is closed is taken away from all devices first. A device that is
 * closed sees nothing any more; with the last of an address space, all regions lose their address there, and those
 * that were allocated for it are no longer pinned: pmem_region_bus() and pmem_region_phys() fail then
 * (PMEM_CAUSE_DEVICE_GONE). Close pools of such memory before the device. What the kernel does not take away from a
 * device stays nobody's for ever, since the device may still write to it: pmem_region_close() fails and says so. Maps of registers keep working, and keep the
 * device from being given to another driver, until they are closed too.
 *
 * **Threads, cancellation, fork, finalizers, signals.**
 * - Threads: any, at once; none may use a device while another closes it. Regions and devices may be closed at
 *   the same time.
 * - Cancellation: held off inside, also in pmem_device_irq_wait(); signals end that.
 * - fork: a child has neither the devices nor the maps of registers of its parent. All functions but
 *   pmem_device_close() fail there with -ENOENT (PMEM_CAUSE_NOT_FOUND), and that frees only the child's own memory.
 *   Descriptors are closed in the child at once, so that it does not keep the device busy.
 * - Finalizers: pmem_device_close() may run in any thread, before or after the context is given back.
 * - Signals: none of these functions in a signal handler. Registers that are gone raise SIGBUS.
 */
#ifndef PMEM_DEVICE_H
#define PMEM_DEVICE_H

#include <pmem/types.h>

/** @name Flags of pmem_device_open() */
/** @{ */
#define PMEM_DEVICE_MAY_BE_UNSAFE (1u << 0) /**< ways too where nothing protects memory: noiommu, uio, sysfs */
/** @} */

/** @name What a device is (pmem_device_attrs()) */
/** @{ */
#define PMEM_DEVICE_TRANSLATED (1u << 1) /**< its addresses are given by pmem_device_attach(): not physical */
#define PMEM_DEVICE_PROTECTED  (1u << 2) /**< it reaches what is attached, and nothing else */
#define PMEM_DEVICE_UNSAFE     (1u << 3) /**< it reaches any memory, or may make the machine fail */
#define PMEM_DEVICE_RESET      (1u << 4) /**< pmem_device_reset() works */
#define PMEM_DEVICE_P2P        (1u << 5) /**< pmem_device_dmabuf() works */
#define PMEM_DEVICE_PCI        (1u << 6) /**< it has a configuration space */
#define PMEM_DEVICE_PLATFORM   (1u << 7) /**< it is a platform device */
/** @} */

/** @name Parts of a PCI device (pmem_device_enable()) */
/** @{ */
#define PMEM_ENABLE_MEMORY (1u << 0) /**< it answers at its BARs (memory decoding) */
#define PMEM_ENABLE_MASTER (1u << 1) /**< it may read and write memory, and send MSI (bus mastering) */
/** @} */

/** @name Kinds of interrupts */
/** @{ */
#define PMEM_IRQ_ANY     0u /**< the best that the device has: MSI-X, MSI, INTx; of uio its own */
#define PMEM_IRQ_INTX    1u /**< a line, perhaps shared; masked when it fires: pmem_device_irq_unmask() */
#define PMEM_IRQ_MSI     2u /**< messages */
#define PMEM_IRQ_MSIX    3u /**< messages, each with an address of its own */
#define PMEM_IRQ_REQUEST 4u /**< the kernel asks for the device back: close it soon */
#define PMEM_IRQ_ERROR   5u /**< PCIe reported an error of the device that is not corrected */
/** @} */

/** @name What a device may do with memory (pmem_device_attach()) */
/** @{ */
#define PMEM_DMA_READ  1u /**< read it */
#define PMEM_DMA_WRITE 2u /**< write it */
#define PMEM_DMA_BOTH  3u /**< both */
/** @} */

/**
 * How a device is opened. Zero in every field is the default; set @c size first. Unknown fields are refused as
 * those of struct pmem_alloc_opts.
 *
 * Descriptors come from a program with more rights, which opened them. They stay the caller's: the library
 * keeps duplicates. 0 is none.
 */
struct pmem_device_opts {
	uint32_t size;             /**< sizeof(struct pmem_device_opts) */
	uint32_t flags;            /**< PMEM_DEVICE_MAY_BE_UNSAFE */
	uint64_t max_addr;         /**< highest address that the device can emit, which nothing else checks; 0: any */
	const char *way;           /**< only this way; NULL: choose */
	struct pmem_device *share; /**< be in the address space of this device; NULL: in one's own */
	int device_fd;             /**< /dev/vfio/devices/vfioX; with way "uio" /dev/uioN; 0: open it */
	int group_fd;              /**< /dev/vfio/N, of the device's group; 0: open it */
	int iommu_fd;              /**< /dev/iommu, or with group_fd /dev/vfio/vfio; 0: open it */
	uint32_t reserved;         /**< 0 */
};

PMEM_BEGIN_DECLS

/**
 * @brief Take a device.
 *
 * It is reset if it can be, answers at its BARs, and reads and writes no memory before pmem_device_enable().
 * That holds for iommufd, vfio and noiommu; uio and sysfs leave the device as it is found.
 * @param ctx  the context, to which the device holds a reference
 * @param name "0000:00:04.0", "00:04.0" or "pci:0000:00:04.0" of PCI; a platform device as in
 *             /sys/bus/platform/devices; else a node of the device tree as in soc.h, or "/dev/uio0"
 * @param opts NULL for the defaults
 * @param out  the device; close with pmem_device_close()
 * @return 0; -EINVAL NULL, unknown flags, options that contradict each other; -E2BIG options of a newer libpmem;
 *         -ENOENT no such device or way (PMEM_CAUSE_NOT_FOUND), or it is not bound to a driver for programs
 *         (PMEM_CAUSE_NO_DEVICE, the hint has the lines to type); -EACCES mode of a node (PMEM_CAUSE_FILE_MODE,
 *         the hint has the udev rule); -EBUSY somebody has it; -EPERM a neighbour in its group has a driver of the
 *         kernel (PMEM_CAUSE_NOT_VIABLE), interrupts are not isolated (PMEM_CAUSE_NO_ISOLATION), or noiommu needs
 *         CAP_SYS_RAWIO; -ENODEV there is no IOMMU that is on (PMEM_CAUSE_UNSUPPORTED, the hint has the word
 *         for the kernel); -ENODEV the device is gone (PMEM_CAUSE_DEVICE_GONE); what each way said is pmem_error_child()
 * @since 3.1
 */
PMEM_API int pmem_device_open(struct pmem_ctx *ctx, const char *name,
	const struct pmem_device_opts *opts, struct pmem_device **out);

/**
 * @brief Give it back. It is gone afterwards, whatever is returned.
 *
 * vfio-pci stops it and resets it, if it can be reset.
 * @param device the device; NULL is allowed
 * @return 0, or the first error met on the way
 * @since 3.1
 */
PMEM_API int pmem_device_close(struct pmem_device *device);

/** @brief Its full name, such as "0000:00:04.0"; "" if @p device is NULL. @since 3.1 */
PMEM_API const char *pmem_device_name(const struct pmem_device *device);

/** @brief The way by which it was opened, such as "vfio"; "" if @p device is NULL. @since 3.1 */
PMEM_API const char *pmem_device_way(const struct pmem_device *device);

/** @brief What it is: PMEM_DEVICE_* bits; 0 if @p device is NULL. @since 3.1 */
PMEM_API uint32_t pmem_device_attrs(const struct pmem_device *device);

/**
 * @brief How many places there are for maps: 6 for PCI, also where a BAR is missing.
 * @return 0 if @p device is NULL
 * @since 3.1
 */
PMEM_API uint32_t pmem_device_map_count(const struct pmem_device *device);

/**
 * @brief How large a map is.
 * @param device the device
 * @param index  BAR of PCI; number of the map of uio or of the region of a platform device
 * @param size   bytes
 * @return 0; -ENOENT there is none; -EINVAL NULL
 * @since 3.1
 */
PMEM_API int pmem_device_map_size(struct pmem_device *device, uint32_t index, uint64_t *size);

/**
 * @brief Map registers of it.
 *
 * The whole map. Of a BAR whose middle the kernel keeps for itself (MSI-X on old kernels) the largest part
 * that can be had from its start. A child does not inherit it, unlike that of pmem_region_map_pci().
 * @param device the device
 * @param index  as pmem_device_map_size()
 * @param flags  PMEM_MAP_READONLY; sysfs has PMEM_MAP_WRITE_COMBINE too
 * @param out    the region, whose backend is the way; close with pmem_region_close(), before the device or after
 * @return 0; -ENOENT no such map; -ENODEV I/O ports, or not mappable; -EINVAL NULL, flags; else as
 *         pmem_region_map_pci()
 * @since 3.1
 */
PMEM_API int pmem_device_map(struct pmem_device *device, uint32_t index, uint32_t flags,
	struct pmem_region **out);

/**
 * @brief One read of the configuration space, of exactly that width.
 * @param device PCI
 * @param offset a multiple of @p width
 * @param width  1, 2 or 4 bytes
 * @param value  in the order of the CPU
 * @return 0; -EOPNOTSUPP not PCI; -EINVAL NULL, width (PMEM_CAUSE_OPTIONS), alignment; -ERANGE beyond the end, or
 *         beyond what an ordinary user may read through sysfs; -EIO; -ENODEV (PMEM_CAUSE_DEVICE_GONE)
 * @since 3.1
 */
PMEM_API int pmem_device_config_read(struct pmem_device *device, uint32_t offset, uint32_t width,
	uint32_t *value);

/**
 * @brief One write to the configuration space: as pmem_device_config_read().
 *
 * VFIO lets no program move a BAR: it keeps such writes to itself.
 * @since 3.1
 */
PMEM_API int pmem_device_config_write(struct pmem_device *device, uint32_t offset, uint32_t width,
	uint32_t value);

/**
 * @brief Switch on parts of a PCI device; others stay as they are.
 * @param device the device
 * @param parts  PMEM_ENABLE_*
 * @return 0; of a platform device too, which has no such switches; -EINVAL NULL, unknown parts; else as
 *         pmem_device_config_write()
 * @since 3.1
 */
PMEM_API int pmem_device_enable(struct pmem_device *device, uint32_t parts);

/** @brief Switch off parts of it. Touching registers may raise SIGBUS then. @since 3.1 */
PMEM_API int pmem_device_disable(struct pmem_device *device, uint32_t parts);

/**
 * @brief Reset it. What is attached stays attached; what was enabled may be off.
 * @return 0; -EOPNOTSUPP it cannot be (see PMEM_DEVICE_RESET); -EINVAL NULL; else what the kernel said
 * @since 3.1
 */
PMEM_API int pmem_device_reset(struct pmem_device *device);

/**
 * @brief How many interrupts of a kind it has.
 * @param device the device
 * @param kind   PMEM_IRQ_*
 * @param count  0: none of that kind
 * @return 0; -EINVAL NULL, no such kind (PMEM_CAUSE_OPTIONS)
 * @since 3.1
 */
PMEM_API int pmem_device_irq_count(struct pmem_device *device, uint32_t kind, uint32_t *count);

/**
 * @brief Switch an interrupt on, and get a descriptor to wait for it with poll().
 *
 * An eventfd that does not block: reading 8 bytes tells how often it fired. Of uio it is the device's
 * descriptor: reading 4 bytes tells how often ever, and pmem_device_irq_unmask() must come first. The second call for
 * the same interrupt gives the same. Only one of INTx, MSI and MSI-X can be on. On old kernels a message of
 * a higher index than those before switches all off for a moment: ask for the highest first. Messages need
 * PMEM_ENABLE_MASTER.
 * @param device the device
 * @param kind   PMEM_IRQ_*
 * @param index  below pmem_device_irq_count()
 * @return the descriptor, borrowed: it lives as long as the device; -ENOENT no such interrupt; -EBUSY another kind is
 *         on; -EINVAL NULL, no such kind; -ENOSPC the machine has no more interrupts; else what the kernel said
 * @since 3.1
 */
PMEM_API int pmem_device_irq_fd(struct pmem_device *device, uint32_t kind, uint32_t index);

/**
 * @brief Wait for an interrupt, which is switched on if it was not.
 * @param device     the device
 * @param kind       PMEM_IRQ_*
 * @param index      which
 * @param timeout_ms 0: do not wait; UINT32_MAX: for ever
 * @param count      how often it fired since the last call; may be NULL
 * @return 0; -ETIMEDOUT; -EINTR a signal handler ran; else as pmem_device_irq_fd()
 * @since 3.1
 */
PMEM_API int pmem_device_irq_wait(struct pmem_device *device, uint32_t kind, uint32_t index,
	uint32_t timeout_ms, uint64_t *count);

/**
 * @brief Let an INTx, or uio's interrupt, fire again. Others need it not: nothing is done, and that works.
 * @return as pmem_device_irq_fd(), but 0
 * @since 3.1
 */
PMEM_API int pmem_device_irq_unmask(struct pmem_device *device, uint32_t kind, uint32_t index);

/**
 * @brief Let the device see a region.
 *
 * Its pages stay in place from now on, whatever pins them otherwise. Memory of the backends pages and udmabuf, of
 * pmem_region_register(), and that of other devices. Each call counts.
 * @param device    the device
 * @param region    the region
 * @param direction PMEM_DMA_*
 * @param bus       the address for its first byte; all others follow
 * @return 0; -EINVAL NULL, direction (PMEM_CAUSE_FLAGS); -EOPNOTSUPP memory of a dma-heap, of ION or of the firmware, or
 *         registers (PMEM_CAUSE_UNSUPPORTED, the hint says what to use instead); not pinned, without an IOMMU
 *         (PMEM_CAUSE_NOT_PINNED); -EXDEV in pieces, without an IOMMU (PMEM_CAUSE_NOT_CONTIGUOUS); -ENOMEM
 *         RLIMIT_MEMLOCK (PMEM_CAUSE_LIMIT: the message says whose, how much is used and wanted); -ENOSPC
 *         too many attachments (PMEM_CAUSE_LIMIT); -ERANGE no address is left below max_addr
 *         (PMEM_CAUSE_ADDRESS_LIMIT); -EBUSY it is attached for another direction; -EACCES a read-only region,
 *         to be written
 * @since 3.1
 */
PMEM_API int pmem_device_attach(struct pmem_device *device, struct pmem_region *region,
	uint32_t direction, uint64_t *bus);

/**
 * @brief Undo one pmem_device_attach(). After the last the device does not see the region.
 * @return 0; -ENOENT it is not attached (PMEM_CAUSE_NOT_FOUND); -EBUSY it was allocated for this device: close it;
 *         -EINVAL NULL; else what the kernel said: then the device still sees it, and its address is not used again
 * @since 3.1
 */
PMEM_API int pmem_device_detach(struct pmem_device *device, struct pmem_region *region);

/**
 * @brief The address of a region that the device sees.
 * @param device the device
 * @param region the region
 * @param bus    as pmem_device_attach() gave it; as pmem_region_bus(), if it was allocated for this device
 * @return 0; -ENOENT it is not attached (PMEM_CAUSE_NOT_FOUND); -EINVAL NULL
 * @since 3.1
 */
PMEM_API int pmem_device_bus(struct pmem_device *device, const struct pmem_region *region,
	uint64_t *bus);

/**
 * @brief Part of a BAR as a dma-buf, for other devices to read and write. Linux 6.19.
 * @param device the device
 * @param index  the BAR
 * @param offset a multiple of the page size
 * @param length as well, or PMEM_TO_END
 * @return a descriptor, the caller's to close; -EOPNOTSUPP this kernel or way has no such thing
 *         (PMEM_CAUSE_UNSUPPORTED; see PMEM_DEVICE_P2P); -ENOENT no such BAR; -EINVAL NULL,
 *         alignment; -ERANGE outside the BAR; else what the kernel said
 * @since 3.1
 */
PMEM_API int pmem_device_dmabuf(struct pmem_device *device, uint32_t index, uint64_t offset,
	uint64_t length);

PMEM_END_DECLS

#endif
