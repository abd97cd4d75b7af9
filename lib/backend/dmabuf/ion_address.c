/* SPDX-License-Identifier: MIT */
/*
 * What vendors added to ION to tell a physical address, all through ION_IOC_CUSTOM. The commands
 * are small numbers that mean different things to different vendors (8 is an address query on
 * Amlogic and a DMA copy on Allwinner), so only the SoC's own vendor is asked.
 */
#include <errno.h>
#include <linux/ioctl.h>
#include <string.h>

#include "base/attr.h"
#include "base/bits.h"
#include "dmabuf/ion_abi.h"
#include "os/again.h"
#include "os/os.h"
#include "soc/soc.h"

struct custom {
	unsigned int cmd;
	unsigned long arg;
};

#define ION_CUSTOM _IOWR('I', 6, struct custom)

/* What a call told; size is 0 where it tells none. */
struct place {
	uint64_t phys;
	uint64_t size;
};

static int custom(int ion, unsigned int cmd, void *arg)
{
	struct custom call = { .cmd = cmd, .arg = (unsigned long)arg };
	int r = ioctl_again(ion, ION_CUSTOM, &call);

	return r < 0 ? r : 0;
}

/* Number nr of that magic, for a struct that a 32-bit or a 64-bit kernel knows. */
#define COMMAND(magic, nr, type) ((unsigned int)_IOC(_IOC_READ | _IOC_WRITE, magic, nr, sizeof(type)))

/* sunxi_ion: command 7 is ION_IOC_SUNXI_PHYS_ADDR, by handle; EINVAL if the heap is scattered. */
static int ask_allwinner(int ion, const struct ion_buffer *buffer, struct place *place)
{
	struct {
		int32_t handle;
		uint32_t phys;
		uint32_t size;
	} query = { .handle = buffer->handle };
	int r;

	if (buffer->handle < 0)
		return -ENOTTY;
	r = custom(ion, 7, &query);
	*place = (struct place){ query.phys, query.size };
	return r;
}

/*
 * The structs below have longs in them, so that a 64-bit kernel wants them wide. Whether it takes
 * the narrow ones of a 32-bit program is up to the vendor, so the program tries both.
 */
struct rockchip_wide {
	int32_t handle;
	int32_t pad;
	uint64_t phys;
	uint64_t size;
};

struct rockchip_narrow {
	int32_t handle;
	uint32_t phys;
	uint32_t size;
};

static int rockchip_number(int ion, const struct ion_buffer *buffer, unsigned nr,
	struct place *place)
{
	struct rockchip_wide wide = { .handle = buffer->handle };
	struct rockchip_narrow narrow = { .handle = buffer->handle };

	if (sizeof(long) == 4 && custom(ion, COMMAND('R', nr, narrow), &narrow) == 0) {
		*place = (struct place){ narrow.phys, narrow.size };
		return 0;
	}
	if (custom(ion, COMMAND('R', nr, wide), &wide) < 0)
		return -ENOTTY;
	*place = (struct place){ wide.phys, wide.size };
	return 0;
}

/* rockchip_ion.h: ION_IOC_GET_PHYS, number 0 in newer trees and 3 in older ones, by handle. */
static int ask_rockchip(int ion, const struct ion_buffer *buffer, struct place *place)
{
	int r;

	if (buffer->handle < 0)
		return -ENOTTY;
	r = rockchip_number(ion, buffer, 0, place);
	return r < 0 ? rockchip_number(ion, buffer, 3, place) : r;
}

struct nxp_fd_wide {
	uint64_t phys;
	uint64_t size;
	int32_t fd;
	int32_t pad;
};

struct nxp_fd_narrow {
	uint32_t phys;
	uint32_t size;
	int32_t fd;
};

struct nxp_handle_wide {
	int32_t handle;
	int32_t pad;
	uint64_t phys;
};

struct nxp_handle_narrow {
	int32_t handle;
	uint32_t phys;
};

static int nxp_by_fd(int ion, const struct ion_buffer *buffer, struct place *place)
{
	struct nxp_fd_wide wide = { .fd = buffer->fd };
	struct nxp_fd_narrow narrow = { .fd = buffer->fd };
	int r;

	if (sizeof(long) == 4 && custom(ion, COMMAND('I', 9, narrow), &narrow) == 0) {
		*place = (struct place){ narrow.phys, narrow.size };
		return 0;
	}
	r = custom(ion, COMMAND('I', 9, wide), &wide);
	*place = (struct place){ wide.phys, wide.size };
	return r;
}

static int nxp_by_handle(int ion, const struct ion_buffer *buffer, struct place *place)
{
	struct nxp_handle_wide wide = { .handle = buffer->handle };
	struct nxp_handle_narrow narrow = { .handle = buffer->handle };
	int r;

	if (sizeof(long) == 4 && custom(ion, COMMAND('I', 8, narrow), &narrow) == 0) {
		*place = (struct place){ narrow.phys, 0 };
		return 0;
	}
	r = custom(ion, COMMAND('I', 8, wide), &wide);
	*place = (struct place){ wide.phys, 0 };
	return r;
}

/* mxc_ion.h before 4.14: ION_IOC_PHYS_DMA by dma-buf, or ION_IOC_PHYS by handle. */
static int ask_nxp(int ion, const struct ion_buffer *buffer, struct place *place)
{
	int r = nxp_by_fd(ion, buffer, place);

	return r < 0 && buffer->handle >= 0 ? nxp_by_handle(ion, buffer, place) : r;
}

/* hisi_ion: ION_HISI_CUSTOM_PHYS is 0, by dma-buf, the address in two halves. */
static int ask_hisilicon(int ion, const struct ion_buffer *buffer, struct place *place)
{
	struct {
		int32_t fd;
		uint32_t size;
		uint32_t phys_low;
		uint32_t phys_high;
	} query = { .fd = buffer->fd };
	int r = custom(ion, 0, &query);

	*place = (struct place){ (uint64_t)query.phys_high << 32 | query.phys_low, query.size };
	return r;
}

/* meson_ion: command 8, by dma-buf although the field is called handle. */
static int ask_amlogic(int ion, const struct ion_buffer *buffer, struct place *place)
{
	struct {
		int32_t fd;
		uint32_t phys;
		uint32_t size;
	} query = { .fd = buffer->fd };
	int r = custom(ion, 8, &query);

	*place = (struct place){ query.phys, query.size };
	return r;
}

static const struct {
	char vendor[12];    /* as lib/soc/families/families.c spells it */
	bool proves;        /* refuses a buffer in pieces (the heap's phys operation is missing) */
	int (*ask)(int ion, const struct ion_buffer *buffer, struct place *place);
} vendors[] = {
	{ "Allwinner", true, ask_allwinner },
	{ "Rockchip", true, ask_rockchip },
	{ "NXP", true, ask_nxp },
	{ "HiSilicon", false, ask_hisilicon },
	{ "Amlogic", false, ask_amlogic },
};

int ion_address(const struct pmem_ctx *ctx, int ion, const struct ion_buffer *buffer,
	uint64_t length, bool proof, uint64_t *phys)
{
	const char *vendor = soc_family(ctx)->vendor;
	struct place place = { .phys = 0 };
	uint64_t last;
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(vendors); i++) {
		if (strcmp(vendor, vendors[i].vendor) != 0 || (proof && !vendors[i].proves))
			continue;
		r = vendors[i].ask(ion, buffer, &place);
		if (r < 0)
			return r;
		if (place.size && place.size < length)
			return -EXDEV; /* of a first piece only */
		/* No memory begins within a page, or goes on at 0. */
		if ((place.phys & (os->page_size() - 1)) || !bits_add(place.phys, length - 1, &last))
			return -ENXIO;
		*phys = place.phys;
		return 0;
	}
	return -ENOTTY;
}
