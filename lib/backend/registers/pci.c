/* SPDX-License-Identifier: MIT */
/*
 * PCI BARs, by /sys/bus/pci/devices/ADDRESS/resourceN (drivers/pci/pci-sysfs.c). The files need
 * no /dev/mem and no capability, only their mode (0600 root). A BAR is asked for by device and
 * number, not by address, so this backend has no map operation; see pci_map().
 */
#include "registers/pci.h"

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
#include "os/iomem.h"
#include "os/os.h"
#include "os/probe.h"
#include "soc/endpoint.h"

#define DEVICES "/sys/bus/pci/devices"
#define BAR_MAX 5

/* include/linux/ioport.h, as the file "resource" shows them */
#define RESOURCE_IO       0x00000100ull
#define RESOURCE_PREFETCH 0x00002000ull
#define RESOURCE_UNSET    0x20000000ull

/* include/uapi/linux/pci_regs.h: the command register and its memory bit */
#define CONFIG_COMMAND        4
#define CONFIG_COMMAND_MEMORY 0x2

struct bar {
	struct pmem_ctx *ctx;
	char device[64];     /* DEVICES/0000:00:04.0 */
	char path[128];      /* the file to map, below root */
	unsigned number;
	uint64_t start, size, flags;
};

/* "00:04.0" and "0:4.0" are the device 0000:00:04.0 to the kernel (pci_setup_device). */
static int normalise(const char *bdf, struct bar *bar)
{
	if (endpoint_folder(bdf, bar->device))
		return 0;
	return error_set(EINVAL, PMEM_CAUSE_NOT_FOUND, "map pci", NULL,
		"write it as lspci -D does: 0000:00:04.0", "%s is no address of a PCI device", bdf);
}

/* Line n of "resource": "0x... 0x... 0x...", start, last byte, flags (resource_show). */
static int read_resource(struct bar *bar)
{
	uint64_t last = 0;
	char name[128], path[PATH_MAX], *text, *line;
	size_t size;
	int r;

	snprintf(name, sizeof(name), "%s/resource", bar->device);
	file_path(path, bar->ctx->root, name);
	r = file_read(bar->ctx->root, name, 65536, &text, &size);
	if (r == -ENOENT || r == -ENOTDIR)
		return error_set(ENOENT, PMEM_CAUSE_NO_DEVICE, "open", path, "lspci -D lists them",
			"there is no such PCI device");
	if (r < 0)
		return error_set(-r, PMEM_CAUSE_SYSTEM, "read", path, NULL,
			"the addresses of the device cannot be read");
	line = text;
	for (unsigned i = 0; line && i < bar->number; i++)
		line = (line = strchr(line, '\n')) ? line + 1 : NULL;
	if (!line || sscanf(line, "%" SCNx64 " %" SCNx64 " %" SCNx64, &bar->start, &last,
			     &bar->flags) != 3)
		bar->flags = last = bar->start = 0;
	free(text);
	if (bar->flags == 0 || last < bar->start)
		return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, "map pci", path,
			"this file lists the device's BARs, one a line; the second half of a "
			"64-bit BAR has none of its own",
			"the device has no BAR %u", bar->number);
	bar->size = last - bar->start + 1;
	return 0;
}

int pci_bar(struct pmem_ctx *ctx, const char *address, unsigned number, uint64_t *start, uint64_t *size)
{
	struct bar bar = { .ctx = ctx, .number = number };
	int r = normalise(address, &bar);

	if (r == 0)
		r = read_resource(&bar);
	if (r < 0)
		return r;
	*start = bar.start;
	*size = bar.size;
	return 0;
}

static int check_bar(struct bar *bar, uint32_t flags)
{
	char path[PATH_MAX];

	file_path(path, bar->ctx->root, bar->device);
	if (bar->flags & RESOURCE_IO)
		return error_set(ENODEV, PMEM_CAUSE_WRONG_KIND, "map pci", path,
			"I/O ports are not memory: read() and write() its resource file, or use "
			"iopl()",
			"BAR %u is a range of I/O ports", bar->number);
	if (bar->flags & RESOURCE_UNSET || bar->size == 0)
		return error_set(ENODEV, PMEM_CAUSE_UNSUPPORTED, "map pci", path,
			"the kernel log tells why (dmesg | grep BAR)",
			"BAR %u has no address: neither firmware nor kernel gave it one",
			bar->number);
	if (flags & PMEM_MAP_CACHED)
		return error_set(EINVAL, PMEM_CAUSE_FLAGS, "map pci", path, NULL,
			"a BAR is never cached: PMEM_MAP_CACHED is for RAM");
	if ((flags & PMEM_MAP_WRITE_COMBINE) && !(bar->flags & RESOURCE_PREFETCH))
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "map pci", path,
			"map it without PMEM_MAP_WRITE_COMBINE",
			"BAR %u is not prefetchable and has no write-combining view", bar->number);
	return 0;
}

/* mmap() of the file failed: pci_mmap_resource() and pci_mmap_fits(). */
static int why(const struct bar *bar, int errnum, const char *path)
{
	struct iomem_owner owner;

	if (errnum == EPERM && probe_lockdown(bar->ctx->root) > PROBE_LOCKDOWN_NONE)
		return error_set(EPERM, PMEM_CAUSE_LOCKDOWN, "mmap", path,
			"boot without lockdown (Secure Boot, lockdown=), or use VFIO",
			"kernel lockdown forbids it to everybody");
	if (errnum == EINVAL) {
		int found = iomem_owner(bar->ctx->root, bar->start, bar->size, &owner);

		return error_set(EPERM, PMEM_CAUSE_DRIVER_OWNED, "mmap", path,
			"unbind the driver (echo ADDRESS > .../driver/unbind), or boot with "
			"iomem=relaxed",
			"the driver %s owns BAR %u (0x%" PRIx64 " + 0x%" PRIx64 ") alone",
			found == 1 ? owner.name : "bound to the device", bar->number, bar->start,
			bar->size);
	}
	if (errnum == ENODEV || errnum == EIO)
		return error_set(ENODEV, PMEM_CAUSE_UNSUPPORTED, "mmap", path, NULL,
			"this kernel cannot map BARs through sysfs");
	return error_set(errnum, PMEM_CAUSE_SYSTEM, "mmap", path, NULL,
		"BAR %u (0x%" PRIx64 " + 0x%" PRIx64 ") cannot be mapped", bar->number, bar->start,
		bar->size);
}

static int open_bar(const struct bar *bar, int flags)
{
	const struct access_device access = {
		.path = bar->path,
		.capability = -1,
		.lockdown = true,
		.plain_file = true, /* of sysfs */
		.absent = "kernels without HAVE_PCI_MMAP, and BARs that cannot be combined, have "
			  "no such file",
		.mode = "a udev rule can give the file to a group (RUN+= with chgrp and chmod g+rw)",
	};

	return access_open(bar->ctx, &access, flags);
}

/*
 * The file begins at the page of the BAR's first byte and is as long as its pages. BARs are
 * aligned to their own size, so that a small one does not pass the end of its page.
 */
static int map_bar(struct bar *bar, bool readonly, struct pmem_region *region)
{
	uint64_t skip = bar->start & (os->page_size() - 1);
	char path[PATH_MAX];
	int fd, r;

	file_path(path, bar->ctx->root, bar->path);
	if (skip && !bits_inside(skip, bar->size, os->page_size()))
		return error_set(EINVAL, PMEM_CAUSE_ALIGNMENT, "mmap", path, NULL,
			"BAR %u at 0x%" PRIx64 " is not aligned to its size 0x%" PRIx64, bar->number,
			bar->start, bar->size);
	fd = open_bar(bar, readonly ? O_RDONLY : O_RDWR);
	if (fd < 0)
		return fd;
	r = region_mmap(region, fd, 0, bar->size, readonly ? PROT_READ : PROT_READ | PROT_WRITE,
		path);
	if (r < 0 && error_last()->cause == PMEM_CAUSE_SYSTEM)
		r = why(bar, -r, path);
	os->close(fd);
	if (r < 0)
		return r;
	region->data = (unsigned char *)region->data + skip;
	return 0;
}

/* A device whose memory decoding is off answers nothing, or with a bus error: worth a warning. */
static void warn_if_off(const struct bar *bar)
{
	char name[128];
	uint8_t command = CONFIG_COMMAND_MEMORY;
	int fd;

	snprintf(name, sizeof(name), "%s/config", bar->device);
	fd = file_open(bar->ctx->root, name, O_RDONLY);
	if (fd < 0)
		return;
	if (os->pread(fd, &command, 1, CONFIG_COMMAND) == 1 && !(command & CONFIG_COMMAND_MEMORY))
		log_write(&bar->ctx->log, PMEM_LEVEL_WARNING,
			"%s: memory decoding is off, so its BARs do not answer; write 1 to %s/enable",
			bar->device, bar->device);
	os->close(fd);
}

int pci_map(struct pmem_ctx *ctx, const char *bdf, unsigned bar_number, uint32_t flags,
	struct pmem_region *region)
{
	bool combine = flags & PMEM_MAP_WRITE_COMBINE;
	struct bar bar = { .ctx = ctx, .number = bar_number };
	int r = normalise(bdf, &bar);

	if (r < 0)
		return r;
	if (bar_number > BAR_MAX)
		return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, "map pci", bar.device, NULL,
			"a PCI device has the BARs 0 to %d, not %u", BAR_MAX, bar_number);
	r = read_resource(&bar);
	if (r == 0)
		r = check_bar(&bar, flags);
	if (r < 0)
		return r;
	snprintf(bar.path, sizeof(bar.path), "%s/resource%u%s", bar.device, bar.number,
		combine ? "_wc" : "");
	r = map_bar(&bar, flags & PMEM_MAP_READONLY, region);
	if (r < 0)
		return r;
	warn_if_off(&bar);
	/* Write-combining is Normal memory on ARM: unaligned accesses are fine there. */
	region->attrs = PMEM_REGION_COHERENT | PMEM_REGION_PINNED |
		(combine ? 0 : PMEM_REGION_DEVICE) |
		(flags & PMEM_MAP_READONLY ? PMEM_REGION_READONLY : 0);
	region_set_phys(region, bar.start);
	return 0;
}

struct probing {
	struct pmem_ctx *ctx;
	int result; /* 1: no BAR met yet */
};

/* Can the first BAR that is met be opened? Opening one touches nothing. */
static int probe_one(void *user, const char *name)
{
	struct probing *p = user;
	struct bar bar = { .ctx = p->ctx };
	char path[PATH_MAX];
	struct os_stat st;
	int fd;

	for (unsigned i = 0; i <= BAR_MAX; i++) {
		snprintf(bar.path, sizeof(bar.path), DEVICES "/%.32s/resource%u", name, i);
		if (file_path(path, p->ctx->root, bar.path) < 0 || os->stat(path, &st) < 0)
			continue;
		fd = open_bar(&bar, O_RDWR);
		p->result = fd < 0 ? fd : 0;
		if (fd >= 0)
			os->close(fd);
		return 1;
	}
	return 0;
}

static int pci_probe(struct pmem_ctx *ctx)
{
	struct probing p = { .ctx = ctx, .result = 1 };
	char path[PATH_MAX];
	int r = file_path(path, ctx->root, DEVICES);

	if (r == 0)
		r = os->list(path, probe_one, &p);
	if (p.result <= 0)
		return p.result;
	if (r == 0 || r == -ENOENT)
		return error_set(ENOENT, PMEM_CAUSE_NO_DEVICE, "list", path,
			"nothing is wrong if it has no PCI bus; a container needs /sys",
			"this machine shows no PCI device with a BAR that can be mapped");
	return error_set(-r, PMEM_CAUSE_SYSTEM, "list", path, NULL, "the devices cannot be listed");
}

const struct pmem_backend_ops backend_pci = {
	.name = "pci",
	.caps = PMEM_BACKEND_MAP | PMEM_BACKEND_PHYS | PMEM_BACKEND_PINNED,
	.probe = pci_probe,
	.close = region_unmap,
	.forget = region_unmap,
};
