/* SPDX-License-Identifier: MIT */
/**
 * @file soc.h
 * @brief What machine this is, and where its devices are, by its own device tree.
 *
 * Three address spaces meet in this library:
 * - the **virtual** address, what a pointer holds;
 * - the **physical** address, what the CPU puts on its own bus;
 * - the **bus** address, what a device that does DMA must be told for the same memory. A
 *   BCM2837's DMA engine sees RAM at 0xc0000000 that the CPU sees at 0.
 *
 * All translations come from `ranges` and `dma-ranges` of the machine's device tree, never from a
 * table of boards. An unknown board is the family "generic" and is as usable as a known one.
 *
 * A *node* is named by path ("/soc/gpio@7e200000"), alias ("gpio0"), label ("&gpio", where the
 * tree carries __symbols__) or compatible string ("brcm,bcm2835-gpio": the first available match,
 * in the order of paths; disabled ones follow).
 *
 * A DMA *master* is a node, or since 3.1 a PCI device by its place on the bus, "pci:0001:01:00.0" as
 * `lspci -D` shows it: most have no node. It sees what its host bridge's node says, and whether an IOMMU
 * translates is asked of its own group only. Without a device tree PCs and machines with ACPI answer too.
 *
 * What was read of the tree is kept: the same question again costs no system call, also of another
 * context, as long as one with the same `LIBPMEM_ROOT` and `LIBPMEM_DEVICE_TREE` lives. So what an
 * overlay changes at run time is seen by contexts that are made when none of those lives any more.
 *
 * **Threads, cancellation, fork, finalizers, signals.**
 * - Threads: any, at once. What was learnt is kept; the texts live as long as the context.
 * - Cancellation: held off inside. The first question reads files of the machine.
 * - fork: a child may ask the context that it inherited.
 * - Finalizers: nothing here is to be freed.
 * - Signals: none of these functions in a signal handler.
 */
#ifndef PMEM_SOC_H
#define PMEM_SOC_H

#include <pmem/types.h>

/** @name What reserved memory is (pmem_soc_reserved(), since 3.1) */
/** @{ */
#define PMEM_RESERVED_NO_MAP   (1u << 0) /**< no RAM of Linux: pmem_region_map_node() maps it, uncached */
#define PMEM_RESERVED_REUSABLE (1u << 1) /**< Linux uses it until its owner does: a CMA area */
#define PMEM_RESERVED_DYNAMIC  (1u << 2) /**< Linux chose the place; the tree does not tell which */
#define PMEM_RESERVED_POOL     (1u << 3) /**< "shared-dma-pool": drivers take their memory from it */
#define PMEM_RESERVED_DEFAULT  (1u << 4) /**< the pool of all drivers that have none of their own */
/** @} */

PMEM_BEGIN_DECLS

/**
 * @brief The family of the SoC, such as "bcm2837", "sun8i-h3", "x86_64", or "generic".
 * @return borrowed from the context; NULL if @p ctx is NULL, and if the machine cannot be looked at
 *         now (no memory, no descriptors, files that may not be read): pmem_error_last() says why.
 *         That is not remembered: the next question tries again.
 * @since 3.0
 */
PMEM_API const char *pmem_soc_family(const struct pmem_ctx *ctx);

/** @brief The maker of the SoC, such as "Broadcom"; "" if unknown, NULL as of pmem_soc_family(). @since 3.0 */
PMEM_API const char *pmem_soc_vendor(const struct pmem_ctx *ctx);

/** @brief The model text of the board; "" if the machine does not tell, NULL as of pmem_soc_family(). @since 3.0 */
PMEM_API const char *pmem_soc_model(const struct pmem_ctx *ctx);

/** @brief The root's compatible string number @p i, most specific first; NULL after the last, and as of pmem_soc_family(). @since 3.0 */
PMEM_API const char *pmem_soc_compatible(const struct pmem_ctx *ctx, size_t i);

/** @brief Bytes in a page of the running kernel; 0 only if @p ctx is NULL. @since 3.0 */
PMEM_API uint64_t pmem_soc_page_size(const struct pmem_ctx *ctx);

/**
 * @brief Where a device of the tree is, as the CPU sees it.
 * @param ctx   the context
 * @param node  path, alias, "&label" or compatible
 * @param index which entry of `reg`
 * @param phys  the physical address
 * @param size  bytes; may be NULL
 * @return 0; -ENOENT no such node or entry (PMEM_CAUSE_NOT_FOUND); -ENXIO the node is there but
 *         its address cannot be translated (PMEM_CAUSE_DEVICE_TREE); -ENODEV no device tree
 * @since 3.0
 */
PMEM_API int pmem_soc_node(const struct pmem_ctx *ctx, const char *node, uint32_t index,
	uint64_t *phys, uint64_t *size);

/**
 * @brief Where the GPIO registers are that pmem_region_map_gpio() maps; nothing is opened.
 * @param ctx  the context
 * @param phys the physical address
 * @param size bytes; may be NULL
 * @return 0; -ENODEV this machine's device tree shows no GPIO registers
 * @since 3.0
 */
PMEM_API int pmem_soc_gpio(const struct pmem_ctx *ctx, uint64_t *phys, uint64_t *size);

/**
 * @brief The full path of a node.
 * @param ctx  the context
 * @param node path, alias, "&label" or compatible
 * @param nth  which match, for a compatible that several nodes have; 0 is the first
 * @param path receives the text
 * @param size bytes at @p path
 * @return 0; -ENOENT; -ENOSPC if @p size is too small; -ENODEV no device tree
 * @since 3.0
 */
PMEM_API int pmem_soc_node_path(const struct pmem_ctx *ctx, const char *node, uint32_t nth,
	char *path, size_t size);

/**
 * @brief Is a node enabled: its own `status` and that of all nodes above it.
 * @return 1 or 0; -ENOENT; -ENODEV
 * @since 3.0
 */
PMEM_API int pmem_soc_node_available(const struct pmem_ctx *ctx, const char *node);

/**
 * @brief From the address that a DMA master uses to the physical address.
 * @param ctx    the context
 * @param master the node of the master, or "pci:0001:01:00.0"; NULL is the SoC's general DMA engine,
 *               or a plain device on the main bus if the family has none
 * @param in     bus address
 * @param out    physical address
 * @return 0; -ERANGE the master cannot see that address (PMEM_CAUSE_OUTSIDE_WINDOW);
 *         -ENOENT; -ENODEV a node is named and there is no device tree; -ENXIO an IOMMU decides,
 *         or nothing tells (PMEM_CAUSE_ADDRESS_UNKNOWN); -EINVAL "pci:" and no address of a device
 * @since 3.0
 */
PMEM_API int pmem_soc_bus_to_phys(const struct pmem_ctx *ctx, const char *master, uint64_t in,
	uint64_t *out);

/**
 * @brief From the physical address to the one that a DMA master uses; as pmem_soc_bus_to_phys().
 * @param ctx    the context
 * @param master the node of the master, or a PCI device; NULL as in pmem_soc_bus_to_phys()
 * @param in     physical address
 * @param out    bus address
 * @return as pmem_soc_bus_to_phys()
 * @since 3.0
 */
PMEM_API int pmem_soc_phys_to_bus(const struct pmem_ctx *ctx, const char *master, uint64_t in,
	uint64_t *out);

/**
 * @brief Do the CPU caches see what a DMA master writes, and the other way round?
 * @param ctx    the context
 * @param master the node, or a PCI device; NULL as in pmem_soc_bus_to_phys()
 * @return 1 coherent, 0 not; -ENOENT; -ENODEV a node is named and there is no device tree
 * @since 3.0
 */
PMEM_API int pmem_soc_coherent(const struct pmem_ctx *ctx, const char *master);

/**
 * @brief How many pieces of memory the device tree keeps back: the children of /reserved-memory.
 *
 * Those that Linux takes notice of: available, not empty, with an address that can be translated or with
 * a size for which Linux finds a place. Each entry of a node's `reg` is one piece. The list is kept.
 * @param ctx   the context
 * @param count perhaps 0
 * @return 0; -EINVAL; -ENODEV no device tree
 * @since 3.1
 */
PMEM_API int pmem_soc_reserved_count(const struct pmem_ctx *ctx, size_t *count);

/**
 * @brief One of them.
 * @param ctx   the context
 * @param i     which, in the order of the nodes
 * @param phys  its physical address; PMEM_ADDRESS_NONE if Linux chose the place; may be NULL
 * @param size  bytes; may be NULL
 * @param flags PMEM_RESERVED_*; may be NULL
 * @return 0; -EINVAL there is none of that number (PMEM_CAUSE_NOT_FOUND), or @p ctx is NULL; -ENODEV
 * @since 3.1
 */
PMEM_API int pmem_soc_reserved(const struct pmem_ctx *ctx, size_t i, uint64_t *phys, uint64_t *size,
	uint32_t *flags);

/**
 * @brief The full path of its node, such as "/reserved-memory/buffer@10000000": for pmem_region_map_node().
 * @return borrowed from the context; NULL if there is none of that number
 * @since 3.1
 */
PMEM_API const char *pmem_soc_reserved_path(const struct pmem_ctx *ctx, size_t i);

/** @brief The first compatible string of its node; "" if it has none, NULL as of pmem_soc_reserved_path(). @since 3.1 */
PMEM_API const char *pmem_soc_reserved_compatible(const struct pmem_ctx *ctx, size_t i);

/**
 * @brief Which reserved memory a device of the tree uses, by its `memory-region`.
 * @param ctx   the context
 * @param node  path, alias, "&label" or compatible
 * @param index which entry of its memory-region; 0 with a name
 * @param name  or the entry that its memory-region-names call so; NULL: by index
 * @param i     its number for pmem_soc_reserved(); of several pieces that of the first
 * @return 0; -ENOENT no such node or entry, or one that leads to nothing that Linux reserves
 *         (PMEM_CAUSE_NOT_FOUND); -EINVAL NULL, or both a name and an index (PMEM_CAUSE_FLAGS);
 *         -ENODEV no device tree
 * @since 3.1
 */
PMEM_API int pmem_soc_node_reserved(const struct pmem_ctx *ctx, const char *node, uint32_t index,
	const char *name, size_t *i);

PMEM_END_DECLS

#endif
