/* SPDX-License-Identifier: MIT */
/* From the windows of a DMA master to addresses, and back. */
#include "soc/master.h"

#include <errno.h>
#include <inttypes.h>

#include "base/error.h"
#include "soc/soc.h"

static int refuse_address(const struct soc_master *master, const char *operation, int r,
	uint64_t at, uint64_t length)
{
	if (r == -EXDEV)
		return error_set(EXDEV, PMEM_CAUSE_NOT_CONTIGUOUS, operation, master->node,
			"pmem_region_extents() tells the address of each piece",
			"this DMA master sees [0x%" PRIx64 ", + 0x%" PRIx64
			") through several windows, so it has no one address",
			at, length);
	if (r == -ERANGE)
		return error_set(ERANGE, PMEM_CAUSE_OUTSIDE_WINDOW, operation, master->node,
			"allocate with this device as the option master",
			"this DMA master does not see %s0x%" PRIx64 ", + 0x%" PRIx64,
			length > 1 ? "all of " : "", at, length);
	return r;
}

int soc_master_to_bus(const struct soc_master *master, const char *operation, uint64_t phys,
	uint64_t length, uint64_t *bus)
{
	int r = dma_range_to_bus(&master->map, phys, length, bus);

	return r < 0 ? refuse_address(master, operation, r, phys, length) : 0;
}

int soc_master_piece(const struct soc_master *master, const char *operation, uint64_t phys,
	uint64_t length, uint64_t *bus, uint64_t *piece)
{
	int r = dma_piece_to_bus(&master->map, phys, length, bus, piece);

	return r < 0 ? refuse_address(master, operation, r, phys, length) : 0;
}

int soc_bus_to_phys(const struct pmem_ctx *ctx, const char *name, uint64_t in, uint64_t *out)
{
	static const char operation[] = "bus to phys";
	struct soc_master *master = NULL;
	int r = soc_master_read(ctx, operation, name, &master);

	if (r < 0)
		return r;
	r = dma_to_phys(&master->map, in, out);
	if (r < 0)
		r = refuse_address(master, operation, r, in, 1);
	soc_master_free(master);
	return r;
}

int soc_phys_to_bus(const struct pmem_ctx *ctx, const char *name, uint64_t in, uint64_t *out)
{
	struct soc_master *master = NULL;
	int r = soc_master_read(ctx, "phys to bus", name, &master);

	if (r < 0)
		return r;
	r = soc_master_to_bus(master, "phys to bus", in, 1, out);
	soc_master_free(master);
	return r;
}
