/* SPDX-License-Identifier: MIT */
/* A machine with one device of VFIO, for the suites of the played kernel: included by one file of a program. */
#ifndef TEST_PLAYED_VFIO_H
#define TEST_PLAYED_VFIO_H

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "fake_vfio.h"
#include "suite.h"

#define PAGE     4096ull
#define CAP_LOCK 14
#define NR(nr)   (0x3b00ul | (nr))

static struct vfio_device *edu;
static unsigned char *memory; /* 4 MiB */

static void begin(int kernel, unsigned what)
{
	fake_start();
	vfio_play(kernel, what);
	edu = vfio_add("0000:00:04.0", 2);
	ck_assert_int_eq(os->mmap(NULL, 4 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0,
		(void **)&memory), 0);
}

static void end(void)
{
	ck_assert_int_eq(os->munmap(memory, 4 << 20), 0);
	vfio_stop();
	fake_stop();
}

static int at(const char *path)
{
	char full[512];

	snprintf(full, sizeof(full), "%s%s", fake_root(), path);
	return os->open(full, O_RDWR, 0);
}

static int call(int fd, unsigned long request, const void *arg)
{
	return os->ioctl(fd, request, (void *)(uintptr_t)arg);
}

static int value(int fd, unsigned long request, unsigned long arg)
{
	return os->ioctl(fd, request, (void *)arg);
}

static void write_config(int device, unsigned offset, uint16_t word)
{
	word = htole16(word);
	ck_assert_int_eq(os->pwrite(device, &word, 2, (7ull << 40) + offset), 2);
}

#endif
