/* SPDX-License-Identifier: MIT */
/*
 * QEMU's edu PCI device (docs/specs/edu of QEMU), where no driver has it: the one engine that any PC can be
 * given. It copies between memory and 4096 bytes of its own; a copy is one transfer in and one out.
 */
#include "engines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bsd/string.h>

#define DEVICES "/sys/bus/pci/devices"

#define DMA_FROM    0x80u
#define DMA_TO      0x88u
#define DMA_COUNT   0x90u
#define DMA_COMMAND 0x98u
#define DMA_START   1u
#define DMA_OUT     2u       /* from the device to memory */
#define DECODES     (1u << 1) /* of the PCI command register */
#define MASTER      (1u << 2)
#define OWN_BUFFER  0x40000u
#define OWN_BYTES   4092u    /* of 4096: the device refuses to go to the very end */

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
		(void)nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
	}
	return r ? r : -ETIMEDOUT;
}

/*
 * Without a driver nobody lets the device decode its BAR and be a bus master: the PCI command
 * register at offset 4. What is read behind it says that the write has got there.
 */
static bool set_command(const char *device, uint8_t set, uint8_t clear)
{
	uint8_t command[2];
	char path[200], full[4400];
	bool good;
	int fd;

	(void)snprintf(path, sizeof(path), DEVICES "/%s/config", device);
	fd = root_path(full, sizeof(full), path) ? open(full, O_RDWR | O_CLOEXEC) : -1;
	if (fd < 0)
		return false;
	good = pread(fd, command, 2, 4) == 2;
	command[0] = (uint8_t)((command[0] & ~clear) | set);
	good = good && pwrite(fd, command, 2, 4) == 2 && pread(fd, command, 2, 4) == 2;
	(void)close(fd);
	return good;
}

static int copy(struct engine *engine, uint64_t to, uint64_t from, uint64_t length)
{
	for (uint64_t done = 0; done < length; done += OWN_BYTES) {
		uint64_t count = length - done < OWN_BYTES ? length - done : OWN_BYTES;
		int r = transfer(engine, from + done, OWN_BUFFER, count, 0);

		if (r == 0)
			r = transfer(engine, OWN_BUFFER, to + done, count, DMA_OUT);
		if (r) {
			/* It cannot be stopped, but kept from memory, which the caller frees. */
			(void)set_command(engine->name, DECODES, MASTER);
			return r;
		}
	}
	pmem_io_rmb();
	return 0;
}

static int close_engine(struct engine *engine)
{
	return pmem_region_close(engine->registers);
}

static bool reads(const char *device, const char *file, const char *wanted)
{
	char path[400], text[16];

	(void)snprintf(path, sizeof(path), DEVICES "/%s/%s", device, file);
	return root_line(path, text, sizeof(text)) && !strcmp(text, wanted);
}

static bool find(char *name, size_t size)
{
	DIR *dir = root_folder(DEVICES);
	const struct dirent *entry;
	bool found = false;

	while (dir && !found && (entry = root_next(dir, DEVICES))) {
		found = reads(entry->d_name, "vendor", "0x1234") && reads(entry->d_name, "device", "0x11e8");
		if (found)
			(void)strlcpy(name, entry->d_name, size);
	}
	if (dir)
		(void)closedir(dir);
	return found;
}

static bool has_driver(const char *device)
{
	char path[200];

	(void)snprintf(path, sizeof(path), DEVICES "/%s/driver", device);
	return root_there(path);
}

int engine_edu(struct pmem_ctx *ctx, struct engine *engine)
{
	char device[64];

	if (!find(device, sizeof(device)))
		return ENGINE_NONE;
	if (has_driver(device))
		return fail(EXIT_UNSUPPORTED, "skipped: a driver has the device %s", device);
	if (!set_command(device, DECODES | MASTER, 0))
		return fail(EXIT_PERMISSION, "the configuration space of %s: %s", device, strerror(errno));
	*engine = (struct engine){ .kind = "edu", .ctx = ctx, .by_phys = true, .slow = true, .copy = copy,
		.close = close_engine };
	(void)strlcpy(engine->name, device, sizeof(engine->name));
	if (pmem_region_map_pci(ctx, device, 0, 0, &engine->registers))
		return fail_library(device);
	return 0;
}
