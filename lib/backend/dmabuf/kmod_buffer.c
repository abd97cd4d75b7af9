/* SPDX-License-Identifier: MIT */
#include "dmabuf/kmod_buffer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include <bsd/string.h>

#include "base/error.h"
#include "os/file.h"
#include "os/os.h"
#include "soc/iommu.h"
#include "soc/soc.h"

/* Since version 2 it is not called as the kernel's own module any more. */
static const char *const classes[] = { "/sys/class/u-dma-buf", "/sys/class/udmabuf" };

static int read_number(const struct pmem_ctx *ctx, const struct kmod_buffer *buffer,
	const char *file, uint64_t *value)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", buffer->folder, file);
	return file_read_u64(ctx->root, path, value);
}

static int read_device(const struct pmem_ctx *ctx, struct kmod_buffer *buffer)
{
	char path[PATH_MAX], *text;
	unsigned major_number, minor_number;
	size_t size;
	int r;

	snprintf(path, sizeof(path), "%s/dev", buffer->folder);
	r = file_read(ctx->root, path, 64, &text, &size);
	if (r < 0)
		return r;
	r = sscanf(text, "%u:%u", &major_number, &minor_number) == 2 ? 0 : -EINVAL;
	free(text);
	if (r == 0)
		buffer->rdev = makedev(major_number, minor_number);
	return r;
}

/* The files of udmabuf_device_attrs[] in u-dma-buf.c. */
static int read_facts(const struct pmem_ctx *ctx, struct kmod_buffer *buffer)
{
	uint64_t value;
	int r = read_number(ctx, buffer, "size", &buffer->size);

	if (r == 0)
		r = read_number(ctx, buffer, "sync_mode", &value);
	if (r < 0)
		return r;
	buffer->sync_mode = (uint32_t)value;
	r = read_number(ctx, buffer, "dma_coherent", &value);
	if (r < 0 && r != -ENOENT)
		return r;
	buffer->coherent = r < 0 ? -1 : value != 0;
	r = read_number(ctx, buffer, "ioctl_version", &value);
	if (r < 0 && r != -ENOENT)
		return r;
	buffer->ioctls = r < 0 ? 0 : (unsigned)value;
	return read_device(ctx, buffer);
}

struct listing {
	const struct pmem_ctx *ctx;
	const char *class;
	struct kmod_buffer *buffers;
	size_t count;
};

static int add(void *user, const char *name)
{
	struct listing *l = user;
	struct kmod_buffer *more = reallocarray(l->buffers, l->count + 1, sizeof(*more)), *buffer;
	int r;

	if (!more)
		return -ENOMEM;
	l->buffers = more;
	buffer = &more[l->count];
	*buffer = (struct kmod_buffer){ .size = 0 };
	if (strlcpy(buffer->name, name, sizeof(buffer->name)) >= sizeof(buffer->name))
		return 0;
	snprintf(buffer->folder, sizeof(buffer->folder), "%s/%s", l->class, buffer->name);
	snprintf(buffer->path, sizeof(buffer->path), "/dev/%s", buffer->name);
	r = read_facts(l->ctx, buffer);
	if (r == -ENOENT || r == -ENOTDIR || r == -EINVAL)
		return 0; /* it went meanwhile, or is no buffer */
	l->count += r == 0;
	return r;
}

static int compare(const void *a, const void *b)
{
	const struct kmod_buffer *x = a, *y = b;

	if (x->size != y->size)
		return x->size < y->size ? -1 : 1;
	return strcmp(x->name, y->name);
}

int kmod_list(struct pmem_ctx *ctx, struct kmod_buffer **buffers, size_t *count)
{
	struct listing l = { .ctx = ctx };
	char path[PATH_MAX];
	bool found = false;

	for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
		int r = file_path(path, ctx->root, classes[i]);

		l.class = classes[i];
		if (r == 0)
			r = os->list(path, add, &l);
		found |= r == 0;
		if (r < 0 && r != -ENOENT && r != -ENOTDIR) {
			free(l.buffers);
			return error_set(-r, r == -EACCES ? PMEM_CAUSE_FILE_MODE :
				r == -ENOMEM ? PMEM_CAUSE_NO_MEMORY : PMEM_CAUSE_SYSTEM, "list",
				classes[i], NULL, "the buffers cannot be listed");
		}
	}
	if (!found)
		return error_set(ENOENT, PMEM_CAUSE_NO_DEVICE, "list", classes[0],
			"docs/udmabuf.md tells how to set up the module",
			"there is no module u-dma-buf");
	if (l.count)
		qsort(l.buffers, l.count, sizeof(*l.buffers), compare);
	*buffers = l.buffers;
	*count = l.count;
	return 0;
}

int kmod_place(struct pmem_ctx *ctx, const struct kmod_buffer *buffer, uint64_t *phys)
{
	char device[sizeof(buffer->folder) + sizeof("/device")];
	uint64_t address;
	int r = read_number(ctx, buffer, "phys_addr", &address);

	if (r < 0)
		return error_set(-r, PMEM_CAUSE_SYSTEM, "read", buffer->folder, NULL,
			"its file phys_addr cannot be read");
	snprintf(device, sizeof(device), "%s/device", buffer->folder);
	r = soc_device_to_phys(ctx, device, address, buffer->size, phys);
	if (r != -ENXIO || iommu_of_device(ctx->root, device) != 1)
		return r;
	return error_set(ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN, "alloc", device,
		"memory for a device behind an IOMMU: pmem_device_open() (docs/devices.md); or set the "
		"buffer up without binding it to that device",
		"the DMA device of %s is behind an IOMMU that translates: 0x%" PRIx64 " is no physical "
		"address, and to map it is a BUG in the module's version 5.5.0", buffer->name,
		address);
}
