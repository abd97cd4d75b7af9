/* SPDX-License-Identifier: MIT */
/*
 * Real DMA by physical address: the self-test with QEMU's edu device. A copy is one transfer in and
 * one out.
 *     --backend NAME    where the buffers come from; not given: the library chooses
 */
#include <dirent.h>
#include <fcntl.h>

#include "check-edu.h"

static int phys(const struct pmem_region *region, uint64_t *address)
{
	return pmem_region_phys(region, address);
}

static int reads(const char *device, const char *file, const char *wanted)
{
	char path[300], text[16] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", device, file);
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (!fgets(text, sizeof(text), f))
		text[0] = '\0';
	fclose(f);
	return !strncmp(text, wanted, strlen(wanted));
}

/* The device's name in sysfs. */
static int find(char *name, size_t size)
{
	DIR *dir = opendir("/sys/bus/pci/devices");
	struct dirent *entry;
	int found = 0;

	while (dir && !found && (entry = readdir(dir))) {
		found = reads(entry->d_name, "vendor", "0x1234") &&
			reads(entry->d_name, "device", "0x11e8");
		if (found)
			snprintf(name, size, "%.63s", entry->d_name);
	}
	if (dir)
		closedir(dir);
	return found;
}

/* Without a driver nobody lets the device decode its BAR and be a bus master: the PCI command
 * register at offset 4, bits 1 and 2. */
static int enable(const char *device)
{
	uint16_t command = 0;
	char path[300];
	int fd, good;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", device);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return 0;
	good = pread(fd, &command, 2, 4) == 2;
	command |= 6;
	good = good && pwrite(fd, &command, 2, 4) == 2;
	close(fd);
	return good;
}

/* The device as a master, by its place on the bus: nothing translates here. */
static void check_master(struct pmem_ctx *ctx, const char *device)
{
	uint64_t bus = 0;
	char master[80];

	snprintf(master, sizeof(master), "pci:%s", device);
	CHECK_OK("edu-master", pmem_soc_phys_to_bus(ctx, master, 0x12345000, &bus));
	CHECK_U64("edu-bus", bus, 0x12345000);
	CHECK("edu-coherent", pmem_soc_coherent(ctx, master) == 1, "%s", check_error());
}

int main(int argc, char **argv)
{
	struct edu engine = { .dma = { .address = phys, .copy = edu_copy } };
	char device[64] = "";
	uint32_t id = 0;
	int r;

	if (argc == 3 && !strcmp(argv[1], "--backend"))
		engine.dma.backend = argv[2];
	engine.dma.ctx = check_ctx();
	CHECK("edu-found", find(device, sizeof(device)), "no PCI device 1234:11e8");
	check_master(engine.dma.ctx, device);
	CHECK("edu-enabled", enable(device), "its configuration space cannot be written");
	r = pmem_region_map_pci(engine.dma.ctx, device, 0, 0, &engine.registers);
	CHECK_OK("map-bar", r);
	if (r == 0) {
		CHECK_OK("edu-read", pmem_region_read32(engine.registers, 0, &id));
		CHECK_U64("edu-id", id & 0xff, EDU_ID);
		dma_check(&engine.dma);
		CHECK_OK("close-bar", pmem_region_close(engine.registers));
	}
	pmem_ctx_unref(engine.dma.ctx);
	return check_end();
}
