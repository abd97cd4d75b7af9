/* SPDX-License-Identifier: MIT */
/**
 * @file pool.h
 * @brief A pool: many small objects (descriptors, buffers) in few regions, as fast as malloc().
 *
 * A pool takes regions as it needs them, or is given some, and hands out pieces of them. Where an
 * object is, for the CPU, in physical memory and for a device, is told without a system call and
 * without touching the object.
 *
 * **Cost.** Objects of up to 64 KiB are kept by each thread for itself: pmem_pool_alloc() and
 * pmem_pool_free() then take no lock and make no system call, however many objects live. A thread that
 * has none left, or too many, exchanges some with the others under a lock; so does each call for a
 * larger object. A pool that is empty takes another region.
 *
 * **Safety.** Whatever the pool needs to know is kept outside of its memory: a device or a program that
 * writes beyond an object hurts other objects, never the pool. A pointer that is not an object's is
 * refused. Two threads that free one object at the very same time are the one mistake
 * that may be missed.
 *
 * **Sizes and places.** Sizes are rounded up to one of four for each doubling (64, 80, 96, 112, 128, 160
 * ...). Alignments and boundaries are those of the address that the device uses, where it is known, else of
 * the physical address, else of the pointer; a pointer is aligned as well up to a page. Each object is
 * one piece in each address. Its content is whatever was there: zero the first time, in regions
 * that the pool took.
 *
 * **Caches.** By default no two objects share a cache line of 64 bytes, so that pmem_region_cpu_begin()
 * and pmem_region_cpu_end() of one (pmem_pool_region() tells where it is) leave its neighbours alone.
 *
 * **Threads, cancellation, fork, finalizers, signals.**
 * - Threads: any, at once; an object may be freed by another thread than the one that allocated it. What a
 *   thread keeps goes back to the pool when it ends. Nobody may use a pool while another closes it.
 * - Cancellation: held off inside.
 * - fork: a child does not have its parent's pool: pmem_pool_alloc() and all that changes it fail with
 *   -ENOENT (PMEM_CAUSE_NOT_FOUND). Addresses of the parent's objects are still told. A child may close it, which frees
 *   its own memory for it and nothing else, and make a pool of its own.
 * - Finalizers: pmem_pool_close() may run in any thread, before or after the context is given back.
 * - Signals: none of these functions in a signal handler.
 */
#ifndef PMEM_POOL_H
#define PMEM_POOL_H

#include <pmem/types.h>

/** @name Flags for pools */
/** @{ */
#define PMEM_POOL_NO_GROW  (1u << 0) /**< takes no regions: those of pmem_pool_add_region() only */
#define PMEM_POOL_NO_CACHE (1u << 1) /**< threads keep nothing: each call takes a lock, and no object is
                                          kept from other threads. For memory that is scarce */
/** @} */

/** Objects of a program: see pool.h. */
struct pmem_pool;
/** What an allocation may ask for: see region.h. */
struct pmem_alloc_opts;

/**
 * What a pool may be. Zero in every field is the default; set @c size first. Unknown fields are refused
 * as those of struct pmem_alloc_opts.
 */
struct pmem_pool_opts {
	uint32_t size;     /**< sizeof(struct pmem_pool_opts) */
	uint32_t flags;    /**< PMEM_POOL_* */
	uint64_t align;    /**< of each object, at least; power of two up to 1 GiB; 0: 64 */
	uint64_t boundary; /**< no object crosses a multiple of it, as 4 KiB, 64 KiB or 4 GiB: power of two,
	                        not below align; sizes are rounded up to powers of two if it is below 2 MiB;
	                        0: any may be crossed */
	uint64_t grow;     /**< bytes of each region that it takes, if no object needs more; 0: 2 MiB */
	uint64_t max;      /**< bytes of all regions that it takes; 0: as much as there is */
	const struct pmem_alloc_opts *alloc; /**< how it takes regions; copied; NULL: the defaults */
	void *reserved;    /**< NULL */
};

/** What a pool has. Set @c size first; what the library does not know stays as it is. */
struct pmem_pool_counts {
	uint32_t size;         /**< sizeof(struct pmem_pool_counts) */
	uint32_t regions;      /**< taken and given */
	uint64_t bytes;        /**< of its memory */
	uint64_t free_bytes;   /**< of those in no object, nor set apart for objects of some size */
	uint64_t objects;      /**< that are handed out */
	uint64_t object_bytes; /**< of those, with what their sizes were rounded up by */
	uint64_t cached;       /**< objects that threads keep */
	uint64_t cached_bytes; /**< of those */
	uint64_t threads;      /**< that keep objects */
};

PMEM_BEGIN_DECLS

/**
 * @brief Make a pool. It takes its first region when it needs it.
 * @param ctx  the context of its regions; the pool holds a reference
 * @param opts NULL for the defaults
 * @param out  the pool; close with pmem_pool_close()
 * @return 0; -EINVAL NULL, unknown flags (PMEM_CAUSE_FLAGS; also PMEM_ALLOC_NO_MAP, for a pool has
 *         pointers), align or boundary (PMEM_CAUSE_ALIGNMENT); -E2BIG options of a newer libpmem; of
 *         opts.alloc as pmem_region_alloc(), as far as that is seen without allocating; -ENOMEM
 * @since 3.1
 */
PMEM_API int pmem_pool_new(struct pmem_ctx *ctx, const struct pmem_pool_opts *opts,
	struct pmem_pool **out);

/**
 * @brief Give back all of its regions but those of pmem_pool_add_region(). Objects that are handed out
 * are gone, too.
 * @param pool the pool; NULL is allowed
 * @return 0, or the first error met on the way
 * @since 3.1
 */
PMEM_API int pmem_pool_close(struct pmem_pool *pool);

/**
 * @brief Let the pool use a region: of any backend, allocated, mapped or imported.
 *
 * Nothing is written to it before an object is handed out. It stays the caller's, who closes it after the
 * pool. All but its first and last incomplete 4 KiB is used. Pointers to it should lie within 256 GiB of
 * those to the pool's first region, else its objects are freed under a lock; there may be four such places.
 * @param pool   the pool
 * @param region writable and mapped
 * @return 0; -EINVAL NULL, or nothing of it can be used (PMEM_CAUSE_BOUNDS); -EEXIST the pool
 *         has it (PMEM_CAUSE_BUSY); -ERANGE a fifth place (PMEM_CAUSE_LIMIT); -EOPNOTSUPP not mapped; -EACCES read-only (PMEM_CAUSE_READONLY);
 *         -ENOENT another process's pool; -ENOMEM
 * @since 3.1
 */
PMEM_API int pmem_pool_add_region(struct pmem_pool *pool, struct pmem_region *region);

/**
 * @brief An object.
 * @param pool  the pool
 * @param size  bytes, up to what one region holds
 * @param align power of two up to 1 GiB; 0: that of the pool, which is the least
 * @return its first byte; NULL on failure, see errno and pmem_error_last(): EINVAL @p pool is NULL, size 0
 *         (PMEM_CAUSE_ZERO_SIZE), align or a size above the boundary (PMEM_CAUSE_ALIGNMENT); ENOMEM the
 *         pool may not grow any more (PMEM_CAUSE_LIMIT), or there is no memory; EBUSY asked for by a log
 *         callback while this very thread takes a region; ENOENT another process's pool; else as
 *         pmem_region_alloc() of the region that it needs
 * @since 3.1
 */
PMEM_API void *pmem_pool_alloc(struct pmem_pool *pool, uint64_t size, uint64_t align);

/**
 * @brief Give an object back.
 * @param pool    the pool
 * @param pointer its first byte; NULL is allowed
 * @return 0; -EALREADY it has been given back; -EINVAL the pointer is to the inside of an object
 *         (PMEM_CAUSE_WRONG_KIND), or @p pool is NULL; -ENOENT no object of this pool is there, or
 *         the pool is another process's (PMEM_CAUSE_NOT_FOUND). An object that was given back may be told
 *         as any of these
 * @since 3.1
 */
PMEM_API int pmem_pool_free(struct pmem_pool *pool, void *pointer);

/**
 * @brief The physical address of a byte of the pool's memory.
 * @param pool    the pool
 * @param pointer the byte, in an object or not
 * @param phys    its address, and from there on those of all bytes of the object
 * @return 0; -ENOENT not in this pool's memory (PMEM_CAUSE_NOT_FOUND); -ENXIO it cannot be known; -EINVAL
 * @since 3.1
 */
PMEM_API int pmem_pool_phys(const struct pmem_pool *pool, const volatile void *pointer,
	uint64_t *phys);

/**
 * @brief The address of a byte for the DMA master of its region: see pmem_region_bus().
 *
 * It was looked up when the pool got the region.
 * @return as pmem_pool_phys(), and as pmem_region_bus() where that fails
 * @since 3.1
 */
PMEM_API int pmem_pool_bus(const struct pmem_pool *pool, const volatile void *pointer,
	uint64_t *bus);

/**
 * @brief The region that a byte of the pool's memory is in: for cpu_begin, cpu_end and descriptors.
 * @param pool    the pool
 * @param pointer the byte
 * @param region  borrowed; it lives as long as the object
 * @param offset  of the byte in it; may be NULL
 * @return as pmem_pool_phys()
 * @since 3.1
 */
PMEM_API int pmem_pool_region(const struct pmem_pool *pool, const volatile void *pointer,
	struct pmem_region **region, uint64_t *offset);

/**
 * @brief Give back what this thread keeps, and each region that the pool took and no object is in.
 * @param pool  the pool
 * @param bytes of the regions; may be NULL
 * @return 0; -EINVAL; -ENOENT another process's pool; else the first error of closing one
 * @since 3.1
 */
PMEM_API int pmem_pool_trim(struct pmem_pool *pool, uint64_t *bytes);

/**
 * @brief What it has at this moment; near to it, while other threads use it.
 * @param pool  the pool
 * @param stats size is set; receives the rest
 * @return 0; -EINVAL NULL, or a size that no version has (PMEM_CAUSE_OPTIONS); -ENOENT another
 *         process's pool
 * @since 3.1
 */
PMEM_API int pmem_pool_stats(struct pmem_pool *pool, struct pmem_pool_counts *stats);

PMEM_END_DECLS

#endif
