/* SPDX-License-Identifier: MIT */
/* From the address that a device uses to memory, for one that sysfs shows and nobody has named. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "os/file.h"
#include "soc/endpoint.h"
#include "soc/iommu.h"
#include "soc/lookup.h"
#include "soc/master.h"
#include "soc/master_place.h"
#include "soc/soc.h"

static const char operation[] = "device address";

static const char *last_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* 1, with where it is; 0: neither a node nor a place on PCI, so nothing lies between it and memory. */
static int find(const struct pmem_ctx *ctx, const char *folder, struct place *place)
{
	char path[PATH_MAX], target[PATH_MAX], name[PATH_MAX + sizeof(ENDPOINT_PREFIX)];
	char node[DT_PATH_MAX];
	int r;

	if (snprintf(path, sizeof(path), "%s/subsystem", folder) >= (int)sizeof(path))
		return lookup_error(NULL, operation, folder, -ENAMETOOLONG, NULL);
	r = file_link(ctx->root, path, target);
	if (r >= 0 && strcmp(last_of(target), "pci") == 0) {
		r = file_link(ctx->root, folder, target); /* a folder of a class is a link to the device */
		snprintf(name, sizeof(name), ENDPOINT_PREFIX "%s", last_of(r < 0 ? folder : target));
		r = r < 0 && r != -ENOENT ? lookup_error(NULL, operation, folder, r, NULL) :
			place_find(ctx, operation, name, place);
		return r < 0 ? r : 1;
	}
	if (r >= 0 || r == -ENOENT)
		r = endpoint_node_of(ctx->root, folder, node);
	if (r == -ENOENT)
		return 0;
	r = r < 0 ? lookup_error(NULL, operation, folder, r, NULL) :
		place_find(ctx, operation, node, place);
	return r < 0 ? r : 1;
}

int soc_device_to_phys(const struct pmem_ctx *ctx, const char *folder, uint64_t bus, uint64_t length,
	uint64_t *phys)
{
	struct dma_map map = { .windows = NULL };
	uint64_t first = bus, last = bus + (length - 1);
	struct place place;
	int r = iommu_of_device(ctx->root, folder);

	if (r == 1)
		return soc_refuse_iommu(operation, folder);
	if (r < 0 && r != -ENOENT)
		return lookup_error(NULL, operation, folder, r, NULL);
	r = soc_look(ctx, operation);
	if (r == 0 && soc_has_tree(ctx))
		r = find(ctx, folder, &place);
	if (r == 1)
		r = place_windows(operation, &place, &map);
	if (r < 0)
		return r;
	if (map.windows && (dma_to_phys(&map, bus, &first) < 0 || dma_to_phys(&map, last, &last) < 0))
		r = -ERANGE;
	dma_map_free(&map);
	if (r < 0 || last < first || last - first != length - 1)
		return error_set(ERANGE, PMEM_CAUSE_OUTSIDE_WINDOW, operation, folder, NULL,
			"by the device tree this device sees no memory at 0x%llx, + 0x%llx",
			(unsigned long long)bus, (unsigned long long)length);
	*phys = first;
	return 0;
}
