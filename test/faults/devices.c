/* SPDX-License-Identifier: MIT */
#include "devices.h"

#include <stdio.h>

#include "operation.h"
#include "played_device.h"
#include "played_unsafe.h"

#define SECOND "0000:00:05.0"

static unsigned resets;

/* --- behind an IOMMU, and VFIO without one ------------------------------------------------------ */

static void vfio_settled(const char *what)
{
	ck_assert_msg(!vfio.maps && !vfio.pinned && !vfio.spaces && !vfio.open_groups && !vfio.open_devices,
		"%s: %zu maps are left, %llu bytes pinned, %zu spaces, %u groups and %u devices open", what, vfio.maps,
		(unsigned long long)vfio.pinned, vfio.spaces, vfio.open_groups, vfio.open_devices);
	for (size_t i = 0; i < VFIO_IRQS; i++)
		ck_assert_msg(edu->events[i][0] == -1, "%s: its interrupt %zu is on", what, i);
	pagemap_settle();
}

static void play_vfio(int i)
{
	play_machine(i);
	vfio_add(SECOND, 3);
	edu->can_reset = true;
}

static void groups(void)
{
	play_vfio(0);
}

static void nodes(void)
{
	play_vfio(1);
}

static void nodes_beside_groups(void)
{
	play_vfio(2);
}

/* With a tree that has the bridge: addresses are those of the device, and no others. */
static void noiommu(void)
{
	play(6012, VFIO_PLAY_GROUP | VFIO_PLAY_NOIOMMU);
	bridge();
	edu->can_reset = true;
	fake_capability(CAP_SYS_RAWIO, true);
	pagemap_rule(PAGEMAP_IN_ORDER);
}

/* --- uio and sysfs ------------------------------------------------------------------------------- */

static void files_settled(const char *what)
{
	(void)what;
	pagemap_settle();
}

static void files(void)
{
	fake_start();
	play_unsafe();
	fake_text(PCI "reset", "");
	fake_text(SOC "uio/uio0/dev", "0:1\n");
	assert_works(pmem_ctx_new(&ctx));
}

static const struct os_calls *played;
static unsigned lets_go;

/* To the node of uio: that the interrupt may fire. */
static ssize_t count_write(int fd, const void *buf, size_t count)
{
	ssize_t n = played->write(fd, buf, count);

	lets_go += n == sizeof(int32_t);
	return n;
}

static void generic_uio(void)
{
	static struct os_calls counting;

	files();
	played = os;
	counting = *os;
	counting.write = count_write;
	os = &counting;
	fake_string("/", "compatible", "a board");
	fake_file("/proc/device-tree/dma-coherent", "", 0);
	fake_string("/soc/spi@fe204000", "compatible", "vendor,spi");
	fake_link(SOC "of_node", "../../../firmware/devicetree/base/soc/spi@fe204000");
}

static void uio_pci(void)
{
	files();
	play_uio_pci();
	fake_text(PCI "uio/uio0/dev", "0:1\n");
}

/* --- all of them --------------------------------------------------------------------------------- */

static const struct device_machine all[] = {
	{ .name = "vfio", .way = "vfio", .device = NAME, .second = SECOND, .node = "/dev/vfio/2",
		.node_is_group = true, .line = true, .play = groups, .settled = vfio_settled },
	{ .name = "iommufd", .way = "iommufd", .device = NAME, .second = SECOND, .node = "/dev/vfio/devices/vfio0",
		.line = true, .play = nodes, .settled = vfio_settled },
	{ .name = "iommufd beside groups", .way = "iommufd", .device = NAME, .line = true,
		.play = nodes_beside_groups, .settled = vfio_settled },
	{ .name = "noiommu", .way = "noiommu", .device = NAME, .node = "/dev/vfio/noiommu-2",
		.node_is_group = true, .physical = true, .line = true, .play = noiommu, .settled = vfio_settled },
	{ .name = "uio", .way = "uio", .device = "/soc/spi@fe204000", .node = "/dev/uio0", .physical = true,
		.line = true, .play = generic_uio, .settled = files_settled },
	{ .name = "uio of PCI", .way = "uio", .device = NAME, .node = "/dev/uio0", .physical = true, .line = true,
		.play = uio_pci, .settled = files_settled },
	{ .name = "sysfs", .way = "sysfs", .device = NAME, .physical = true, .play = files,
		.settled = files_settled },
};

const struct device_machine *device_machine;
const int device_grounds = ARRAY_SIZE(all);

const struct ground *device_start(int i)
{
	static struct ground ground;

	device_machine = &all[i];
	device_machine->play();
	pmem_ctx_unref(ctx);
	ctx = NULL;
	ground = (struct ground){ device_machine->name, device_machine->settled };
	return &ground;
}

void device_stop(void)
{
	if (device_machine->settled == vfio_settled)
		stop();
	else
		fake_stop();
}

static bool is_vfio(void)
{
	return device_machine->settled == vfio_settled;
}

static size_t file_bytes(const char *name, void *bytes, size_t size, size_t from)
{
	char path[256];
	FILE *file;
	size_t n = 0;

	snprintf(path, sizeof(path), "%s%s", fake_root(), name);
	file = fopen(path, "re");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fseek(file, (long)from, SEEK_SET), 0);
	n = fread(bytes, 1, size, file);
	fclose(file);
	return n;
}

int device_command(void)
{
	unsigned char command[2];

	if (device_machine->device[0] == '/')
		return -1;
	if (is_vfio())
		memcpy(command, edu->config + 4, 2);
	else
		ck_assert_uint_eq(file_bytes(PCI "config", command, 2, 4), 2);
	return command[0] | command[1] << 8;
}

/* Of sysfs: what was written since it was asked last. */
unsigned device_resets(void)
{
	char text[2];

	if (is_vfio())
		return edu->resets;
	resets += file_bytes(PCI "reset", text, 2, 0) == 1;
	fake_text(PCI "reset", "");
	return resets;
}

unsigned device_unmasked(void)
{
	return lets_go;
}
