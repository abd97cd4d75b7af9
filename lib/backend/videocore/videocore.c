/* SPDX-License-Identifier: MIT */
/*
 * Memory of the VideoCore, by property messages to the firmware of a Raspberry Pi 0 to 4. It is
 * contiguous, outside what Linux manages, and known by its bus address. It belongs to no process,
 * so every piece is journalled: see journal.h and docs/videocore.md.
 */
#include <errno.h>
#include <stdlib.h>

#include "backend/backend.h"
#include "os/os.h"
#include "soc/soc.h"
#include "videocore/dma_channels.h"
#include "videocore/mailbox.h"
#include "videocore/reclaim.h"
#include "videocore/session.h"

/*
 * The two top bits of a bus address choose how the VideoCore's caches are passed; the low 30 are
 * the address in the first 1 GiB of memory, which is what the CPU sees, too: section 1.2.3 of
 * BCM2835 ARM Peripherals, and mailbox users such as hello_fft and pigpio.
 */
#define BUS_ADDRESS_MASK 0x3fffffffu
#define BUS_ADDRESS_END  0x40000000u

struct videocore {
	struct session *session;
	struct fwmem_record *record; /* in the journal, or &own */
	struct fwmem_record own;
};

static int supported(struct pmem_ctx *ctx, const char *operation)
{
	const struct soc_family *family;
	int r = soc_look(ctx, operation);

	if (r < 0)
		return r;
	family = soc_family(ctx);
	if (family->videocore != SOC_VIDEOCORE_NONE)
		return 0;
	return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, operation, MAILBOX_PATH,
		"the backend dmaheap gives contiguous memory on newer boards",
		"the SoC %s has no firmware that gives memory: only BCM2835 to BCM2711 do",
		family->name);
}

/* A question that every firmware answers: a mailbox that nobody serves is of no use. */
static int videocore_probe(struct pmem_ctx *ctx)
{
	struct session *session;
	uint32_t revision;
	int r = supported(ctx, "probe");

	if (r == 0)
		r = session_get(ctx, &session);
	if (r < 0)
		return r;
	r = mailbox_ask(session_fd(session), PROPERTY_FIRMWARE_REVISION, NULL, 0, &revision, 1);
	r = session_put_after(session, r);
	return r < 0 ? r : backend_devmem.probe(ctx);
}

static int check_request(struct pmem_ctx *ctx, const struct alloc_request *request)
{
	if (request->flags & PMEM_ALLOC_CACHED)
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "alloc", MAILBOX_PATH, NULL,
			"the CPU does not cache firmware memory");
	if (request->flags & PMEM_ALLOC_DMABUF)
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "alloc", MAILBOX_PATH,
			"the backends vcsm and dmaheap give dma-bufs",
			"firmware memory has no file descriptor");
	if (request->heap)
		return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, "alloc", MAILBOX_PATH, NULL,
			"the firmware has no heap called %s", request->heap);
	if (request->length > BUS_ADDRESS_END || request->align > BUS_ADDRESS_END)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "alloc", MAILBOX_PATH, NULL,
			"0x%llx bytes are more than the firmware can address",
			(unsigned long long)request->length);
	return channels_check(ctx, request->firmware.dma_channels);
}

/* What the firmware is asked for, by SoC and by the caller's wish about the content. */
static uint32_t firmware_flags(struct pmem_ctx *ctx, const struct alloc_request *request)
{
	uint32_t alias = soc_family(ctx)->videocore == SOC_VIDEOCORE_L1_NONALLOC ?
		PROPERTY_FLAG_L1_NONALLOC :
		PROPERTY_FLAG_DIRECT;

	return alias | (request->flags & PMEM_ALLOC_NO_ZERO ? PROPERTY_FLAG_NO_INIT :
							       PROPERTY_FLAG_ZERO);
}

/* A record for the memory: journalled if that can be, else if the caller accepts it, our own. */
static int take_record(struct pmem_ctx *ctx, const struct alloc_request *request,
	struct videocore *vc)
{
	uint32_t flags = request->firmware.flags & PMEM_FIRMWARE_NO_RECLAIM ? FWMEM_NO_RECLAIM : 0;
	int r = session_record(vc->session, ctx, (uint32_t)request->length, flags,
		request->firmware.dma_channels, &vc->record);

	if (r == 0 || (request->firmware.flags & PMEM_FIRMWARE_MUST_JOURNAL))
		return r;
	if (!flags)
		log_write(&ctx->log, PMEM_LEVEL_WARNING,
			"firmware memory will be lost if this process is killed: %s",
			error_last()->text);
	fwmem_take(&vc->own, 0, (uint32_t)request->length, flags, request->firmware.dma_channels);
	vc->record = &vc->own;
	return 0;
}

/* The firmware's split of the memory, for an error message. */
static int explain_exhausted(int fd, const struct alloc_request *request)
{
	uint32_t vc[2], arm[2];
	struct pmem_error first;

	error_save(&first);
	if (mailbox_ask(fd, PROPERTY_VC_MEMORY, NULL, 0, vc, 2) < 0 ||
		mailbox_ask(fd, PROPERTY_ARM_MEMORY, NULL, 0, arm, 2) < 0)
		return error_restore(&first);
	return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "allocate memory", MAILBOX_PATH,
		"raise gpu_mem in config.txt and reboot; physmem gc gives back what dead programs "
		"left",
		"the firmware has no %llu contiguous bytes (alignment %llu) left in its %u MiB; "
		"the CPU has %u MiB",
		(unsigned long long)request->length, (unsigned long long)request->align,
		vc[1] >> 20, arm[1] >> 20);
}

/* Allocate; with the dead's memory given back once more if there is none. */
static int allocate(struct pmem_ctx *ctx, const struct alloc_request *request,
	struct videocore *vc)
{
	int fd = session_fd(vc->session);
	uint32_t flags = firmware_flags(ctx, request);
	int r = fwmem_allocate(fd, vc->record, (uint32_t)request->align, flags);
	size_t count = 0;
	uint64_t bytes;

	if (r != -ENOMEM)
		return r;
	reclaim_run(ctx, vc->session, false, &count, &bytes);
	r = fwmem_allocate(fd, vc->record, (uint32_t)request->align, flags);
	return r == -ENOMEM ? explain_exhausted(fd, request) : r;
}

/* The address that the CPU uses, checked: the firmware is another program. */
static int check_address(const struct alloc_request *request, uint32_t bus, uint64_t *phys)
{
	uint64_t address = bus & BUS_ADDRESS_MASK;

	if (address & (request->align - 1) || request->length > BUS_ADDRESS_END - address)
		return error_set(EIO, PMEM_CAUSE_FIRMWARE, "lock memory", MAILBOX_PATH, NULL,
			"the firmware's address 0x%x is not what was asked for", bus);
	if (address > request->max_addr || request->length - 1 > request->max_addr - address)
		return error_set(ERANGE, PMEM_CAUSE_ADDRESS_LIMIT, "alloc", MAILBOX_PATH, NULL,
			"the firmware's memory at 0x%llx lies above the limit 0x%llx",
			(unsigned long long)address, (unsigned long long)request->max_addr);
	*phys = address;
	return 0;
}

/* The memory, locked and mapped; whatever was got before a failure is in the record. */
static int fill(struct pmem_ctx *ctx, const struct alloc_request *request, struct videocore *vc,
	struct pmem_region *region)
{
	bool map = !(request->flags & PMEM_ALLOC_NO_MAP);
	uint64_t phys = 0;
	uint32_t bus = 0;
	int r = allocate(ctx, request, vc);

	if (r == 0)
		r = fwmem_lock(session_fd(vc->session), vc->record, &bus);
	if (r == 0)
		r = check_address(request, bus, &phys);
	/* Through /dev/mem with O_SYNC, which is uncached on every Pi. The firmware has zeroed it. */
	if (r == 0 && map)
		r = backend_devmem.map(ctx, phys, request->length, 0, region);
	if (r == 0 && map)
		r = region_keep_from_children(region);
	if (r < 0)
		return r;
	region->size = request->size;
	region->attrs = PMEM_REGION_COHERENT | PMEM_REGION_PINNED |
		(map ? PMEM_REGION_DEVICE : PMEM_REGION_UNMAPPED);
	region_set_phys(region, phys);
	region->has_bus = true;
	region->bus = bus;
	return 0;
}

/* Give back what the record says is held; what the firmware refuses stays on record. */
static int give_back(struct pmem_ctx *ctx, struct videocore *vc)
{
	struct fwmem_record *record = vc->record;
	int fd = session_fd(vc->session);
	struct pmem_error first;
	int r = fwmem_give_back(fd, record);

	if (r < 0)
		error_save(&first);
	if (r < 0 && record == &vc->own && fwmem_holds(record))
		fwmem_give_back(fd, record); /* nobody else will ever try again */
	if (fwmem_holds(record) && record != &vc->own) {
		session_abandon(record); /* from here on it is not ours */
	} else {
		if (fwmem_holds(record) || record->state == FWMEM_LOST)
			log_write(&ctx->log, PMEM_LEVEL_ERROR,
				"%u bytes of firmware memory (handle %u) may be lost until the next "
				"boot",
				record->size, record->handle);
		fwmem_free(record);
	}
	return r < 0 ? error_restore(&first) : 0;
}

static int videocore_alloc(struct pmem_ctx *ctx, const struct alloc_request *request,
	struct pmem_region *region)
{
	struct pmem_error first;
	struct videocore *vc;
	size_t count;
	uint64_t bytes;
	int r = supported(ctx, "alloc");

	if (r == 0)
		r = check_request(ctx, request);
	if (r < 0)
		return r;
	vc = calloc(1, sizeof(*vc));
	if (!vc)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "alloc", NULL, NULL,
			"no memory for a region");
	r = session_get(ctx, &vc->session);
	if (r < 0) {
		free(vc);
		return r;
	}
	if (session_first(vc->session) &&
		reclaim_run(ctx, vc->session, false, &count, &bytes) < 0)
		log_write(&ctx->log, PMEM_LEVEL_WARNING, "memory of dead processes is left: %s",
			error_last()->text);
	r = take_record(ctx, request, vc);
	if (r == 0) {
		r = fill(ctx, request, vc, region);
		if (r == 0) {
			region->priv = vc;
			return 0;
		}
	}
	error_save(&first);
	if (vc->record)
		give_back(ctx, vc);
	session_put(vc->session);
	free(vc);
	return error_restore(&first);
}

static int close_memory(struct pmem_region *region)
{
	return give_back(region->ctx, region->priv);
}

static int close_session(struct pmem_region *region)
{
	struct videocore *vc = region->priv;

	return session_put(vc->session);
}

static int videocore_close(struct pmem_region *region)
{
	struct videocore *vc = region->priv;
	int (*const steps[])(struct pmem_region *) = { backend_devmem.close, close_memory,
		close_session };
	struct pmem_error saved;
	int first = 0;

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		int r = steps[i](region);

		if (r < 0 && first == 0) {
			first = r;
			error_save(&saved);
		}
	}
	free(vc);
	return first < 0 ? error_restore(&saved) : 0;
}

static int videocore_forget(struct pmem_region *region)
{
	free(region->priv);
	return 0;
}

const struct pmem_backend_ops backend_videocore = {
	.name = "videocore",
	.caps = PMEM_BACKEND_ALLOC | PMEM_BACKEND_PHYS | PMEM_BACKEND_BUS | PMEM_BACKEND_PINNED |
		PMEM_BACKEND_CONTIGUOUS | PMEM_BACKEND_RECLAIM,
	.probe = videocore_probe,
	.alloc = videocore_alloc,
	.close = videocore_close,
	.forget = videocore_forget,
};
