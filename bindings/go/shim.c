/* SPDX-License-Identifier: MIT */
#include "shim.h"

#include <errno.h>

#include "_cgo_export.h"
#include "shim_result.h"

struct pmemgo pmemgo_ctx_new(void)
{
	struct pmem_ctx *made = NULL;
	int r = pmem_ctx_new(&made);

	return object(r, made);
}

static void log_message(void *user, uint32_t level, const char *message)
{
	pmemgoLog((uintptr_t)user, level, (char *)message);
}

struct pmemgo pmemgo_ctx_set_log(struct pmem_ctx *ctx, uintptr_t id)
{
	return done(pmem_ctx_set_log(ctx, id ? log_message : NULL, (void *)id));
}

struct pmemgo pmemgo_ctx_error(struct pmem_ctx *ctx)
{
	struct pmem_error *err = NULL;
	int r = pmem_ctx_error(ctx, &err);

	return object(r, err);
}

struct pmemgo pmemgo_constant_value(const char *name)
{
	uint64_t value = 0;
	int r = pmem_constant_value(name, &value);

	return numbers(r, value, 0);
}

struct pmemgo pmemgo_constant_at(size_t i)
{
	struct pmemgo got = {.result = 0};

	got.object = (void *)pmem_constant_at(i, &got.a);
	return got;
}

struct pmemgo pmemgo_backend_status(struct pmem_ctx *ctx, size_t i)
{
	struct pmem_error *why = NULL;
	int r = pmem_backend_status(ctx, i, &why);

	return object(r, why);
}

struct pmemgo pmemgo_heap_count(struct pmem_ctx *ctx)
{
	size_t count = 0;
	int r = pmem_heap_count(ctx, &count);

	return numbers(r, count, 0);
}

struct pmemgo pmemgo_heap_way(struct pmem_ctx *ctx, size_t i)
{
	uint32_t way = 0;
	int r = pmem_heap_way(ctx, i, &way);

	return numbers(r, way, 0);
}

struct pmemgo pmemgo_dmabuf_cpu_begin(struct pmem_ctx *ctx, int fd, uint32_t direction)
{
	return done(pmem_dmabuf_cpu_begin(ctx, fd, direction));
}

struct pmemgo pmemgo_dmabuf_cpu_end(struct pmem_ctx *ctx, int fd, uint32_t direction)
{
	return done(pmem_dmabuf_cpu_end(ctx, fd, direction));
}

struct pmemgo pmemgo_firmware_get(struct pmem_ctx *ctx, uint32_t what)
{
	uint64_t value = 0;
	int r = pmem_firmware_get(ctx, what, &value);

	return numbers(r, value, 0);
}

struct pmemgo pmemgo_firmware_reclaim(struct pmem_ctx *ctx, uint32_t flags)
{
	size_t count = 0;
	uint64_t bytes = 0;
	int r = pmem_firmware_reclaim(ctx, flags, &count, &bytes);

	return numbers(r, count, bytes);
}

struct pmemgo pmemgo_soc_family(struct pmem_ctx *ctx)
{
	errno = 0;
	return pointer(pmem_soc_family(ctx));
}

struct pmemgo pmemgo_soc_vendor(struct pmem_ctx *ctx)
{
	errno = 0;
	return pointer(pmem_soc_vendor(ctx));
}

struct pmemgo pmemgo_soc_model(struct pmem_ctx *ctx)
{
	errno = 0;
	return pointer(pmem_soc_model(ctx));
}

struct pmemgo pmemgo_soc_compatible(struct pmem_ctx *ctx, size_t i)
{
	errno = 0;
	return pointer(pmem_soc_compatible(ctx, i));
}

struct pmemgo pmemgo_soc_node(struct pmem_ctx *ctx, const char *node, uint32_t index)
{
	uint64_t phys = 0, size = 0;
	int r = pmem_soc_node(ctx, node, index, &phys, &size);

	return numbers(r, phys, size);
}

struct pmemgo pmemgo_soc_gpio(struct pmem_ctx *ctx)
{
	uint64_t phys = 0, size = 0;
	int r = pmem_soc_gpio(ctx, &phys, &size);

	return numbers(r, phys, size);
}

struct pmemgo pmemgo_soc_node_path(
	struct pmem_ctx *ctx, const char *node, uint32_t nth, char *path, size_t size)
{
	return done(pmem_soc_node_path(ctx, node, nth, path, size));
}

struct pmemgo pmemgo_soc_node_available(struct pmem_ctx *ctx, const char *node)
{
	return done(pmem_soc_node_available(ctx, node));
}

struct pmemgo pmemgo_soc_bus_to_phys(struct pmem_ctx *ctx, const char *master, uint64_t in)
{
	uint64_t out = 0;
	int r = pmem_soc_bus_to_phys(ctx, master, in, &out);

	return numbers(r, out, 0);
}

struct pmemgo pmemgo_soc_phys_to_bus(struct pmem_ctx *ctx, const char *master, uint64_t in)
{
	uint64_t out = 0;
	int r = pmem_soc_phys_to_bus(ctx, master, in, &out);

	return numbers(r, out, 0);
}

struct pmemgo pmemgo_soc_coherent(struct pmem_ctx *ctx, const char *master)
{
	return done(pmem_soc_coherent(ctx, master));
}

struct pmemgo pmemgo_soc_reserved_count(struct pmem_ctx *ctx)
{
	size_t count = 0;
	int r = pmem_soc_reserved_count(ctx, &count);

	return numbers(r, count, 0);
}

struct pmemgo pmemgo_soc_reserved(struct pmem_ctx *ctx, size_t i)
{
	uint64_t phys = 0, size = 0;
	uint32_t flags = 0;
	int r = pmem_soc_reserved(ctx, i, &phys, &size, &flags);

	return numbers(r < 0 ? r : (int)flags, phys, size);
}

struct pmemgo pmemgo_soc_node_reserved(
	struct pmem_ctx *ctx, const char *node, uint32_t index, const char *name)
{
	size_t i = 0;
	int r = pmem_soc_node_reserved(ctx, node, index, name, &i);

	return numbers(r, i, 0);
}

struct pmemgo pmemgo_vaddr_pagemap(struct pmem_ctx *ctx, uintptr_t addr)
{
	uint64_t entry = 0;
	int r = pmem_vaddr_pagemap(ctx, (const void *)addr, &entry);

	return numbers(r, entry, 0);
}

struct pmemgo pmemgo_vaddr_phys(struct pmem_ctx *ctx, uintptr_t addr)
{
	uint64_t phys = 0;
	int r = pmem_vaddr_phys(ctx, (const void *)addr, &phys);

	return numbers(r, phys, 0);
}

struct pmemgo pmemgo_vaddr_phys_bulk(
	struct pmem_ctx *ctx, uintptr_t addr, size_t pages, uint64_t *phys)
{
	return done(pmem_vaddr_phys_bulk(ctx, (const void *)addr, pages, phys));
}

struct pmemgo pmemgo_vaddr_phys_list(
	struct pmem_ctx *ctx, const uint64_t *addrs, size_t count, uint64_t *phys)
{
	return done(pmem_vaddr_phys_list(ctx, addrs, count, phys));
}

struct pmemgo pmemgo_vaddr_extents(struct pmem_ctx *ctx, uintptr_t addr, uint64_t length,
	struct pmem_extent *extents, size_t capacity)
{
	size_t count = 0;
	int r = pmem_vaddr_extents(ctx, (const void *)addr, length, extents, capacity, &count);

	return numbers(r, count, 0);
}
