/* SPDX-License-Identifier: MIT */
/*
 * Buffers of the module u-dma-buf as memory: by name (opts.heap), or the smallest that is free and
 * large enough. They outlive the process and several programs may open one, so a lock on its node says
 * that it is a region's; it goes with the last descriptor, also after kill -9. Who uses a buffer without
 * this library takes no lock: he is not seen.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "backend/backend.h"
#include "backend/device.h"
#include "base/bits.h"
#include "base/io.h"
#include "dmabuf/kmod_buffer.h"
#include "dmabuf/kmod_plan.h"
#include "dmabuf/kmod_sync.h"
#include "dmabuf/source.h"
#include "os/file.h"
#include "os/inherit.h"
#include "os/os.h"

/* u_dma_buf_ioctl_export_args of u-dma-buf-ioctl.h, version 4.8 of the module (ioctl_version 2) */
struct kmod_export {
	uint64_t flags; /* O_* of the new descriptor */
	uint64_t size;
	uint64_t offset;
	uint64_t addr;
	int32_t fd;
	int32_t reserved;
};
_Static_assert(sizeof(struct kmod_export) == 40, "as the module has it, also for 32-bit programs");

#define IOCTL_EXPORT   _IOWR('U', 10, struct kmod_export)
#define VERSION_EXPORT 2

static int open_node(struct pmem_ctx *ctx, const struct kmod_buffer *buffer, int flags)
{
	const struct access_device device = {
		.path = buffer->path,
		.capability = -1,
		.absent = "the module has the buffer, but /dev has no node of it: a container needs --device",
		.mode = "a udev rule gives it to a group: docs/udmabuf.md",
	};
	struct os_stat st;
	int fd = access_open(ctx, &device, O_RDWR | flags), r;

	if (fd < 0)
		return fd;
	r = os->fstat(fd, &st);
	if (r == 0 && st.rdev == buffer->rdev)
		return fd;
	r = r < 0 ? error_set(-r, PMEM_CAUSE_SYSTEM, "fstat", buffer->path, NULL,
			"the system call failed") :
		error_set(ENODEV, PMEM_CAUSE_WRONG_KIND, "open", buffer->path, NULL,
			"it is another device than the buffer of that name (the kernel's own /dev/udmabuf, "
			"perhaps)");
	os->close(fd);
	return r;
}

static int kmod_probe(struct pmem_ctx *ctx)
{
	struct kmod_buffer *buffers;
	size_t count;
	int r = kmod_list(ctx, &buffers, &count);

	if (r < 0)
		return r;
	r = error_set(ENOENT, PMEM_CAUSE_NO_DEVICE, "probe", "/sys/class/u-dma-buf",
		"docs/udmabuf.md tells how to set one up", "the module u-dma-buf has no buffer");
	for (size_t i = 0; i < count && r < 0; i++)
		r = open_node(ctx, &buffers[i], 0);
	if (r >= 0)
		os->close(r);
	free(buffers);
	return r < 0 ? r : 0;
}

/* --- taking it ------------------------------------------------------------------------------ */

static int undo(struct pmem_region *region);

/* The node for itself: a child would keep the lock for as long as it lives, also when this process has been killed. */
static int hold(struct pmem_ctx *ctx, struct kmod_held *held, int flags)
{
	int r = open_node(ctx, &held->buffer, flags);

	if (r < 0)
		return r;
	r = held->node = inherit_never(r);
	return r >= 0 ? r : error_set(-r, r == -ENOMEM ? PMEM_CAUSE_NO_MEMORY : PMEM_CAUSE_SYSTEM, "open",
		held->buffer.path, NULL, "it cannot be noted that no child may have the buffer");
}

static int lock(const struct kmod_held *held)
{
	const struct kmod_buffer *buffer = &held->buffer;
	int64_t size;
	int r = os->flock(held->node, LOCK_EX | LOCK_NB);

	if (r == -EWOULDBLOCK)
		return error_set(EBUSY, PMEM_CAUSE_BUSY, "flock", buffer->path,
			"close the region that has it, or name another buffer",
			"the buffer is a region already, of this program or of another one");
	if (r < 0)
		return error_set(-r, PMEM_CAUSE_SYSTEM, "flock", buffer->path, NULL,
			"the buffer cannot be locked");
	size = os->lseek(held->node, 0, SEEK_END);
	if (size < 0)
		return error_set((int)-size, PMEM_CAUSE_SYSTEM, "lseek", buffer->path, NULL,
			"the buffer does not tell its size");
	if ((uint64_t)size == buffer->size)
		return 0;
	return error_set(EBUSY, PMEM_CAUSE_BUSY, "lseek", buffer->path, "try again",
		"the buffer was set up anew meanwhile");
}

/* Where in the buffer it fits. */
static int place(struct pmem_ctx *ctx, const struct alloc_request *request, struct kmod_held *held,
	uint64_t *phys)
{
	const struct kmod_buffer *buffer = &held->buffer;
	uint64_t base = 0, at;
	int r = kmod_place(ctx, buffer, &base);

	if (r < 0)
		return r;
	if (!bits_align_up(base, request->align, &at) ||
		!bits_inside(at - base, request->size, buffer->size))
		return error_set(ENOMEM, PMEM_CAUSE_ALIGNMENT, "alloc", buffer->path, NULL,
			"no %" PRIu64 " bytes of it, which is at 0x%" PRIx64 ", are aligned to 0x%" PRIx64,
			request->size, base, request->align);
	held->offset = at - base;
	*phys = at;
	return 0;
}

static void fill_with_zeros(const struct pmem_region *region, const struct kmod_plan *plan)
{
	if (plan->kind == KMOD_NONCACHED)
		io_fill(region->map_base, 0, region->map_length); /* a store of any other width may fault */
	else
		memset(region->map_base, 0, region->map_length);
}

/* What a user of before left in the cache must not be written back over what is stored past it. */
static void clean_before(struct pmem_ctx *ctx, const struct alloc_request *request,
	struct pmem_region *region)
{
	struct kmod_held *held = region->priv;

	if (kmod_sync_open(ctx, held, held->buffer.coherent != 1) == 0 && held->way != KMOD_CPU)
		kmod_sync(region, 0, request->size, PMEM_DIR_BOTH, false);
	kmod_sync_close(held);
	held->way = KMOD_NOTHING;
}

static int map(struct pmem_ctx *ctx, const struct alloc_request *request, const struct kmod_plan *plan,
	struct pmem_region *region)
{
	const uint32_t no_access = PMEM_ALLOC_NO_MAP | PMEM_ALLOC_NO_ZERO;
	struct kmod_held *held = region->priv;
	int r = 0;

	if (plan->kind != KMOD_CACHED)
		clean_before(ctx, request, region);
	region->attrs = PMEM_REGION_PINNED | PMEM_REGION_CONTIGUOUS |
		(plan->kind == KMOD_CACHED ? PMEM_REGION_CACHED : 0) |
		(plan->kind == KMOD_NONCACHED ? PMEM_REGION_DEVICE : 0) |
		(plan->sync && plan->kind == KMOD_CACHED ? PMEM_REGION_NEEDS_SYNC : PMEM_REGION_COHERENT);
	if ((request->flags & no_access) != no_access) {
		r = region_mmap_memory(region, held->node, held->offset, request->length,
			PROT_READ | PROT_WRITE, held->buffer.path);
		if (r == 0 && !(request->flags & PMEM_ALLOC_NO_ZERO))
			fill_with_zeros(region, plan);
		if (r == 0 && (region->attrs & PMEM_REGION_NEEDS_SYNC))
			r = kmod_sync(region, 0, request->size, PMEM_DIR_BOTH, false);
	}
	if (r == 0 && (request->flags & PMEM_ALLOC_NO_MAP)) {
		if (region->map_base)
			os->munmap(region->map_base, region->map_length);
		region->map_base = region->data = NULL;
		region->attrs |= PMEM_REGION_UNMAPPED;
	}
	region->size = request->size;
	return r;
}

static int export(const struct alloc_request *request, const struct kmod_plan *plan,
	struct pmem_region *region)
{
	const struct kmod_held *held = region->priv;
	struct kmod_export args = {
		.flags = O_RDWR | O_CLOEXEC | (plan->o_sync ? O_SYNC : 0),
		.size = request->length,
		.offset = held->offset,
		.fd = -1,
	};
	int r = -ENOTTY;

	if (!bits_inside(held->offset, request->length, held->buffer.size))
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "alloc", held->buffer.path,
			"ask for less, or set the buffer up with a size of whole pages",
			"a dma-buf has whole pages, and the buffer %" PRIu64 " bytes", held->buffer.size);
	if (held->buffer.ioctls >= VERSION_EXPORT)
		r = os->ioctl(held->node, IOCTL_EXPORT, &args);
	if (r == -ENOTTY)
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "alloc", held->buffer.path,
			"version 4.8 of the module can, built with CONFIG_DMA_SHARED_BUFFER",
			"this version of the module makes no dma-buf of its buffers");
	if (r >= 0)
		r = file_keep(args.fd);
	if (r < 0)
		return error_set(-r, PMEM_CAUSE_SYSTEM, "ioctl EXPORT", held->buffer.path, NULL,
			"the module could not make a dma-buf of 0x%" PRIx64 " bytes", request->length);
	region->fd = r;
	region->attrs |= PMEM_REGION_DMABUF;
	return 0;
}

static int take(struct pmem_ctx *ctx, const struct kmod_buffer *buffer,
	const struct alloc_request *request, struct pmem_region *region)
{
	struct kmod_held *held = calloc(1, sizeof(*held));
	struct kmod_plan plan;
	uint64_t phys = 0;
	int r;

	if (!held)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "alloc", buffer->path, NULL,
			"no memory to keep what a region is");
	*held = (struct kmod_held){ .buffer = *buffer, .node = -1, .files = { -1, -1 } };
	region->priv = held;
	r = kmod_plan(ctx, request, region, held, &plan);
	if (r == 0)
		r = hold(ctx, held, plan.o_sync ? O_SYNC : 0);
	if (r >= 0)
		r = lock(held);
	if (r == 0)
		r = place(ctx, request, held, &phys);
	if (r == 0)
		r = map(ctx, request, &plan, region);
	if (r == 0 && (request->flags & PMEM_ALLOC_DMABUF))
		r = export(request, &plan, region);
	if (r < 0)
		return undo(region);
	region_set_phys(region, phys);
	log_write(&ctx->log, PMEM_LEVEL_DEBUG, "u-dma-buf %s, mapped in way %d, synced by way %d",
		buffer->name, (int)plan.kind, (int)held->way);
	return 0;
}

/* --- choosing ------------------------------------------------------------------------------- */

static int try_buffer(struct pmem_ctx *ctx, const struct kmod_buffer *buffer,
	const struct alloc_request *request, struct pmem_region *region, bool *asked)
{
	int r;

	*asked = request->size <= buffer->size;
	if (!*asked)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "alloc", buffer->path,
			"its size is set where it is set up: docs/udmabuf.md",
			"the buffer has %" PRIu64 " bytes, not %" PRIu64, buffer->size, request->size);
	r = take(ctx, buffer, request, region);
	if (r == 0 && select_check(request, region) < 0) {
		source_name(buffer->path);
		return undo(region);
	}
	return r;
}

static int no_such_buffer(const struct alloc_request *request, const struct kmod_buffer *buffers,
	size_t count)
{
	char names[256] = "";
	size_t used = 0;

	if (!request->heap)
		return error_set(ENOENT, PMEM_CAUSE_NO_DEVICE, "alloc", "/sys/class/u-dma-buf",
			"docs/udmabuf.md tells how to set one up", "the module u-dma-buf has no buffer");
	for (size_t i = 0; i < count && used < sizeof(names); i++)
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", i ? ", " : "",
			buffers[i].name);
	return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, "alloc", "/sys/class/u-dma-buf",
		"physmem heaps lists them", "there is no buffer called %s; there are: %s", request->heap,
		names[0] ? names : "none");
}

static int try_buffers(struct pmem_ctx *ctx, const struct kmod_buffer *buffers, size_t count,
	const struct alloc_request *request, struct pmem_region *region)
{
	struct source_refusals all = { .backend = backend_udmabuf_kmod.name };
	bool asked;

	for (size_t i = 0; i < count; i++) {
		if (request->heap && strcmp(request->heap, buffers[i].name) != 0)
			continue;
		if (try_buffer(ctx, &buffers[i], request, region, &asked) == 0) {
			source_gave(&all);
			return 0;
		}
		source_refused(&all, asked);
	}
	return all.count ? source_none_gave(&all) : no_such_buffer(request, buffers, count);
}

static int kmod_alloc(struct pmem_ctx *ctx, const struct alloc_request *request,
	struct pmem_region *region)
{
	bool named = request->heap || request->backend || ctx->backend;
	struct kmod_buffer *buffers;
	size_t count;
	int r;

	r = kmod_list(ctx, &buffers, &count);
	if (r < 0)
		return r;
	if (!named && (request->flags & PMEM_ALLOC_SCATTERED))
		r = error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "alloc", "/sys/class/u-dma-buf",
			"opts.heap names a buffer", "its buffers are for requests that need one piece");
	else
		r = try_buffers(ctx, buffers, count, request, region);
	free(buffers);
	return r;
}

/* --- giving it back ------------------------------------------------------------------------- */

/* A child that was forked in the moment of opening has the descriptor, too: so the lock is let go by name. */
static int kmod_close(struct pmem_region *region)
{
	struct kmod_held *held = region->priv;
	int first = region_unmap(region), r = 0;

	kmod_sync_close(held);
	if (held->node >= 0) {
		if (inherit_holds(held->node))
			os->flock(held->node, LOCK_UN);
		r = inherit_close(held->node);
	}
	if (r < 0 && first == 0)
		first = error_set(-r, PMEM_CAUSE_SYSTEM, "close", held->buffer.path, NULL,
			"closing the buffer failed");
	free(held);
	region->priv = NULL;
	return first;
}

static int undo(struct pmem_region *region)
{
	struct pmem_error first;

	error_save(&first);
	kmod_close(region);
	region_reset(region, region->ops);
	return error_restore(&first);
}

static int kmod_forget(struct pmem_region *region)
{
	free(region->priv);
	return 0;
}

const struct pmem_backend_ops backend_udmabuf_kmod = {
	.name = "udmabuf-kmod",
	.caps = PMEM_BACKEND_ALLOC | PMEM_BACKEND_EXPORT | PMEM_BACKEND_PHYS | PMEM_BACKEND_PINNED |
		PMEM_BACKEND_CONTIGUOUS | PMEM_BACKEND_SYNC,
	.probe = kmod_probe,
	.alloc = kmod_alloc,
	.close = kmod_close,
	.forget = kmod_forget,
	.sync = kmod_sync,
};
