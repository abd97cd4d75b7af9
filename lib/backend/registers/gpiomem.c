/* SPDX-License-Identifier: MIT */
/*
 * /dev/gpiomem*: the GPIO registers of Raspberry Pi kernels, for programs without privilege.
 *
 * The drivers ignore the offset that mmap() is given: every mapping shows the same registers. So
 * a device serves only the windows that the device tree gives it, and everything else is refused;
 * taken for /dev/mem, it would show the GPIO registers in the place of any others.
 *
 * drivers/char/broadcom/bcm2835-gpiomem.c ("brcm,bcm2835-gpiomem", Pi 0 to 4) maps one page and
 * takes any length. drivers/char/raspberrypi-gpiomem.c (both compatibles; on the Pi 5
 * "raspberrypi,gpiomem", whose chardev-name is the node's) maps up to four reg entries one after
 * the other, each from the start of its page, and wants the length of all of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "backend/backend.h"
#include "backend/device.h"
#include "base/bits.h"
#include "os/file.h"
#include "os/os.h"
#include "soc/soc.h"

#define MAX_WINDOWS 4  /* MAX_RANGES of raspberrypi-gpiomem.c */
#define MAX_NODES   16 /* the Pi 5 has five */

/* One device node and what it shows. */
struct gpiomem {
	char path[64]; /* "/dev/gpiomem0" */
	unsigned count;
	struct {
		uint64_t phys, size;
	} window[MAX_WINDOWS];
};

/* A hostile tree shall not make sums of lengths wrap; no GPIO block is nearly as large. */
#define WINDOW_MAX (1ull << 32)

/* The page of the kernels that have that driver. */
#define WINDOW_PAGE 4096u

/* Where one range is inside a device's mapping. */
struct place {
	uint64_t length; /* to map, from offset 0 */
	uint64_t offset; /* of the range */
};

/* 1 to go on, 0 to stop, or a negative errno. */
typedef int visit_fn(void *user, const struct gpiomem *device);

/*
 * The old driver maps whole pages, whatever it finds in the tree (bcm2835-gpiomem.c,
 * bcm2835_gpiomem_mmap()): of a GPIO block, which the tree may tell shorter than it is, the page.
 */
static void widen_to_pages(struct gpiomem *device)
{
	for (unsigned i = 0; i < device->count; i++) {
		uint64_t end = device->window[i].phys + device->window[i].size;

		device->window[i].phys &= ~(uint64_t)(WINDOW_PAGE - 1);
		device->window[i].size =
			((end + WINDOW_PAGE - 1) & ~(uint64_t)(WINDOW_PAGE - 1)) - device->window[i].phys;
	}
}

static bool read_windows(const struct pmem_ctx *ctx, const char *node, struct gpiomem *device)
{
	device->count = 0;
	while (device->count < MAX_WINDOWS &&
		soc_node_reg(ctx, node, device->count, &device->window[device->count].phys,
			&device->window[device->count].size) == 0) {
		if (device->window[device->count++].size > WINDOW_MAX)
			return false;
	}
	return device->count > 0;
}

/* The name is the tree's own: only one that stays inside /dev is taken. */
static bool name_by_property(const struct pmem_ctx *ctx, const char *node, struct gpiomem *device)
{
	size_t size;
	char *name;
	bool good;

	if (soc_node_property(ctx, node, "chardev-name", &name, &size) < 0)
		return false;
	good = name[0] && !strchr(name, '/') && strcmp(name, "..") != 0 &&
		snprintf(device->path, sizeof(device->path), "/dev/%s", name) <
			(int)sizeof(device->path);
	free(name);
	return good;
}

/*
 * The nodes with this compatible; named if their device is called by chardev-name, else it is
 * /dev/gpiomem, of which there can be one. block: they are the GPIO block itself. any: there are such
 * nodes. 1 to go on.
 */
static int each_node(const struct pmem_ctx *ctx, const char *compatible, bool named, bool block,
	bool *any, visit_fn *visit, void *user)
{
	char node[SOC_PATH_MAX];

	*any = false;
	for (unsigned nth = 0; nth < (named ? MAX_NODES : 1); nth++) {
		struct gpiomem device = { .path = "/dev/gpiomem" };
		int r;

		if (soc_node_path(ctx, compatible, nth, node) < 0)
			break;
		*any = true;
		if (soc_node_available(ctx, node) != 1 || !read_windows(ctx, node, &device) ||
			(named && !name_by_property(ctx, node, &device)))
			continue;
		if (block)
			widen_to_pages(&device);
		r = visit(user, &device);
		if (r <= 0)
			return r;
	}
	return 1;
}

/*
 * Visit every device that the tree describes. A mainline tree has none of the nodes above, but
 * the old driver may be loaded by hand all the same: on these SoCs it shows the GPIO block.
 */
static int each_device(const struct pmem_ctx *ctx, visit_fn *visit, void *user)
{
	static const struct {
		const char *compatible;
		bool named, last;
	} kinds[] = {
		{ "raspberrypi,gpiomem", true, true },
		{ "brcm,bcm2835-gpiomem", false, true },
		{ "brcm,bcm2835-gpio", false, false },
		{ "brcm,bcm2711-gpio", false, false },
	};
	bool any;
	int r = 1;

	for (size_t i = 0; r > 0 && i < ARRAY_SIZE(kinds); i++) {
		r = each_node(ctx, kinds[i].compatible, kinds[i].named, !kinds[i].last, &any, visit,
			user);
		if (any && kinds[i].last)
			break;
	}
	return r;
}

/* Does any such device exist? Spares other machines a walk through their tree. */
static bool any_node(struct pmem_ctx *ctx)
{
	struct os_stat st;
	char name[32], path[PATH_MAX];

	for (int i = -1; i < MAX_NODES; i++) {
		if (i < 0)
			snprintf(name, sizeof(name), "/dev/gpiomem");
		else
			snprintf(name, sizeof(name), "/dev/gpiomem%d", i);
		if (file_path(path, ctx->root, name) == 0 && os->stat(path, &st) == 0)
			return true;
	}
	return false;
}

static int open_device(struct pmem_ctx *ctx, const struct gpiomem *device, int flags)
{
	const struct access_device access = {
		.path = device->path,
		.capability = -1, /* the drivers ask for none, and lockdown does not matter */
		.absent = "the kernels of Raspberry Pi OS have it; a container needs --device",
		.mode = "the package libpmem-udev gives it to a group: usermod -aG gpio USER "
			"(docs/permissions.md)",
	};

	return access_open(ctx, &access, flags);
}

struct probing {
	struct pmem_ctx *ctx;
	int result;
	struct pmem_error first;
};

static int probe_one(void *user, const struct gpiomem *device)
{
	struct probing *p = user;
	int fd = open_device(p->ctx, device, O_RDWR | O_SYNC);

	if (fd >= 0) {
		os->close(fd);
		p->result = 0;
		return 0;
	}
	if (p->result == 1) {
		p->result = fd;
		error_save(&p->first);
	}
	return 1;
}

static int no_device(struct pmem_ctx *ctx, bool node)
{
	static const char *const hint = "the kernels of Raspberry Pi OS have it; elsewhere use "
					"/dev/mem";
	char path[PATH_MAX];

	file_path(path, ctx->root, "/dev/gpiomem");
	if (!node)
		return error_set(ENOENT, PMEM_CAUSE_NO_DEVICE, "open", path, hint,
			"there is no such device");
	if (!soc_has_tree(ctx)) { /* asked again for its words: a container may hide the tree */
		soc_node_available(ctx, "/");
		return error_set(ENOENT, PMEM_CAUSE_NO_DEVICE, "open", path, error_last()->hint,
			"which addresses it shows is not known: %s", error_last()->message);
	}
	return error_set(ENOENT, PMEM_CAUSE_NO_DEVICE, "open", path, hint,
		"the device tree does not tell which addresses it shows");
}

static int gpiomem_probe(struct pmem_ctx *ctx)
{
	struct probing p = { .ctx = ctx, .result = 1 };

	if (!any_node(ctx))
		return no_device(ctx, false);
	each_device(ctx, probe_one, &p);
	if (p.result == 1)
		return no_device(ctx, true);
	return p.result < 0 ? error_restore(&p.first) : 0;
}

struct search {
	uint64_t phys, size, page;
	struct gpiomem device; /* what serves the range */
	struct place place;
	bool found;
	char windows[400];     /* all that were seen, for the error */
};

/*
 * Is the range inside window i, and does the driver show it? A window that is not page aligned is
 * mapped from the start of its page but for no more than its own length, rounded up.
 */
static bool serves(const struct search *s, const struct gpiomem *device, unsigned i,
	struct place *place)
{
	uint64_t start = device->window[i].phys, length = device->window[i].size;
	uint64_t skip = start & (s->page - 1), shown = bits_align_down(length + s->page - 1, s->page);

	if (s->phys < start || !bits_inside(s->phys - start, s->size, length))
		return false;
	place->offset = 0;
	for (unsigned before = 0; before < i; before++)
		place->offset += device->window[before].size;
	if (place->offset & (s->page - 1))
		return false; /* remap_pfn_range() takes whole pages: the driver fails too */
	skip += s->phys - start;
	place->offset += skip;
	return bits_inside(skip, s->size, shown);
}

static void remember(struct search *s, const struct gpiomem *device)
{
	for (unsigned i = 0; i < device->count; i++) {
		size_t used = strlen(s->windows);

		snprintf(s->windows + used, sizeof(s->windows) - used,
			"%s%s shows 0x%" PRIx64 " + 0x%" PRIx64, used ? ", " : "", device->path,
			device->window[i].phys, device->window[i].size);
	}
}

static int search_one(void *user, const struct gpiomem *device)
{
	struct search *s = user;

	for (unsigned i = 0; i < device->count; i++) {
		if (!serves(s, device, i, &s->place))
			continue;
		s->device = *device;
		s->found = true;
		s->place.length = 0;
		for (unsigned w = 0; w < device->count; w++)
			s->place.length += device->window[w].size;
		return 0;
	}
	remember(s, device);
	return 1;
}

static int outside(struct pmem_ctx *ctx, const struct search *s)
{
	char path[PATH_MAX];

	file_path(path, ctx->root, "/dev/gpiomem");
	return error_set(ERANGE, PMEM_CAUSE_OUTSIDE_WINDOW, "map", path,
		"only /dev/mem reaches other addresses",
		"0x%" PRIx64 " + 0x%" PRIx64 " is outside its window (%s)", s->phys, s->size,
		s->windows[0] ? s->windows :
		soc_has_tree(ctx) ? "there is none on this machine" :
				    "which no device tree tells here");
}

/* mmap() of the whole device, then the one part of it that was asked for. */
static int map_place(struct pmem_ctx *ctx, const struct search *s, bool readonly,
	struct pmem_region *region)
{
	char path[PATH_MAX];
	int fd = open_device(ctx, &s->device, (readonly ? O_RDONLY : O_RDWR) | O_SYNC);
	int r;

	if (fd < 0)
		return fd;
	file_path(path, ctx->root, s->device.path);
	r = region_mmap(region, fd, 0, s->place.length,
		readonly ? PROT_READ : PROT_READ | PROT_WRITE, path);
	if (r == -EINVAL) /* raspberrypi-gpiomem.c, len > vm_end - vm_start */
		r = error_set(EINVAL, PMEM_CAUSE_DEVICE_TREE, "mmap", path, NULL,
			"the driver shows more than the 0x%" PRIx64 " bytes of the device tree",
			s->place.length);
	os->close(fd);
	if (r < 0)
		return r;
	region->data = (unsigned char *)region->data + s->place.offset;
	region->size = s->size;
	return 0;
}

static int gpiomem_map(struct pmem_ctx *ctx, uint64_t phys, uint64_t size, uint32_t flags,
	struct pmem_region *region)
{
	struct search s = { .phys = phys, .size = size, .page = os->page_size() };
	int r;

	if (any_node(ctx))
		each_device(ctx, search_one, &s);
	if (!s.found)
		return outside(ctx, &s);
	if (flags & PMEM_MAP_WRITE_COMBINE)
		return error_set(EINVAL, PMEM_CAUSE_FLAGS, "map", s.device.path,
			"PMEM_MAP_WRITE_COMBINE is for pmem_region_map_pci()",
			"registers have no write-combining view");
	r = map_place(ctx, &s, flags & PMEM_MAP_READONLY, region);
	if (r < 0)
		return r;
	/* Registers are Device memory whatever is asked (phys_mem_access_prot). */
	region->attrs = PMEM_REGION_DEVICE | PMEM_REGION_COHERENT | PMEM_REGION_PINNED |
		(flags & PMEM_MAP_READONLY ? PMEM_REGION_READONLY : 0);
	region_set_phys(region, phys);
	return 0;
}

const struct pmem_backend_ops backend_gpiomem = {
	.name = "gpiomem",
	.caps = PMEM_BACKEND_MAP | PMEM_BACKEND_GPIO | PMEM_BACKEND_PHYS | PMEM_BACKEND_PINNED,
	.probe = gpiomem_probe,
	.map = gpiomem_map,
	.close = region_unmap,
	.forget = region_unmap,
};
