/* SPDX-License-Identifier: MIT */
/*
 * What vendors added to ION to tell a physical address, all through ION_IOC_CUSTOM. The commands
 * are small numbers that mean different things to different vendors (8 is an address query on
 * Amlogic and a DMA copy on Allwinner), so only the SoC's own vendor is asked.
 */
#include <errno.h>
#include <linux/ioctl.h>
#include <string.h>

#include "attr.h"
#include "ion_abi.h"
#include "os.h"
#include "soc.h"

struct custom {
	unsigned int cmd;
	unsigned long arg;
};

#define ION_CUSTOM _IOWR('I', 6, struct custom)

static int custom(int ion, unsigned int cmd, void *arg)
{
	struct custom call = { .cmd = cmd, .arg = (unsigned long)arg };
	int r = os->ioctl(ion, ION_CUSTOM, &call);

	return r < 0 ? r : 0;
}

/* sunxi_ion: command 7 is ION_IOC_SUNXI_PHYS_ADDR, by handle; EINVAL if the heap is scattered. */
static int ask_allwinner(int ion, const struct ion_buffer *buffer, uint64_t *phys)
{
	struct {
		int handle;
		uint32_t phys;
		uint32_t size;
	} query = { .handle = buffer->handle };
	int r;

	if (buffer->handle < 0)
		return -ENOTTY;
	r = custom(ion, 7, &query);
	*phys = query.phys;
	return r;
}

/* rockchip_ion.h: ION_IOC_GET_PHYS, number 0 in newer trees and 3 in older ones, by handle. */
static int ask_rockchip(int ion, const struct ion_buffer *buffer, uint64_t *phys)
{
	struct query {
		int handle;
		unsigned long phys;
		unsigned long size;
	} query = { .handle = buffer->handle };
	int r;

	if (buffer->handle < 0)
		return -ENOTTY;
	r = custom(ion, _IOWR('R', 0, struct query), &query);
	if (r < 0)
		r = custom(ion, _IOWR('R', 3, struct query), &query);
	*phys = query.phys;
	return r;
}

/* mxc_ion.h before 4.14: ION_IOC_PHYS_DMA by dma-buf, or ION_IOC_PHYS by handle. */
static int ask_nxp(int ion, const struct ion_buffer *buffer, uint64_t *phys)
{
	struct by_fd {
		unsigned long phys;
		size_t size;
		int fd;
	} by_fd = { .fd = buffer->fd };
	struct by_handle {
		int handle;
		unsigned long phys;
	} by_handle = { .handle = buffer->handle };
	int r = custom(ion, _IOWR('I', 9, struct by_fd), &by_fd);

	*phys = by_fd.phys;
	if (r < 0 && buffer->handle >= 0) {
		r = custom(ion, _IOWR('I', 8, struct by_handle), &by_handle);
		*phys = by_handle.phys;
	}
	return r;
}

/* hisi_ion: ION_HISI_CUSTOM_PHYS is 0, by dma-buf, the address in two halves. */
static int ask_hisilicon(int ion, const struct ion_buffer *buffer, uint64_t *phys)
{
	struct {
		int fd;
		uint32_t size;
		uint32_t phys_low;
		uint32_t phys_high;
	} query = { .fd = buffer->fd };
	int r = custom(ion, 0, &query);

	*phys = (uint64_t)query.phys_high << 32 | query.phys_low;
	return r;
}

/* meson_ion: command 8, by dma-buf although the field is called handle. */
static int ask_amlogic(int ion, const struct ion_buffer *buffer, uint64_t *phys)
{
	struct {
		int fd;
		uint32_t phys;
		uint32_t size;
	} query = { .fd = buffer->fd };
	int r = custom(ion, 8, &query);

	*phys = query.phys;
	return r;
}

static const struct {
	const char *vendor; /* as lib/soc/families.c spells it */
	int (*ask)(int ion, const struct ion_buffer *buffer, uint64_t *phys);
} vendors[] = {
	{ "Allwinner", ask_allwinner },
	{ "Rockchip", ask_rockchip },
	{ "NXP", ask_nxp },
	{ "HiSilicon", ask_hisilicon },
	{ "Amlogic", ask_amlogic },
};

int ion_address(const struct pmem_ctx *ctx, int ion, const struct ion_buffer *buffer,
	uint64_t *phys)
{
	const char *vendor = soc_family(ctx)->vendor;

	for (size_t i = 0; i < ARRAY_SIZE(vendors); i++) {
		if (strcmp(vendor, vendors[i].vendor) == 0)
			return vendors[i].ask(ion, buffer, phys);
	}
	return -ENOTTY;
}
