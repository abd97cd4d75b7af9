// SPDX-License-Identifier: GPL-2.0
/*
 * The tags that are not about memory: asked of the machine's own firmware through the mainline
 * driver where there is one (QEMU's raspi models answer), else answered from parameters.
 */
#include <linux/module.h>
#include <linux/of.h>
#include <linux/slab.h>
#include <soc/bcm2835/raspberrypi-firmware.h>

#include "vcio.h"

static uint revision = 1700000000; /* a build time, in seconds since 1970 */
module_param(revision, uint, 0444);
static uint board = 0xa02082; /* Raspberry Pi 3B, 1 GB */
module_param(board, uint, 0444);
static uint dma_mask = 0x7f35; /* what a Pi 3's firmware says */
module_param(dma_mask, uint, 0444);

static struct rpi_firmware *firmware;
static u32 vc_base, vc_size;
static u64 forwarded;

static int firmware_ask(u32 tag, u32 *value, u32 bytes)
{
	u32 words = DIV_ROUND_UP(bytes, sizeof(u32));
	u32 *message = kcalloc(words + 3, sizeof(u32), GFP_KERNEL);
	int ret;

	if (!message)
		return -ENOMEM;
	message[0] = tag;
	message[1] = words * sizeof(u32);
	message[2] = 0;
	memcpy(message + 3, value, bytes);
	ret = rpi_firmware_property_list(firmware, message, (words + 3) * sizeof(u32));
	if (ret == 0) {
		forwarded++;
		/* QEMU answers a tag it does not know with bit 31 and no bytes; real firmware does
		 * not */
		if (message[2] & VCIO_REPLY_BIT && message[2] != VCIO_REPLY_BIT) {
			ret = message[2] & ~VCIO_REPLY_BIT;
			memcpy(value, message + 3, bytes);
		} else {
			ret = -ENOENT;
		}
	}
	kfree(message);
	return ret;
}

static int firmware_answer(u32 tag, u32 reply[2])
{
	reply[0] = reply[1] = 0;
	switch (tag) {
	case RPI_FIRMWARE_GET_FIRMWARE_REVISION:
		reply[0] = revision;
		return 4;
	case RPI_FIRMWARE_GET_BOARD_MODEL:
		return 4; /* 0 on every board seen */
	case RPI_FIRMWARE_GET_BOARD_REVISION:
		reply[0] = board;
		return 4;
	case RPI_FIRMWARE_GET_BOARD_SERIAL:
		reply[0] = 0x706d656d;
		return 8;
	case RPI_FIRMWARE_GET_ARM_MEMORY:
		reply[1] = vc_base;
		return 8;
	case RPI_FIRMWARE_GET_VC_MEMORY:
		reply[0] = vc_base;
		reply[1] = vc_size;
		return 8;
	case RPI_FIRMWARE_GET_DMA_CHANNELS:
		reply[0] = dma_mask;
		return 4;
	default:
		return -ENOENT;
	}
}

/* A reply that is longer than the value buffer is cut; its length is told all the same. */
int vcio_firmware_tag(u32 tag, u32 *value, u32 bytes)
{
	u32 reply[2];
	int ret;

	if (firmware)
		return firmware_ask(tag, value, bytes);
	ret = firmware_answer(tag, reply);
	if (ret > 0)
		memcpy(value, reply, min_t(u32, bytes, ret));
	return ret;
}

void vcio_firmware_show(struct seq_file *m)
{
	seq_printf(m, "firmware=%d\nforwarded=%llu\n", firmware != NULL, forwarded);
}

int vcio_firmware_init(phys_addr_t *base, u64 *size)
{
	struct device_node *node;
	u32 memory[2] = {0, 0};

	node = of_find_compatible_node(NULL, NULL, "raspberrypi,bcm2835-firmware");
	if (node) {
		firmware = rpi_firmware_get(node);
		of_node_put(node);
	}
	if (*size == 0 && firmware &&
		firmware_ask(RPI_FIRMWARE_GET_VC_MEMORY, memory, sizeof(memory)) > 0) {
		*base = memory[0];
		*size = memory[1];
	}
	vc_base = *base;
	vc_size = *size;
	return 0;
}

void vcio_firmware_exit(void)
{
	if (firmware)
		rpi_firmware_put(firmware);
}
