/* SPDX-License-Identifier: MIT */
/*
 * A machine without an IOMMU: one device of PCI with its files in sysfs, and one of the platform with the node of
 * generic-uio. For the suites of uio and sysfs.
 */
#ifndef TEST_PLAYED_UNSAFE_H
#define TEST_PLAYED_UNSAFE_H

#include <unistd.h>

#include "pagemap.h"
#include "suite.h"
#include "vm.h"

#define PCI "/sys/devices/pci0000:00/0000:00:04.0/"
#define SOC "/sys/devices/platform/fe204000.spi/"

/* The node of a device whose interrupt has fired as often as its memory says. */
static ssize_t uio_write(void *user, int fd, const void *buf, size_t count, uint64_t offset)
{
	(void)user;
	return os_linux.pwrite(fd, buf, count, offset);
}

static const struct fake_device uio0 = { .path = "/dev/uio0", .memory = 4 * 4096, .pwrite = uio_write };

/* After fake_start(). */
static void play_unsafe(void)
{
	fake_page_size(4096);
	pagemap_play(PAGEMAP_IN_ORDER);
	vm_play();
	fake_kernel(6012);
	/* edu, as PCI device */
	fake_file(PCI "config", "\x34\x12\xe8\x11\x01\x05\x10\x00", 8);
	fake_sparse(PCI "resource0", 1 << 20);
	fake_text(PCI "resource", "0x00000000fea00000 0x00000000feafffff 0x0000000000040200\n");
	fake_dir("/sys/bus/pci/devices");
	fake_link("/sys/bus/pci/devices/0000:00:04.0", "../../../devices/pci0000:00/0000:00:04.0");
	/* and one of the platform, of generic-uio */
	fake_dir("/sys/bus/platform/devices");
	fake_link("/sys/bus/platform/devices/fe204000.spi", "../../../devices/platform/fe204000.spi");
	fake_text(SOC "uio/uio0/maps/map0/size", "0x1000\n");
	fake_text(SOC "uio/uio0/maps/map0/addr", "0xfe204000\n");
	fake_text(SOC "uio/uio0/maps/map0/offset", "0x0\n");
	fake_text(SOC "uio/uio0/maps/map1/size", "0x1000\n"); /* of the page */
	fake_text(SOC "uio/uio0/maps/map1/addr", "0xfe205000\n");
	fake_text(SOC "uio/uio0/maps/map1/offset", "0x200\n");
	fake_text(SOC "uio/uio0/event", "41\n");
	fake_dir("/sys/class/uio");
	fake_link("/sys/class/uio/uio0", "../../devices/platform/fe204000.spi/uio/uio0");
	fake_node(&uio0);
}

/* The device of PCI has the node instead: uio_pci_generic. */
static inline void play_uio_pci(void)
{
	fake_remove("/sys/class/uio/uio0");
	fake_text(PCI "uio/uio0/event", "0\n");
	fake_link("/sys/class/uio/uio0", "../../devices/pci0000:00/0000:00:04.0/uio/uio0");
}

#endif
