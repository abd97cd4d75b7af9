/* SPDX-License-Identifier: MIT */
/*
 * What Go calls. Each function makes one call of the library, and if that failed takes the error in
 * the same thread: a goroutine may be in another one by its next call. Results come by value, so
 * that no pointer to Go's memory is needed for them.
 */
#ifndef PMEMGO_SHIM_H
#define PMEMGO_SHIM_H

#include <stdlib.h>

#include "abi.h"

struct pmemgo {
	int result;		  /* of the call; negative: it failed */
	uint64_t a, b;		  /* numbers that it gave */
	void *object;		  /* a handle, a pointer or a text that it gave */
	struct pmem_error *error; /* why it failed, to be freed; NULL: no memory to keep that */
};

struct pmemgo pmemgo_ctx_new(void);
struct pmemgo pmemgo_ctx_set_log(struct pmem_ctx *ctx, uintptr_t id);
struct pmemgo pmemgo_ctx_error(struct pmem_ctx *ctx);
struct pmemgo pmemgo_constant_value(const char *name);
struct pmemgo pmemgo_constant_at(size_t i);
struct pmemgo pmemgo_backend_status(struct pmem_ctx *ctx, size_t i);
struct pmemgo pmemgo_heap_count(struct pmem_ctx *ctx);
struct pmemgo pmemgo_heap_way(struct pmem_ctx *ctx, size_t i);
struct pmemgo pmemgo_dmabuf_cpu_begin(struct pmem_ctx *ctx, int fd, uint32_t direction);
struct pmemgo pmemgo_dmabuf_cpu_end(struct pmem_ctx *ctx, int fd, uint32_t direction);
struct pmemgo pmemgo_firmware_get(struct pmem_ctx *ctx, uint32_t what);
struct pmemgo pmemgo_firmware_reclaim(struct pmem_ctx *ctx, uint32_t flags);

struct pmemgo pmemgo_soc_family(struct pmem_ctx *ctx);
struct pmemgo pmemgo_soc_vendor(struct pmem_ctx *ctx);
struct pmemgo pmemgo_soc_model(struct pmem_ctx *ctx);
struct pmemgo pmemgo_soc_compatible(struct pmem_ctx *ctx, size_t i);
struct pmemgo pmemgo_soc_node(struct pmem_ctx *ctx, const char *node, uint32_t index);
struct pmemgo pmemgo_soc_gpio(struct pmem_ctx *ctx);
struct pmemgo pmemgo_soc_node_path(
	struct pmem_ctx *ctx, const char *node, uint32_t nth, char *path, size_t size);
struct pmemgo pmemgo_soc_node_available(struct pmem_ctx *ctx, const char *node);
struct pmemgo pmemgo_soc_bus_to_phys(struct pmem_ctx *ctx, const char *master, uint64_t in);
struct pmemgo pmemgo_soc_phys_to_bus(struct pmem_ctx *ctx, const char *master, uint64_t in);
struct pmemgo pmemgo_soc_coherent(struct pmem_ctx *ctx, const char *master);
struct pmemgo pmemgo_soc_reserved_count(struct pmem_ctx *ctx);
struct pmemgo pmemgo_soc_reserved(struct pmem_ctx *ctx, size_t i); /* its flags are the result */
struct pmemgo pmemgo_soc_node_reserved(
	struct pmem_ctx *ctx, const char *node, uint32_t index, const char *name);

/* Addresses are numbers here: they may be of anything, and nothing is kept. */
struct pmemgo pmemgo_vaddr_pagemap(struct pmem_ctx *ctx, uintptr_t addr);
struct pmemgo pmemgo_vaddr_phys(struct pmem_ctx *ctx, uintptr_t addr);
struct pmemgo pmemgo_vaddr_phys_bulk(
	struct pmem_ctx *ctx, uintptr_t addr, size_t pages, uint64_t *phys);
struct pmemgo pmemgo_vaddr_phys_list(
	struct pmem_ctx *ctx, const uint64_t *addrs, size_t count, uint64_t *phys);
struct pmemgo pmemgo_vaddr_extents(struct pmem_ctx *ctx, uintptr_t addr, uint64_t length,
	struct pmem_extent *extents, size_t capacity);

struct pmemgo pmemgo_region_map(struct pmem_ctx *ctx, uint64_t phys, uint64_t size, uint32_t flags);
struct pmemgo pmemgo_region_map_gpio(struct pmem_ctx *ctx, uint32_t flags);
struct pmemgo pmemgo_region_map_node(
	struct pmem_ctx *ctx, const char *node, uint32_t index, uint32_t flags);
struct pmemgo pmemgo_region_map_pci(
	struct pmem_ctx *ctx, const char *bdf, uint32_t bar, uint32_t flags);
struct pmemgo pmemgo_region_map_file(struct pmem_ctx *ctx, const char *path, uint64_t offset,
	uint64_t size, uint64_t phys, uint32_t flags);
struct pmemgo pmemgo_region_alloc(struct pmem_ctx *ctx, uint64_t size, struct pmem_alloc_opts opts,
	struct pmem_firmware_opts firmware);
struct pmemgo pmemgo_region_import(struct pmem_ctx *ctx, int fd, uint32_t flags);
struct pmemgo pmemgo_region_register(
	struct pmem_ctx *ctx, uintptr_t addr, uint64_t length, uint32_t flags);
struct pmemgo pmemgo_region_close(struct pmem_region *region);
struct pmemgo pmemgo_region_phys(const struct pmem_region *region);
struct pmemgo pmemgo_region_bus(const struct pmem_region *region);
struct pmemgo pmemgo_region_bus_for(const struct pmem_region *region, const char *master);
struct pmemgo pmemgo_region_extent(const struct pmem_region *region, uint64_t offset);
struct pmemgo pmemgo_region_extents(const struct pmem_region *region, uint64_t offset,
	uint64_t length, uint32_t need, struct pmem_extent *extents, size_t capacity);
struct pmemgo pmemgo_region_find(struct pmem_ctx *ctx, uintptr_t pointer);
struct pmemgo pmemgo_region_find_phys(struct pmem_ctx *ctx, uint64_t phys);
struct pmemgo pmemgo_region_at(
	const struct pmem_region *region, uint64_t offset, uint64_t size, uint64_t align);
struct pmemgo pmemgo_region_cpu_begin(
	const struct pmem_region *region, uint64_t offset, uint64_t length, uint32_t direction);
struct pmemgo pmemgo_region_cpu_end(
	const struct pmem_region *region, uint64_t offset, uint64_t length, uint32_t direction);
struct pmemgo pmemgo_region_fd(const struct pmem_region *region);
struct pmemgo pmemgo_region_dup_fd(const struct pmem_region *region);
struct pmemgo pmemgo_region_read(const struct pmem_region *region, int width, uint64_t offset);
struct pmemgo pmemgo_region_write(
	struct pmem_region *region, int width, uint64_t offset, uint64_t value);

struct pmemgo pmemgo_device_open(
	struct pmem_ctx *ctx, const char *name, struct pmem_device_opts opts);
struct pmemgo pmemgo_device_close(struct pmem_device *device);
struct pmemgo pmemgo_device_map_size(struct pmem_device *device, uint32_t index);
struct pmemgo pmemgo_device_map(struct pmem_device *device, uint32_t index, uint32_t flags);
struct pmemgo pmemgo_device_config_read(
	struct pmem_device *device, uint32_t offset, uint32_t width);
struct pmemgo pmemgo_device_config_write(
	struct pmem_device *device, uint32_t offset, uint32_t width, uint32_t value);
struct pmemgo pmemgo_device_enable(struct pmem_device *device, uint32_t parts);
struct pmemgo pmemgo_device_disable(struct pmem_device *device, uint32_t parts);
struct pmemgo pmemgo_device_reset(struct pmem_device *device);
struct pmemgo pmemgo_device_irq_count(struct pmem_device *device, uint32_t kind);
struct pmemgo pmemgo_device_irq_fd(struct pmem_device *device, uint32_t kind, uint32_t index);
struct pmemgo pmemgo_device_irq_wait(
	struct pmem_device *device, uint32_t kind, uint32_t index, uint32_t timeout_ms);
struct pmemgo pmemgo_device_irq_unmask(struct pmem_device *device, uint32_t kind, uint32_t index);
struct pmemgo pmemgo_device_attach(
	struct pmem_device *device, struct pmem_region *region, uint32_t direction);
struct pmemgo pmemgo_device_detach(struct pmem_device *device, struct pmem_region *region);
struct pmemgo pmemgo_device_bus(struct pmem_device *device, const struct pmem_region *region);
struct pmemgo pmemgo_device_dmabuf(
	struct pmem_device *device, uint32_t index, uint64_t offset, uint64_t length);

struct pmemgo pmemgo_pool_new(
	struct pmem_ctx *ctx, struct pmem_pool_opts opts, struct pmem_alloc_opts alloc);
struct pmemgo pmemgo_pool_close(struct pmem_pool *pool);
struct pmemgo pmemgo_pool_add_region(struct pmem_pool *pool, struct pmem_region *region);
struct pmemgo pmemgo_pool_alloc(struct pmem_pool *pool, uint64_t size, uint64_t align);
struct pmemgo pmemgo_pool_free(struct pmem_pool *pool, void *pointer);
struct pmemgo pmemgo_pool_phys(const struct pmem_pool *pool, uintptr_t pointer);
struct pmemgo pmemgo_pool_bus(const struct pmem_pool *pool, uintptr_t pointer);
struct pmemgo pmemgo_pool_region(const struct pmem_pool *pool, uintptr_t pointer);
struct pmemgo pmemgo_pool_sync(
	const struct pmem_pool *pool, uintptr_t pointer, uint64_t size, uint32_t direction, int begin);
struct pmemgo pmemgo_pool_trim(struct pmem_pool *pool);
struct pmemgo pmemgo_pool_stats(struct pmem_pool *pool, struct pmem_pool_counts *counts);

struct pmemgo pmemgo_selftest_copy(struct pmem_ctx *ctx, uint64_t size, uint64_t hole,
	uint64_t src_offset, int alloc, int copy, uintptr_t handle);

#endif
