/* SPDX-License-Identifier: MIT */
/*
 * The ABI that this binding was written for. The compiler refuses headers that say otherwise;
 * test/bindings/go/check_api.py compares it with the description of the API. One prototype in a
 * line, so that a difference is one line.
 */
#ifndef PMEMGO_ABI_H
#define PMEMGO_ABI_H

#include <stddef.h>

#include <pmem/pmem.h>

/* clang-format off */

typedef void pmem_log_fn(void *user, uint32_t level, const char *message);
typedef int pmem_selftest_alloc_fn(void *user, uint64_t size, struct pmem_region **out);
typedef int pmem_selftest_copy_fn(void *user, struct pmem_region *dst, uint64_t dst_offset, struct pmem_region *src, uint64_t src_offset, uint64_t length);

struct pmemgo_alloc_opts {
	uint32_t size;
	uint32_t flags;
	uint64_t align;
	uint64_t max_addr;
	const char *master;
	const char *backend;
	const char *heap;
	const char *name;
	const struct pmem_firmware_opts *firmware;
	void *reserved;
	uint32_t wait_ms;
	uint32_t node;
	struct pmem_device *device;
	void *reserved2;
};
struct pmemgo_device_opts {
	uint32_t size;
	uint32_t flags;
	uint64_t max_addr;
	const char *way;
	struct pmem_device *share;
	int device_fd;
	int group_fd;
	int iommu_fd;
	uint32_t reserved;
};
struct pmemgo_extent {
	uint64_t offset;
	uint64_t length;
	uint64_t phys;
	uint64_t bus;
};
struct pmemgo_firmware_opts {
	uint32_t size;
	uint32_t flags;
	uint32_t dma_channels;
	uint32_t reserved;
};
struct pmemgo_pool_opts {
	uint32_t size;
	uint32_t flags;
	uint64_t align;
	uint64_t boundary;
	uint64_t grow;
	uint64_t max;
	const struct pmem_alloc_opts *alloc;
	void *reserved;
};
struct pmemgo_pool_counts {
	uint32_t size;
	uint32_t regions;
	uint64_t bytes;
	uint64_t free_bytes;
	uint64_t objects;
	uint64_t object_bytes;
	uint64_t cached;
	uint64_t cached_bytes;
	uint64_t threads;
};

uint32_t pmem_backend_caps(const struct pmem_ctx *ctx, size_t i);
size_t pmem_backend_count(const struct pmem_ctx *ctx);
const char *pmem_backend_name(const struct pmem_ctx *ctx, size_t i);
int pmem_backend_status(struct pmem_ctx *ctx, size_t i, struct pmem_error **why);
const char *pmem_constant_at(size_t i, uint64_t *value);
const char *pmem_constant_name(const char *prefix, uint64_t value);
int pmem_constant_value(const char *name, uint64_t *value);
int pmem_ctx_error(struct pmem_ctx *ctx, struct pmem_error **out);
int pmem_ctx_new(struct pmem_ctx **out);
struct pmem_ctx *pmem_ctx_ref(struct pmem_ctx *ctx);
int pmem_ctx_set_log(struct pmem_ctx *ctx, pmem_log_fn *fn, void *user);
void pmem_ctx_unref(struct pmem_ctx *ctx);
int pmem_device_attach(struct pmem_device *device, struct pmem_region *region, uint32_t direction, uint64_t *bus);
uint32_t pmem_device_attrs(const struct pmem_device *device);
int pmem_device_bus(struct pmem_device *device, const struct pmem_region *region, uint64_t *bus);
int pmem_device_close(struct pmem_device *device);
int pmem_device_config_read(struct pmem_device *device, uint32_t offset, uint32_t width, uint32_t *value);
int pmem_device_config_write(struct pmem_device *device, uint32_t offset, uint32_t width, uint32_t value);
int pmem_device_detach(struct pmem_device *device, struct pmem_region *region);
int pmem_device_disable(struct pmem_device *device, uint32_t parts);
int pmem_device_dmabuf(struct pmem_device *device, uint32_t index, uint64_t offset, uint64_t length);
int pmem_device_enable(struct pmem_device *device, uint32_t parts);
int pmem_device_irq_count(struct pmem_device *device, uint32_t kind, uint32_t *count);
int pmem_device_irq_fd(struct pmem_device *device, uint32_t kind, uint32_t index);
int pmem_device_irq_unmask(struct pmem_device *device, uint32_t kind, uint32_t index);
int pmem_device_irq_wait(struct pmem_device *device, uint32_t kind, uint32_t index, uint32_t timeout_ms, uint64_t *count);
int pmem_device_map(struct pmem_device *device, uint32_t index, uint32_t flags, struct pmem_region **out);
uint32_t pmem_device_map_count(const struct pmem_device *device);
int pmem_device_map_size(struct pmem_device *device, uint32_t index, uint64_t *size);
const char *pmem_device_name(const struct pmem_device *device);
int pmem_device_open(struct pmem_ctx *ctx, const char *name, const struct pmem_device_opts *opts, struct pmem_device **out);
int pmem_device_reset(struct pmem_device *device);
const char *pmem_device_way(const struct pmem_device *device);
int pmem_dmabuf_cpu_begin(struct pmem_ctx *ctx, int fd, uint32_t direction);
int pmem_dmabuf_cpu_end(struct pmem_ctx *ctx, int fd, uint32_t direction);
const char *pmem_error_backend(const struct pmem_error *err);
uint32_t pmem_error_cause(const struct pmem_error *err);
const char *pmem_error_cause_name(uint32_t cause);
const struct pmem_error *pmem_error_child(const struct pmem_error *err, size_t i);
size_t pmem_error_child_count(const struct pmem_error *err);
int pmem_error_code(const struct pmem_error *err);
int pmem_error_dup(const struct pmem_error *err, struct pmem_error **out);
void pmem_error_free(struct pmem_error *err);
const char *pmem_error_hint(const struct pmem_error *err);
const struct pmem_error *pmem_error_last(void);
const char *pmem_error_message(const struct pmem_error *err);
const char *pmem_error_operation(const struct pmem_error *err);
const char *pmem_error_path(const struct pmem_error *err);
const char *pmem_error_text(const struct pmem_error *err);
int pmem_firmware_get(struct pmem_ctx *ctx, uint32_t what, uint64_t *value);
int pmem_firmware_reclaim(struct pmem_ctx *ctx, uint32_t flags, size_t *count, uint64_t *bytes);
uint32_t pmem_heap_class(struct pmem_ctx *ctx, size_t i);
int pmem_heap_count(struct pmem_ctx *ctx, size_t *count);
const char *pmem_heap_name(struct pmem_ctx *ctx, size_t i);
const char *pmem_heap_path(struct pmem_ctx *ctx, size_t i);
int pmem_heap_way(struct pmem_ctx *ctx, size_t i, uint32_t *way);
void pmem_io_copy_from(void *to, const volatile void *from, size_t bytes);
void pmem_io_copy_to(volatile void *to, const void *from, size_t bytes);
void pmem_io_fill(volatile void *to, uint8_t value, size_t bytes);
void pmem_io_mb(void);
uint16_t pmem_io_read16(const volatile void *addr);
void pmem_io_read16_block(const volatile void *addr, uint16_t *to, size_t count);
uint32_t pmem_io_read32(const volatile void *addr);
void pmem_io_read32_block(const volatile void *addr, uint32_t *to, size_t count);
uint64_t pmem_io_read64(const volatile void *addr);
void pmem_io_read64_block(const volatile void *addr, uint64_t *to, size_t count);
uint8_t pmem_io_read8(const volatile void *addr);
void pmem_io_read8_block(const volatile void *addr, uint8_t *to, size_t count);
void pmem_io_rmb(void);
void pmem_io_wmb(void);
void pmem_io_write16(volatile void *addr, uint16_t value);
void pmem_io_write16_block(volatile void *addr, const uint16_t *from, size_t count);
void pmem_io_write32(volatile void *addr, uint32_t value);
void pmem_io_write32_block(volatile void *addr, const uint32_t *from, size_t count);
void pmem_io_write64(volatile void *addr, uint64_t value);
void pmem_io_write64_block(volatile void *addr, const uint64_t *from, size_t count);
void pmem_io_write8(volatile void *addr, uint8_t value);
void pmem_io_write8_block(volatile void *addr, const uint8_t *from, size_t count);
int pmem_pool_add_region(struct pmem_pool *pool, struct pmem_region *region);
void *pmem_pool_alloc(struct pmem_pool *pool, uint64_t size, uint64_t align);
int pmem_pool_bus(const struct pmem_pool *pool, const volatile void *pointer, uint64_t *bus);
int pmem_pool_close(struct pmem_pool *pool);
int pmem_pool_free(struct pmem_pool *pool, void *pointer);
int pmem_pool_new(struct pmem_ctx *ctx, const struct pmem_pool_opts *opts, struct pmem_pool **out);
int pmem_pool_phys(const struct pmem_pool *pool, const volatile void *pointer, uint64_t *phys);
int pmem_pool_region(const struct pmem_pool *pool, const volatile void *pointer, struct pmem_region **region, uint64_t *offset);
int pmem_pool_stats(struct pmem_pool *pool, struct pmem_pool_counts *stats);
int pmem_pool_trim(struct pmem_pool *pool, uint64_t *bytes);
int pmem_region_alloc(struct pmem_ctx *ctx, uint64_t size, const struct pmem_alloc_opts *opts, struct pmem_region **out);
void *pmem_region_at(const struct pmem_region *region, uint64_t offset, uint64_t size, uint64_t align);
uint32_t pmem_region_attrs(const struct pmem_region *region);
const char *pmem_region_backend(const struct pmem_region *region);
int pmem_region_bus(const struct pmem_region *region, uint64_t *bus);
int pmem_region_bus_for(const struct pmem_region *region, const char *master, uint64_t *bus);
int pmem_region_close(struct pmem_region *region);
int pmem_region_cpu_begin(const struct pmem_region *region, uint64_t offset, uint64_t length, uint32_t direction);
int pmem_region_cpu_end(const struct pmem_region *region, uint64_t offset, uint64_t length, uint32_t direction);
void *pmem_region_data(const struct pmem_region *region);
int pmem_region_dup_fd(const struct pmem_region *region);
int pmem_region_extent(const struct pmem_region *region, uint64_t offset, uint64_t *phys, uint64_t *length);
int pmem_region_extents(const struct pmem_region *region, uint64_t offset, uint64_t length, uint32_t need, struct pmem_extent *extents, size_t capacity, size_t *count);
int pmem_region_fd(const struct pmem_region *region);
int pmem_region_find(struct pmem_ctx *ctx, const volatile void *pointer, struct pmem_region **region, uint64_t *offset);
int pmem_region_find_phys(struct pmem_ctx *ctx, uint64_t phys, struct pmem_region **region, uint64_t *offset);
int pmem_region_import(struct pmem_ctx *ctx, int dmabuf_fd, uint32_t flags, struct pmem_region **out);
int pmem_region_map(struct pmem_ctx *ctx, uint64_t phys, uint64_t size, uint32_t flags, struct pmem_region **out);
int pmem_region_map_file(struct pmem_ctx *ctx, const char *path, uint64_t offset, uint64_t size, uint64_t phys, uint32_t flags, struct pmem_region **out);
int pmem_region_map_gpio(struct pmem_ctx *ctx, uint32_t flags, struct pmem_region **out);
int pmem_region_map_node(struct pmem_ctx *ctx, const char *node, uint32_t index, uint32_t flags, struct pmem_region **out);
int pmem_region_map_pci(struct pmem_ctx *ctx, const char *bdf, uint32_t bar, uint32_t flags, struct pmem_region **out);
int pmem_region_phys(const struct pmem_region *region, uint64_t *phys);
int pmem_region_read16(const struct pmem_region *region, uint64_t offset, uint16_t *value);
int pmem_region_read32(const struct pmem_region *region, uint64_t offset, uint32_t *value);
int pmem_region_read64(const struct pmem_region *region, uint64_t offset, uint64_t *value);
int pmem_region_read8(const struct pmem_region *region, uint64_t offset, uint8_t *value);
int pmem_region_register(struct pmem_ctx *ctx, void *addr, uint64_t length, uint32_t flags, struct pmem_region **out);
uint64_t pmem_region_size(const struct pmem_region *region);
int pmem_region_write16(struct pmem_region *region, uint64_t offset, uint16_t value);
int pmem_region_write32(struct pmem_region *region, uint64_t offset, uint32_t value);
int pmem_region_write64(struct pmem_region *region, uint64_t offset, uint64_t value);
int pmem_region_write8(struct pmem_region *region, uint64_t offset, uint8_t value);
int pmem_selftest_copy(struct pmem_ctx *ctx, uint64_t size, uint64_t hole, uint64_t src_offset, pmem_selftest_alloc_fn *alloc, pmem_selftest_copy_fn *copy, void *user);
int pmem_soc_bus_to_phys(const struct pmem_ctx *ctx, const char *master, uint64_t in, uint64_t *out);
int pmem_soc_coherent(const struct pmem_ctx *ctx, const char *master);
const char *pmem_soc_compatible(const struct pmem_ctx *ctx, size_t i);
const char *pmem_soc_family(const struct pmem_ctx *ctx);
int pmem_soc_gpio(const struct pmem_ctx *ctx, uint64_t *phys, uint64_t *size);
const char *pmem_soc_model(const struct pmem_ctx *ctx);
int pmem_soc_node(const struct pmem_ctx *ctx, const char *node, uint32_t index, uint64_t *phys, uint64_t *size);
int pmem_soc_node_available(const struct pmem_ctx *ctx, const char *node);
int pmem_soc_node_path(const struct pmem_ctx *ctx, const char *node, uint32_t nth, char *path, size_t size);
int pmem_soc_node_reserved(const struct pmem_ctx *ctx, const char *node, uint32_t index, const char *name, size_t *i);
uint64_t pmem_soc_page_size(const struct pmem_ctx *ctx);
int pmem_soc_phys_to_bus(const struct pmem_ctx *ctx, const char *master, uint64_t in, uint64_t *out);
int pmem_soc_reserved(const struct pmem_ctx *ctx, size_t i, uint64_t *phys, uint64_t *size, uint32_t *flags);
const char *pmem_soc_reserved_compatible(const struct pmem_ctx *ctx, size_t i);
int pmem_soc_reserved_count(const struct pmem_ctx *ctx, size_t *count);
const char *pmem_soc_reserved_path(const struct pmem_ctx *ctx, size_t i);
const char *pmem_soc_vendor(const struct pmem_ctx *ctx);
int pmem_vaddr_extents(struct pmem_ctx *ctx, const void *addr, uint64_t length, struct pmem_extent *extents, size_t capacity, size_t *count);
int pmem_vaddr_pagemap(struct pmem_ctx *ctx, const void *addr, uint64_t *entry);
int pmem_vaddr_phys(struct pmem_ctx *ctx, const void *addr, uint64_t *phys);
int pmem_vaddr_phys_bulk(struct pmem_ctx *ctx, const void *addr, size_t pages, uint64_t *phys);
int pmem_vaddr_phys_list(struct pmem_ctx *ctx, const uint64_t *addrs, size_t count, uint64_t *phys);
const char *pmem_version(void);
uint32_t pmem_version_number(void);

#define PMEMGO_MEMBER(s, m)                                                                   \
	_Static_assert(offsetof(struct pmem_##s, m) == offsetof(struct pmemgo_##s, m) &&       \
		__builtin_types_compatible_p(__typeof__(((struct pmem_##s *)0)->m),           \
			__typeof__(((struct pmemgo_##s *)0)->m)), #s "." #m " is elsewhere")
PMEMGO_MEMBER(alloc_opts, size);
PMEMGO_MEMBER(alloc_opts, flags);
PMEMGO_MEMBER(alloc_opts, align);
PMEMGO_MEMBER(alloc_opts, max_addr);
PMEMGO_MEMBER(alloc_opts, master);
PMEMGO_MEMBER(alloc_opts, backend);
PMEMGO_MEMBER(alloc_opts, heap);
PMEMGO_MEMBER(alloc_opts, name);
PMEMGO_MEMBER(alloc_opts, firmware);
PMEMGO_MEMBER(alloc_opts, reserved);
PMEMGO_MEMBER(alloc_opts, wait_ms);
PMEMGO_MEMBER(alloc_opts, node);
PMEMGO_MEMBER(alloc_opts, device);
PMEMGO_MEMBER(alloc_opts, reserved2);
PMEMGO_MEMBER(device_opts, size);
PMEMGO_MEMBER(device_opts, flags);
PMEMGO_MEMBER(device_opts, max_addr);
PMEMGO_MEMBER(device_opts, way);
PMEMGO_MEMBER(device_opts, share);
PMEMGO_MEMBER(device_opts, device_fd);
PMEMGO_MEMBER(device_opts, group_fd);
PMEMGO_MEMBER(device_opts, iommu_fd);
PMEMGO_MEMBER(device_opts, reserved);
PMEMGO_MEMBER(extent, offset);
PMEMGO_MEMBER(extent, length);
PMEMGO_MEMBER(extent, phys);
PMEMGO_MEMBER(extent, bus);
PMEMGO_MEMBER(firmware_opts, size);
PMEMGO_MEMBER(firmware_opts, flags);
PMEMGO_MEMBER(firmware_opts, dma_channels);
PMEMGO_MEMBER(firmware_opts, reserved);
PMEMGO_MEMBER(pool_opts, size);
PMEMGO_MEMBER(pool_opts, flags);
PMEMGO_MEMBER(pool_opts, align);
PMEMGO_MEMBER(pool_opts, boundary);
PMEMGO_MEMBER(pool_opts, grow);
PMEMGO_MEMBER(pool_opts, max);
PMEMGO_MEMBER(pool_opts, alloc);
PMEMGO_MEMBER(pool_opts, reserved);
PMEMGO_MEMBER(pool_counts, size);
PMEMGO_MEMBER(pool_counts, regions);
PMEMGO_MEMBER(pool_counts, bytes);
PMEMGO_MEMBER(pool_counts, free_bytes);
PMEMGO_MEMBER(pool_counts, objects);
PMEMGO_MEMBER(pool_counts, object_bytes);
PMEMGO_MEMBER(pool_counts, cached);
PMEMGO_MEMBER(pool_counts, cached_bytes);
PMEMGO_MEMBER(pool_counts, threads);

#endif
