/* SPDX-License-Identifier: MIT */
/*
 * Real DMA by physical address: the self-test with QEMU's edu PCI device (docs/specs/edu of QEMU).
 * It copies between memory and 4096 bytes of its own; a copy is one transfer in and one out.
 *     --backend NAME    where the buffers come from; not given: the library chooses
 */
#include <dirent.h>
#include <fcntl.h>
#include <time.h>

#include "check-dma.h"

#define EDU_ID      0xedu      /* the low byte of register 0 */
#define DMA_FROM    0x80u
#define DMA_TO      0x88u
#define DMA_COUNT   0x90u
#define DMA_COMMAND 0x98u
#define DMA_START   1u
#define DMA_OUT     2u         /* from the device to memory */
#define OWN_BUFFER  0x40000u
#define OWN_BYTES   4092u      /* of 4096: the device refuses to go to the very end */

struct engine {
	struct dma dma;
	struct pmem_region *registers;
};

static int phys(const struct pmem_region *region, uint64_t *address)
{
	return pmem_region_phys(region, address);
}

static int transfer(struct engine *engine, uint64_t from, uint64_t to, uint64_t count, uint32_t out)
{
	uint32_t command = 0;
	int r = pmem_region_write64(engine->registers, DMA_FROM, from);

	if (r == 0)
		r = pmem_region_write64(engine->registers, DMA_TO, to);
	if (r == 0)
		r = pmem_region_write64(engine->registers, DMA_COUNT, count);
	pmem_io_wmb();
	if (r == 0)
		r = pmem_region_write32(engine->registers, DMA_COMMAND, DMA_START | out);
	for (int i = 0; r == 0 && i < 3000; i++) { /* the device takes 100 ms */
		r = pmem_region_read32(engine->registers, DMA_COMMAND, &command);
		if (r == 0 && !(command & DMA_START))
			return 0;
		nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
	}
	return r ? r : -ETIMEDOUT;
}

static int copy(struct dma *dma, uint64_t dst, uint64_t src, uint64_t length)
{
	struct engine *engine = (struct engine *)dma;

	for (uint64_t done = 0; done < length;) {
		uint64_t count = length - done < OWN_BYTES ? length - done : OWN_BYTES;
		int r = transfer(engine, src + done, OWN_BUFFER, count, 0);

		if (r == 0)
			r = transfer(engine, OWN_BUFFER, dst + done, count, DMA_OUT);
		if (r)
			return r;
		done += count;
	}
	pmem_io_rmb();
	return 0;
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
	struct engine engine = { .dma = { .address = phys, .copy = copy } };
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
