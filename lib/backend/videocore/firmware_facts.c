/* SPDX-License-Identifier: MIT */
#include "videocore/firmware_facts.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pmem/firmware.h>

#include "base/error.h"
#include "os/file.h"
#include "os/os.h"
#include "soc/soc.h"
#include "videocore/dma_channels.h"
#include "videocore/mailbox.h"
#include "videocore/session.h"

#define DMA_CLASS "/sys/class/dma"

/* BCM2711 has a second node, for its 40-bit channels. */
static const char *const engines[] = { CHANNELS_NODE, "brcm,bcm2711-dma" };

static int ask(struct pmem_ctx *ctx, uint32_t tag, uint32_t *reply, size_t words)
{
	struct session *session;
	int r = session_get(ctx, &session);

	if (r == -ENOENT || r == -ENXIO)
		return error_set(ENODEV, PMEM_CAUSE_NO_DEVICE, "open", MAILBOX_PATH,
			"only Raspberry Pi's own kernels have it",
			"this machine has no way to ask a VideoCore firmware");
	if (r < 0)
		return r;
	r = mailbox_ask(session_fd(session), tag, NULL, 0, reply, words);
	return session_put_after(session, r);
}

/* The channels that the tree leaves to the kernel: brcm,dma-channel-mask of one engine. -ENOENT: it says none */
static int kernel_mask(struct pmem_ctx *ctx, const char *engine, uint32_t *mask)
{
	unsigned char *data;
	size_t size;
	int r = soc_node_property(ctx, engine, "brcm,dma-channel-mask", (char **)&data, &size);

	if (r < 0)
		return r;
	*mask = size < 4 ? 0 :
			   (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 |
				data[3];
	free(data);
	return size < 4 ? -ENOENT : 0;
}

static int dma_kernel(struct pmem_ctx *ctx, uint64_t *value)
{
	uint32_t mask;
	bool any = false;

	*value = 0;
	for (size_t i = 0; i < ARRAY_SIZE(engines); i++) {
		int r = kernel_mask(ctx, engines[i], &mask);

		/* What cannot be read is not absent, nor is the other engine's mask all of it. */
		if (r < 0 && r != -ENOENT)
			return r;
		if (r == 0) {
			*value |= mask;
			any = true;
		}
	}
	return any ? 0 :
		     error_set(ENODEV, PMEM_CAUSE_DEVICE_TREE, "dma channels", NULL, NULL,
			     "the device tree has no DMA engine of a BCM2835");
}

/*
 * Old firmware gives an empty answer (raspberrypi/firmware issue 89), and not everybody may ask it: then the tree
 * knows, for it has the same mask. Where it has none, what the firmware's side said is the reason.
 */
static int dma_channels(struct pmem_ctx *ctx, uint64_t *value)
{
	struct pmem_error asked;
	uint32_t mask;
	int r = ask(ctx, PROPERTY_DMA_CHANNELS, &mask, 1);

	if (r == 0) {
		*value = mask & 0xffff;
		return 0;
	}
	if (r == -ENOMEM || r == -EMFILE || r == -ENFILE)
		return r;
	error_save(&asked);
	r = dma_kernel(ctx, value);
	return r == -ENODEV ? error_restore(&asked) : r;
}

/* One DMA device of the kernel: dmaNchan0, dmaNchan1, ... */
struct dma_device {
	struct pmem_ctx *ctx;
	const char *engine;
	unsigned number;
	unsigned channels;
	bool found;
	bool told; /* a failure, which is the thread's error by now */
};

static bool lists(const char *data, size_t size, const char *word)
{
	for (size_t at = 0; at < size; at += strlen(data + at) + 1) {
		if (strcmp(data + at, word) == 0)
			return true;
	}
	return false;
}

/* It is not there, or what it belongs to went meanwhile. */
static bool is_absent(int r)
{
	return r == -ENOENT || r == -ENOTDIR || r == -ENODEV;
}

static int unread(const char *path, int r)
{
	return error_set(-r, r == -EACCES || r == -EPERM ? PMEM_CAUSE_FILE_MODE :
		r == -ENOMEM ? PMEM_CAUSE_NO_MEMORY : PMEM_CAUSE_SYSTEM, "dma channels", path, NULL,
		"which DMA channels are in use cannot be read");
}

static int match_channel(void *user, const char *name)
{
	struct dma_device *device = user;
	unsigned number, channel;
	char path[NAME_MAX + 64], *data;
	size_t size;
	int r;

	if (sscanf(name, "dma%uchan%u", &number, &channel) != 2)
		return 0;
	snprintf(path, sizeof(path), DMA_CLASS "/%s/device/of_node/compatible", name);
	r = file_read(device->ctx->root, path, 4096, &data, &size);
	if (r < 0) {
		device->told = !is_absent(r);
		return device->told ? unread(path, r) : 0;
	}
	if (lists(data, size, device->engine)) {
		device->found = true;
		device->number = number;
		device->channels++;
	}
	free(data);
	return 0;
}

/*
 * Channel k of the kernel's device is the one of the k-th bit that bcm2835_dma_probe() keeps
 * (drivers/dma/bcm2835-dma.c): the tree's mask, and in some kernels without bit 0, which the
 * older interface has. How many there are tells which.
 */
static int in_use_of(const struct dma_device *device, uint32_t mask, uint64_t *value)
{
	unsigned k = 0;

	if ((unsigned)__builtin_popcount(mask) != device->channels)
		mask &= ~1u;
	if ((unsigned)__builtin_popcount(mask) != device->channels)
		return -EOPNOTSUPP;
	for (unsigned n = 0; n < 32; n++) {
		char path[96];
		uint64_t users;
		int r;

		if (!(mask & (1u << n)))
			continue;
		snprintf(path, sizeof(path), DMA_CLASS "/dma%uchan%u/in_use", device->number, k++);
		r = file_read_u64(device->ctx->root, path, &users);
		if (r < 0)
			return is_absent(r) ? -EOPNOTSUPP : unread(path, r);
		*value |= users ? 1u << n : 0;
	}
	return 0;
}

static int dma_in_use(struct pmem_ctx *ctx, uint64_t *value)
{
	char dir[PATH_MAX];
	uint64_t found = 0;
	bool any = false;
	uint32_t mask;
	int r = file_path(dir, ctx->root, DMA_CLASS);

	for (size_t i = 0; i < ARRAY_SIZE(engines) && r == 0; i++) {
		struct dma_device device = { .ctx = ctx, .engine = engines[i] };

		r = os->list(dir, match_channel, &device);
		if (r < 0 && !is_absent(r))
			return device.told ? r : unread(dir, r);
		if (r < 0 || !device.found)
			continue;
		r = kernel_mask(ctx, engines[i], &mask);
		if (r == 0)
			r = in_use_of(&device, mask, &found);
		if (r < 0 && !is_absent(r) && r != -EOPNOTSUPP)
			return r;
		any = true;
	}
	if (r == 0 && any) {
		*value = found;
		return 0;
	}
	return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "dma channels", dir, NULL,
		"the kernel does not tell which DMA channels are in use");
}

int facts_get(struct pmem_ctx *ctx, uint32_t what, uint64_t *value)
{
	static const struct {
		uint32_t tag;
		uint8_t words; /* of the reply */
		uint8_t first; /* the word that counts */
	} questions[] = {
		[PMEM_FACT_REVISION] = { PROPERTY_FIRMWARE_REVISION, 1, 0 },
		[PMEM_FACT_BOARD_REVISION] = { PROPERTY_BOARD_REVISION, 1, 0 },
		[PMEM_FACT_BOARD_SERIAL] = { PROPERTY_BOARD_SERIAL, 2, 0 },
		[PMEM_FACT_ARM_BASE] = { PROPERTY_ARM_MEMORY, 2, 0 },
		[PMEM_FACT_ARM_SIZE] = { PROPERTY_ARM_MEMORY, 2, 1 },
		[PMEM_FACT_VC_BASE] = { PROPERTY_VC_MEMORY, 2, 0 },
		[PMEM_FACT_VC_SIZE] = { PROPERTY_VC_MEMORY, 2, 1 },
	};
	uint32_t reply[2];
	int r;

	if (what == PMEM_FACT_DMA_CHANNELS)
		return dma_channels(ctx, value);
	if (what == PMEM_FACT_DMA_KERNEL)
		return dma_kernel(ctx, value);
	if (what == PMEM_FACT_DMA_IN_USE)
		return dma_in_use(ctx, value);
	r = ask(ctx, questions[what].tag, reply, questions[what].words);
	if (r < 0)
		return r;
	*value = reply[questions[what].first];
	if (what == PMEM_FACT_BOARD_SERIAL)
		*value |= (uint64_t)reply[1] << 32;
	return 0;
}
