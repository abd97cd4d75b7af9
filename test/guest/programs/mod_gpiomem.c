/* SPDX-License-Identifier: MIT */
/*
 * Proves pmem_gpiomem.ko by its raw ABI. Without arguments: /dev/gpiomem of the Pi 0 to 4. With
 * NODE:BASE:LENGTH arguments: the windows of a Pi 5, as they were given to the module.
 */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "mod_check.h"

#define GPFSEL1 (4 / 4) /* BCM2835 ARM Peripherals, table 6-1: a word that can be written */

static sigjmp_buf bus_error;

static void on_sigbus(int signo)
{
	(void)signo;
	siglongjmp(bus_error, 1);
}

/* Whether a load from the word raises SIGBUS. */
static int faults(const volatile uint32_t *word)
{
	struct sigaction act = {.sa_handler = on_sigbus}, before;
	int bad = 1;

	sigaction(SIGBUS, &act, &before);
	if (sigsetjmp(bus_error, 1) == 0) {
		(void)*word;
		bad = 0;
	}
	sigaction(SIGBUS, &before, NULL);
	return bad;
}

static volatile uint32_t *map(const char *path, size_t length, off_t offset)
{
	int fd = open(path, O_RDWR | O_SYNC | O_CLOEXEC), saved;
	void *p;

	if (fd < 0)
		return NULL;
	p = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
	saved = errno;
	close(fd);
	errno = saved;
	return p == MAP_FAILED ? NULL : p;
}

static void check_old(size_t page)
{
	volatile uint32_t *a = map("/dev/gpiomem", 48 * page, 0), *b;
	struct stat st;

	if (!check_result("gpiomem.map", a != NULL, "%s", strerror(errno)))
		return;
	CHECK("gpiomem.class", stat("/sys/class/bcm2835-gpiomem/gpiomem", &st) == 0, "%s",
		strerror(errno));
	a[GPFSEL1] = 0x8; /* GPIO 11 an output */
	CHECK_EQ("gpiomem.write", a[GPFSEL1], 0x8);
	CHECK_EQ("gpiomem.first-page", faults(a), 0);
	CHECK_EQ("gpiomem.second-page-sigbus", faults(a + page / 4), 1);
	b = map("/dev/gpiomem", page, (off_t)(16 * page));
	if (check_result("gpiomem.offset", b != NULL, "%s", strerror(errno)))
		CHECK_EQ("gpiomem.offset-ignored", b[GPFSEL1], 0x8);
	a[GPFSEL1] = 0;
}

static void check_window(const char *text, size_t page)
{
	char name[32], path[64];
	unsigned long long base, length;
	volatile uint32_t *p, *q, *mem;
	size_t in, bytes;
	int i;

	if (sscanf(text, "%31[^:]:%lli:%lli", name, &base, &length) != 3) {
		CHECK("gpiomem.argument", 0, "%s", text);
		return;
	}
	snprintf(path, sizeof(path), "/dev/%s", name);
	in = (size_t)(base & (page - 1));
	bytes = (size_t)length;
	p = map(path, bytes, 0);
	q = map(path, bytes, (off_t)(4 * page));
	mem = map("/dev/mem", in + bytes, (off_t)(base - in));
	if (!check_result("gpiomem.window-map", p && q && mem, "%s: %s", text, strerror(errno)))
		return;
	for (i = 0; i < 4; i++)
		mem[in / 4 + (size_t)i] = 0x47500000u + (uint32_t)(base >> 4) + (uint32_t)i;
	CHECK("gpiomem.window-in-page", p[in / 4] == mem[in / 4], "%s", text);
	CHECK("gpiomem.window-offset-ignored", q[in / 4 + 3] == mem[in / 4 + 3], "%s", text);
	if (bytes > page) {
		errno = 0;
		p = map(path, page, 0);
		CHECK("gpiomem.window-short", !p && errno == EINVAL, "%s", strerror(errno));
	}
}

int main(int argc, char **argv)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int i;

	if (argc < 2)
		check_old(page);
	for (i = 1; i < argc; i++)
		check_window(argv[i], page);
	return check_end();
}
