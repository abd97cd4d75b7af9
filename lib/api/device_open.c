/* SPDX-License-Identifier: MIT */
/* Devices: their birth, their death, and what they are. */
#include "api/call.h"
#include "api/device_own.h"

#include <errno.h>
#include <stdlib.h>

#include "api/context.h"
#include "base/opts.h"
#include "device/group.h"
#include "device/irq.h"
#include "os/self.h"

#define DEVICE_OPTS_SIZE_3_1 (offsetof(struct pmem_device_opts, reserved) + sizeof(uint32_t))

int device_check(const char *operation, const struct pmem_device *device)
{
	if (!device)
		return error_null(operation, "device");
	if (device->process != self_process())
		return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, operation, NULL,
			"the child opens a device of its own", "the device is another process's");
	return 0;
}

static int check_opts(const struct pmem_device_opts *known)
{
	int r = opts_reserved("device open", known->reserved == 0);

	if (r == 0 && (known->flags & ~PMEM_DEVICE_MAY_BE_UNSAFE))
		r = error_set(EINVAL, PMEM_CAUSE_FLAGS, "device open", NULL, NULL, "unknown flags 0x%x",
			known->flags & ~PMEM_DEVICE_MAY_BE_UNSAFE);
	if (r == 0 && known->share)
		r = device_check("device open", known->share);
	if (r == 0 && (known->device_fd < 0 || known->group_fd < 0 || known->iommu_fd < 0))
		r = error_set(EINVAL, PMEM_CAUSE_OPTIONS, "device open", NULL, "0 is none",
			"a descriptor is negative");
	if (r == 0 && known->share && known->iommu_fd)
		r = error_set(EINVAL, PMEM_CAUSE_OPTIONS, "device open", NULL, NULL,
			"share and iommu_fd contradict each other: both name the address space");
	return r;
}

static void device_free(struct pmem_device *device)
{
	context_unref(device->ctx);
	free(device);
}

static struct pmem_device *device_new(const struct device_request *request)
{
	struct pmem_device *device = calloc(1, sizeof(*device));

	if (!device) {
		error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "device open", NULL, NULL,
			"no memory for a device");
		return NULL;
	}
	device->ctx = context_ref(request->ctx);
	device->process = self_process();
	device->name = request->name;
	device->max_addr = request->opts->max_addr ? request->opts->max_addr : UINT64_MAX;
	device->fd = device->config_fd = -1;
	return device;
}

static int try_device_open(struct pmem_ctx *ctx, const char *name, const struct pmem_device_opts *opts,
	struct pmem_device **out)
{
	struct device_request request = { .ctx = ctx };
	struct pmem_device_opts known;
	struct pmem_device *device;
	int r;

	if (!ctx || !name || !out)
		return error_null("device open", !ctx ? "ctx" : !name ? "name" : "out");
	r = opts_copy("device open", opts, DEVICE_OPTS_SIZE_3_1, &known, sizeof(known));
	if (r == 0)
		r = check_opts(&known);
	request.opts = &known;
	if (r == 0)
		r = name_find(ctx, name, &request.name);
	if (r < 0)
		return r;
	device = device_new(&request);
	if (!device)
		return -ENOMEM;
	r = ways_open(&request, device);
	if (r < 0) {
		device_free(device);
		return r;
	}
	log_write(&ctx->log, PMEM_LEVEL_INFO, "%s: opened by %s", device->name.name, device->way->name);
	*out = device;
	return 0;
}

int pmem_device_open(struct pmem_ctx *ctx, const char *name, const struct pmem_device_opts *opts,
	struct pmem_device **out)
{
	CALL(ctx, try_device_open(ctx, name, opts, out));
}

/* What a child has of its parent's device: memory. */
static void forget(struct pmem_device *device)
{
	irq_end(device, true);
	if (device->group)
		group_forget(device->group);
	else
		space_forget(device->space);
}

static int device_close(struct pmem_device *device)
{
	int r = 0;

	if (!device)
		return 0;
	if (device->process == self_process()) {
		r = device->way->close(device);
		irq_end(device, false);
	} else {
		forget(device);
	}
	device_free(device);
	return r;
}

int pmem_device_close(struct pmem_device *device)
{
	/* It is told of a failure, so it must not go with its last device. */
	struct pmem_ctx *ctx = context_ref(device_context(device));
	struct call call = call_begin();
	int r = call_end(call, ctx, device_close(device));

	context_unref(ctx);
	return r;
}

const char *pmem_device_name(const struct pmem_device *device)
{
	return device ? device->name.name : "";
}

const char *pmem_device_way(const struct pmem_device *device)
{
	return device ? device->way->name : "";
}

uint32_t pmem_device_attrs(const struct pmem_device *device)
{
	return device ? device->attrs : 0;
}

uint32_t pmem_device_map_count(const struct pmem_device *device)
{
	return device ? device->maps : 0;
}
