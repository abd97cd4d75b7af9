/* SPDX-License-Identifier: MIT */
#include "api/request.h"

#include <errno.h>

#include "api/device_own.h"
#include "base/bits.h"
#include "base/opts.h"
#include "os/os.h"
#include "soc/master.h"

#define ALLOC_FLAGS                                                                             \
	(PMEM_ALLOC_SCATTERED | PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_MAY_MOVE | PMEM_ALLOC_CACHED | \
		PMEM_ALLOC_UNCACHED | PMEM_ALLOC_DMABUF | PMEM_ALLOC_NO_ZERO | PMEM_ALLOC_NO_MAP | \
		PMEM_ALLOC_NO_MASTER | PMEM_ALLOC_TRY_HARD)
#define FIRMWARE_FLAGS (PMEM_FIRMWARE_MUST_JOURNAL | PMEM_FIRMWARE_NO_RECLAIM)

/* Physical memory is not aligned further than a 1 GiB huge page anywhere. */
#define ALIGN_MAX (1ull << 30)

/* What the options measured in 3.0: 72 bytes, 48 where pointers have 32 bits. */
#define ALLOC_OPTS_SIZE_3_0    (offsetof(struct pmem_alloc_opts, reserved) + sizeof(void *))
#define FIRMWARE_OPTS_SIZE_3_0 (offsetof(struct pmem_firmware_opts, reserved) + sizeof(uint32_t))

static int contradict(const char *these)
{
	return error_set(EINVAL, PMEM_CAUSE_FLAGS, "alloc", NULL, NULL,
		"%s contradict each other", these);
}

static int check_flags(uint32_t flags, uint32_t known)
{
	if (flags & ~known)
		return error_set(EINVAL, PMEM_CAUSE_FLAGS, "alloc", NULL, NULL,
			"unknown flags 0x%x", flags & ~known);
	return 0;
}

static int check_alloc_opts(const struct pmem_alloc_opts *known)
{
	int r = opts_reserved("alloc", !known->reserved && !known->reserved2);

	if (r == 0)
		r = check_flags(known->flags, ALLOC_FLAGS);
	if (r == 0 && (known->flags & PMEM_ALLOC_CACHED) && (known->flags & PMEM_ALLOC_UNCACHED))
		r = contradict("PMEM_ALLOC_CACHED and PMEM_ALLOC_UNCACHED");
	if (r == 0 && (known->flags & PMEM_ALLOC_NO_MASTER) && known->master)
		r = contradict("PMEM_ALLOC_NO_MASTER and the option master");
	if (r == 0 && known->device && (known->master || (known->flags & PMEM_ALLOC_NO_MASTER)))
		r = contradict("the option device, and master or PMEM_ALLOC_NO_MASTER");
	return r < 0 || !known->device ? r : device_check("alloc", known->device);
}

/* Whose addresses count: the device's, if it has a name for lib/soc; nobody's, where an IOMMU gives them. */
static int read_master(struct pmem_ctx *ctx, const struct pmem_alloc_opts *known, bool matters,
	struct soc_master **master)
{
	const struct pmem_device *device = known->device;
	const char *name = known->master;

	if (device && !device->space->ops && device->space->master)
		name = device->master;
	return soc_master_for_memory(ctx, name, matters, master);
}

static int firmware_opts(const struct pmem_firmware_opts *opts, struct pmem_firmware_opts *known)
{
	int r = opts_copy("alloc", opts, FIRMWARE_OPTS_SIZE_3_0, known, sizeof(*known));

	if (r == 0)
		r = opts_reserved("alloc", known->reserved == 0);
	if (r == 0)
		r = check_flags(known->flags, FIRMWARE_FLAGS);
	if (r == 0 && known->flags == FIRMWARE_FLAGS)
		r = contradict("PMEM_FIRMWARE_MUST_JOURNAL and PMEM_FIRMWARE_NO_RECLAIM");
	return r;
}

static int check_size(uint64_t size, struct alloc_request *request)
{
	if (size == 0)
		return error_set(EINVAL, PMEM_CAUSE_ZERO_SIZE, "alloc", NULL, NULL, "the size is 0");
	if (!bits_align_up(size, os->page_size(), &request->length) ||
		request->length > SIZE_MAX / 2)
		return error_set(EOVERFLOW, PMEM_CAUSE_WRAPS, "alloc", NULL, NULL,
			"0x%llx bytes do not fit into this program's address space",
			(unsigned long long)size);
	return 0;
}

/*
 * Does it matter what its user sees? A default does not if no address is asked for: then a driver
 * of the kernel gives the memory to the device, and makes it reachable.
 */
static bool master_matters(const struct pmem_alloc_opts *known)
{
	if (known->device && known->device->space->ops)
		return false;
	return known->master || !(known->flags & (PMEM_ALLOC_NO_MASTER | PMEM_ALLOC_NO_ADDRESS));
}

static int limit(uint64_t size, bool matters, struct alloc_request *request)
{
	const struct soc_master *master = request->master;

	request->limited = matters && master->known && (master->name || master->engine);
	if (request->limited && master->highest < request->max_addr)
		request->max_addr = master->highest;
	if (size - 1 <= request->max_addr)
		return 0;
	return select_explain(request, error_set(ERANGE, PMEM_CAUSE_ADDRESS_LIMIT, "alloc", NULL,
		NULL, "0x%llx bytes cannot lie below 0x%llx", (unsigned long long)size,
		(unsigned long long)request->max_addr));
}

int request_make(struct pmem_ctx *ctx, uint64_t size, const struct pmem_alloc_opts *opts,
	struct alloc_request *request, struct soc_master **master)
{
	struct pmem_firmware_opts firmware;
	struct pmem_alloc_opts known;
	uint64_t page = os->page_size();
	int r = opts_copy("alloc", opts, ALLOC_OPTS_SIZE_3_0, &known, sizeof(known));

	if (r == 0)
		r = check_alloc_opts(&known);
	if (r == 0)
		r = firmware_opts(known.firmware, &firmware);
	if (r < 0)
		return r;
	if (known.align && (!bits_is_power_of_two(known.align) || known.align > ALIGN_MAX))
		return error_set(EINVAL, PMEM_CAUSE_ALIGNMENT, "alloc", NULL, NULL,
			"the alignment 0x%llx is not a power of two up to 0x%llx",
			(unsigned long long)known.align, ALIGN_MAX);
	*request = (struct alloc_request){
		.size = size,
		.align = known.align > page ? known.align : page,
		.max_addr = known.max_addr ? known.max_addr : UINT64_MAX,
		.flags = known.flags,
		.firmware = firmware,
		.backend = known.backend,
		.heap = known.heap,
		.name = known.name ? known.name : "libpmem",
		.wait_ms = known.wait_ms,
		.node = known.node,
		.device = known.device,
	};
	r = check_size(size, request);
	if (r == 0)
		r = read_master(ctx, &known, master_matters(&known), master);
	if (r < 0)
		return r;
	request->master = *master;
	r = limit(size, master_matters(&known), request);
	if (r < 0)
		soc_master_free(*master);
	return r;
}
