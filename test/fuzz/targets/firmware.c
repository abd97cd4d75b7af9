/* SPDX-License-Identifier: MIT */
#include "firmware.h"

#include <errno.h>
#include <sys/ioctl.h>

#include "videocore/property.h"

struct firmware firmware;

static struct firmware_block *find(uint32_t handle)
{
	for (size_t i = 0; handle && i < FIRMWARE_HANDLES; i++) {
		if (firmware.blocks[i].handle == handle) {
			firmware.foreign_touched += firmware.blocks[i].foreign;
			return &firmware.blocks[i];
		}
	}
	return NULL;
}

static uint32_t allocate(uint32_t size, uint32_t align)
{
	uint32_t offset = 0;

	if (size == 0 || size > FIRMWARE_SIZE || align == 0 || (align & (align - 1)))
		return 0;
	for (size_t i = 0; i < FIRMWARE_HANDLES; i++) {
		struct firmware_block *b = &firmware.blocks[i];

		if (b->handle && b->offset + b->size > offset)
			offset = b->offset + b->size;
	}
	offset = (offset + align - 1) & ~(align - 1);
	if (offset > FIRMWARE_SIZE || size > FIRMWARE_SIZE - offset)
		return 0;
	for (size_t i = 0; i < FIRMWARE_HANDLES; i++) {
		if (firmware.blocks[i].handle)
			continue;
		firmware.blocks[i] = (struct firmware_block){ .handle = ++firmware.next, .offset = offset, .size = size };
		return firmware.next;
	}
	return 0;
}

static uint32_t release(uint32_t handle)
{
	struct firmware_block *b = find(handle);

	if (!b) {
		firmware.bad_releases++;
		return 1;
	}
	firmware.releases++;
	*b = (struct firmware_block){ .handle = 0 };
	return 0;
}

/* One tag; the bytes of its reply, 0: unknown. */
static uint32_t serve(uint32_t tag, uint32_t *value)
{
	struct firmware_block *b;

	switch (tag) {
	case PROPERTY_ALLOCATE:
		value[0] = allocate(value[0], value[1]);
		return 4;
	case PROPERTY_LOCK:
		b = find(value[0]);
		value[0] = b ? 0xc0000000u | (FIRMWARE_BASE + b->offset) : 0;
		if (b)
			b->locks++;
		return 4;
	case PROPERTY_UNLOCK:
		b = find(value[0]);
		value[0] = !b || b->locks == 0;
		if (b && b->locks)
			b->locks--;
		return 4;
	case PROPERTY_RELEASE:
		value[0] = release(value[0]);
		return 4;
	case PROPERTY_FIRMWARE_REVISION:
	case PROPERTY_BOARD_REVISION:
	case PROPERTY_DMA_CHANNELS:
		value[0] = 0x7f35;
		return 4;
	case PROPERTY_BOARD_SERIAL:
	case PROPERTY_ARM_MEMORY:
	case PROPERTY_VC_MEMORY:
		value[0] = FIRMWARE_BASE;
		value[1] = FIRMWARE_SIZE;
		return 8;
	default:
		return 0;
	}
}

/* Damage of the reply, of which there are that many words. Negative: an errno instead. */
static int go_mad(uint32_t *words, size_t count, uint8_t how)
{
	static const int errnums[] = { ETIMEDOUT, EINVAL, ENOMEM, EIO, EFAULT, EPERM, ENOTTY, EINTR };
	size_t bytes = 4 * count;

	switch (how & 3) {
	case 0:
		return -errnums[(how >> 2) & 7];
	case 1: /* one word */
		words[(how >> 2) % count] = (uint32_t)in_number(firmware.mad, 4);
		return 0;
	case 2: /* one word that is nearly right */
		words[(how >> 2) % count] ^= 1u << (in_byte(firmware.mad) & 31);
		return 0;
	default: {
		const uint8_t *noise = in_bytes(firmware.mad, &bytes);

		memcpy(words, noise, bytes);
		return 0;
	}
	}
}

static int property(int fd, unsigned long request, void *arg)
{
	uint32_t *words = arg, reply;
	uint8_t how = firmware.mad ? in_byte(firmware.mad) : 0;
	size_t count;

	(void)fd;
	if (request != _IOWR(100, 0, char *))
		return -EINVAL;
	MUST(words[0] % 4 == 0 && words[0] >= 24 && words[0] <= 4 * PROPERTY_WORDS);
	count = words[0] / 4;
	/* Some fail before anything was done, some after. */
	if (how >= 0xc0 && (how & 0x23) == 0)
		return go_mad(words, count, how);
	reply = serve(words[2], words + 5);
	words[4] = reply ? 0x80000000u | reply : 0;
	words[1] = 0x80000000u;
	return how >= 0xc0 ? go_mad(words, count, how) : 0;
}

static const struct answers_device mailbox = { .ioctl = property };
static const struct answers_device memory = { .memory = 1u << 30 };

static void cells(const char *path, const uint32_t *values, size_t count)
{
	uint8_t be[64];

	for (size_t i = 0; i < 4 * count; i++)
		be[i] = (uint8_t)(values[i / 4] >> (24 - 8 * (i % 4)));
	answers_file(path, be, 4 * count);
}

#define TREE ANSWERS_ROOT "/proc/device-tree/"
#define CELLS(path, ...)                                                  \
	do {                                                              \
		const uint32_t values_[] = { __VA_ARGS__ };               \
		cells(TREE path, values_, sizeof(values_) / sizeof(values_[0])); \
	} while (0)

void firmware_start(const char *compatible)
{
	char stat[128];

	memset(&firmware, 0, sizeof(firmware));
	answers_file(TREE "compatible", compatible, strlen(compatible) + 1);
	CELLS("#address-cells", 1);
	CELLS("#size-cells", 1);
	CELLS("soc/#address-cells", 1);
	CELLS("soc/#size-cells", 1);
	CELLS("soc/ranges", 0x7e000000, 0x3f000000, 0x1000000);
	CELLS("soc/dma@7e007000/reg", 0x7e007000, 0xf00);
	CELLS("soc/dma@7e007000/brcm,dma-channel-mask", 0x7f35);
	answers_text(TREE "soc/dma@7e007000/compatible", "brcm,bcm2835-dma");
	answers_device(ANSWERS_ROOT "/dev/vcio", &mailbox);
	answers_device(ANSWERS_ROOT "/dev/mem", &memory);
	answers_text(ANSWERS_ROOT "/proc/sys/kernel/random/boot_id", FIRMWARE_BOOT "\n");
	snprintf(stat, sizeof(stat), "%d (a) name) R 1 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 %d 1 1 1\n",
		ANSWERS_PID, FIRMWARE_START);
	answers_text(ANSWERS_PROCESS "/stat", stat);
	answers_dir(ANSWERS_ROOT "/run");
}

void firmware_mad(struct input *in)
{
	firmware.mad = in;
}

void firmware_block(uint32_t handle, uint32_t size, bool locked, bool foreign)
{
	for (size_t i = 0; i < FIRMWARE_HANDLES; i++) {
		if (firmware.blocks[i].handle)
			continue;
		firmware.blocks[i] = (struct firmware_block){ .handle = handle, .size = size, .locks = locked,
			.offset = (uint32_t)i << 16, .foreign = foreign };
		return;
	}
}
