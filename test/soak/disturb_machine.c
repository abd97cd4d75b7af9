/* SPDX-License-Identifier: MIT */
/* Swap in compressed memory, and a processor that goes and comes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/swap.h>
#include <unistd.h>

#include "disturb.h"

#define ZRAM       "/dev/zram0"
#define ZRAM_FILES "/sys/block/zram0/"
#define SWAP_SIZE  (1024 * MIB)

static bool free_before; /* nobody else's */

static void remember_swap(void)
{
	free_before = soak_number(ZRAM_FILES "disksize", "") == 0 && access(ZRAM, R_OK | W_OK) == 0;
}

/* include/linux/swap.h, union swap_header: what mkswap writes. */
static int write_header(void)
{
	static uint32_t header[PAGE / 4];
	int fd = open(ZRAM, O_WRONLY | O_CLOEXEC), r;

	if (fd < 0)
		return -errno;
	header[256] = 1;                                  /* version */
	header[257] = (uint32_t)(SWAP_SIZE / PAGE - 1);   /* last page */
	memcpy((char *)header + PAGE - 10, "SWAPSPACE2", 10);
	r = write(fd, header, PAGE) == (ssize_t)PAGE ? 0 : -errno;
	if (fsync(fd) < 0 && r == 0)
		r = -errno;
	close(fd);
	return r;
}

static const char *begin_swap(void)
{
	static char why[120];
	int r;

	if (!free_before)
		return access(ZRAM, F_OK) ? "there is no " ZRAM : ZRAM " is somebody else's";
	r = soak_write_number(ZRAM_FILES "disksize", SWAP_SIZE);
	r = r ? r : write_header();
	r = r || swapon(ZRAM, 0) == 0 ? r : -errno;
	if (r == 0)
		return NULL;
	snprintf(why, sizeof(why), ZRAM " does not become swap: %s", strerror(-r));
	return why;
}

/* Memory of nobody in particular goes to swap, and comes back. */
static bool step_swap(uint64_t number)
{
	const size_t length = 48 * MIB;
	uint64_t *words = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool good = true;

	if (words == MAP_FAILED)
		return true;
	for (size_t i = 0; i < length / 8; i += PAGE / 8)
		words[i] = i + number;
	madvise(words, length, MADV_PAGEOUT);
	for (size_t i = 0; good && i < length / 8; i += PAGE / 8)
		good = words[i] == i + number;
	if (!good)
		soak_fault("memory came back from swap with another content");
	munmap(words, length);
	return good;
}

static int undo_swap(void)
{
	int r = 0;

	if (!free_before)
		return 0;
	if (swapoff(ZRAM) < 0 && errno != EINVAL) /* it is none */
		r = -errno;
	for (unsigned tries = 0; tries < 20; tries++) {
		int reset = soak_write(ZRAM_FILES "reset", "1"); /* EBUSY while udev looks at it */

		if (reset == 0)
			break;
		if (tries == 19)
			r = reset;
		soak_sleep_ms(50);
	}
	return r;
}

#define ONLINE "/sys/devices/system/cpu/cpu1/online"

static uint64_t online_was;

static void remember_processor(void)
{
	online_was = soak_number(ONLINE, "");
}

static const char *begin_processor(void)
{
	if (online_was == UINT64_MAX)
		return "there is no second processor, or it cannot go";
	if (online_was == 0)
		return "processor 1 is switched off";
	return access(ONLINE, W_OK) == 0 ? NULL : ONLINE " cannot be written";
}

static bool step_processor(uint64_t number)
{
	(void)number;
	if (soak_write(ONLINE, "0") == 0) {
		soak_sleep_ms(150);
		soak_write(ONLINE, "1");
	}
	return true;
}

static int undo_processor(void)
{
	return online_was == 1 && soak_number(ONLINE, "") == 0 ? soak_write(ONLINE, "1") : 0;
}

const struct disturbance disturb_swap = { .name = "swap", .remember = remember_swap, .begin = begin_swap, .step = step_swap,
	.undo = undo_swap, .percent = 4, .least_ms = 1000 };
const struct disturbance disturb_processor = { .name = "processor 1 off and on", .remember = remember_processor,
	.begin = begin_processor, .step = step_processor, .undo = undo_processor, .percent = 2, .least_ms = 5000 };
