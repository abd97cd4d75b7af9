/* SPDX-License-Identifier: MIT */
/*
 * /dev/gpiomem0 of a Pi 5: several windows in one device, the second from the middle of a page,
 * and a driver that ignores the offset of mmap(). Played over QEMU's "virt" board: the clock
 * (PL031) is the first window, the GPIO controller (PL061) without its data registers the second.
 * Each cell tells by its identification registers which of the two it is.
 *     pmem_gpiomem.ko windows=gpiomem0:0x9010000:0x4000,gpiomem0:0x9030400:0xc00
 */
#include <errno.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "check_lib.h"

#define ROOT "/pi5"
#define TREE ROOT "/proc/device-tree"

#define CLOCK      0x09010000u /* VIRT_RTC, hw/arm/virt.c of QEMU */
#define CLOCK_SIZE 0x4000u
#define GPIO       0x09030000u /* VIRT_GPIO */
#define DIRECTION  0x400u      /* GPIODIR, ARM DDI 0190; here the second window begins */
#define GPIO_SIZE  (0x1000u - DIRECTION)

/* Peripheral identification register 0: the low byte of the part number, 061 or 031. */
#define ID0 0xfe0u

static void property(const char *node, const char *name, const void *data, size_t size)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), TREE "%s", node);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), TREE "%s/%s", node, name);
	f = fopen(path, "we");
	CHECK("tree", f && fwrite(data, size, 1, f) == 1, "%s: %s", path, strerror(errno));
	if (f)
		fclose(f);
}

/* The tree of a Pi 5 as far as the library asks, on this machine's devices. */
static void play_board(void)
{
	static const char *const links[] = { "dev", "sys", "proc/self", "proc/iomem" };
	static const unsigned char one[4] = { 0, 0, 0, 1 };
	static const unsigned char windows[] = { 0x09, 0x01, 0, 0, 0, 0, 0x40, 0, 0x09, 0x03, 4, 0,
		0, 0, 0x0c, 0 };
	char from[64], to[64];

	mkdir(ROOT, 0755);
	mkdir(ROOT "/proc", 0755);
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
		snprintf(from, sizeof(from), "/%s", links[i]);
		snprintf(to, sizeof(to), ROOT "/%s", links[i]);
		CHECK("link", symlink(from, to) == 0, "%s: %s", to, strerror(errno));
	}
	property("", "compatible", "raspberrypi,5-model-b\0brcm,bcm2712", 35);
	property("", "#address-cells", one, sizeof(one));
	property("", "#size-cells", one, sizeof(one));
	property("/gpiomem@9010000", "compatible", "raspberrypi,gpiomem", 20);
	property("/gpiomem@9010000", "chardev-name", "gpiomem0", 9);
	property("/gpiomem@9010000", "reg", windows, sizeof(windows));
	property("/gpio@9030400", "compatible", "raspberrypi,rp1-gpio", 21);
	property("/gpio@9030400", "reg", windows + 8, 8);
	setenv("LIBPMEM_ROOT", ROOT, 1);
}

/* The cell that a region shows: its address, its backend, and what its register says. */
static void check_cell(struct pmem_region *region, uint64_t phys, uint64_t id_at, uint32_t id)
{
	uint32_t value = 0;
	uint64_t got = 0;

	CHECK_OK("phys", pmem_region_phys(region, &got));
	CHECK_U64("address", got, phys);
	CHECK("backend", !strcmp(pmem_region_backend(region), "gpiomem"), "it is %s",
		pmem_region_backend(region));
	CHECK_OK("read", pmem_region_read32(region, id_at, &value));
	CHECK_U64("which-cell", value & 0xff, id);
}

static void check_map(struct pmem_ctx *ctx, uint64_t phys, uint64_t size, uint64_t id_at, uint32_t id)
{
	struct pmem_region *region = NULL;

	CHECK_OK("map", pmem_region_map(ctx, phys, size, 0, &region));
	if (!region)
		return;
	check_cell(region, phys, id_at, id);
	CHECK_OK("close", pmem_region_close(region));
}

static void check_outside(struct pmem_ctx *ctx, uint64_t phys, uint64_t size)
{
	struct pmem_region *region = NULL;
	int r = pmem_region_map(ctx, phys, size, 0, &region);

	CHECK("outside", r < 0, "0x%llx was mapped by %s", (unsigned long long)phys,
		pmem_region_backend(region));
	printf("outside: %s\n", check_error());
	pmem_region_close(region);
}

/* In a child: a user with no privilege but that to open /dev/gpiomem0. */
static int as_user(void)
{
	struct pmem_region *region = NULL;
	struct pmem_ctx *ctx;

	check_become_user();
	ctx = check_ctx();
	CHECK_OK("map-gpio", pmem_region_map_gpio(ctx, 0, &region));
	if (region) {
		check_cell(region, GPIO + DIRECTION, ID0 - DIRECTION, 0x61);
		CHECK_U64("size", pmem_region_size(region), GPIO_SIZE);
		CHECK_OK("close", pmem_region_close(region));
	}
	check_map(ctx, CLOCK, CLOCK_SIZE, ID0, 0x31);
	check_map(ctx, CLOCK + ID0, 4, 0, 0x31);
	check_map(ctx, GPIO + ID0, 4, 0, 0x61);
	check_outside(ctx, GPIO, 4);               /* same page, before the window */
	check_outside(ctx, GPIO + 0x1000 - 4, 8);  /* half of it behind the window */
	check_outside(ctx, CLOCK + CLOCK_SIZE, 4); /* between the windows */
	check_outside(ctx, 0x09000000, 4);
	pmem_ctx_unref(ctx);
	return check_end();
}

/* What is written through the window is seen through /dev/mem, at the same address. */
static void check_same(struct pmem_ctx *ctx)
{
	struct pmem_region *window = NULL, *page = NULL;
	uint32_t value = 0;

	CHECK_OK("map-window", pmem_region_map(ctx, GPIO + DIRECTION, 4, 0, &window));
	CHECK_OK("map-page", pmem_region_map(ctx, GPIO, 0x1000, 0, &page));
	if (window && page) {
		CHECK("other-backend", !strcmp(pmem_region_backend(page), "devmem"), "it is %s",
			pmem_region_backend(page));
		for (uint32_t pins = 0x20; pins <= 0x60; pins += 0x20) {
			CHECK_OK("write", pmem_region_write32(window, 0, pins));
			CHECK_OK("read", pmem_region_read32(page, DIRECTION, &value));
			CHECK_U64("same-register", value, pins);
		}
		CHECK_OK("write", pmem_region_write32(window, 0, 0));
	}
	CHECK_OK("close", pmem_region_close(window));
	CHECK_OK("close", pmem_region_close(page));
}

int main(void)
{
	struct pmem_ctx *ctx;
	int status = -1;
	pid_t child;

	play_board();
	CHECK("device", chmod("/dev/gpiomem0", 0666) == 0, "there is no /dev/gpiomem0");
	ctx = check_ctx();
	CHECK("family", !strcmp(pmem_soc_family(ctx), "bcm2712"), "it is %s", pmem_soc_family(ctx));
	check_same(ctx);
	pmem_ctx_unref(ctx);
	fflush(stdout);
	child = fork();
	if (child == 0)
		_exit(as_user());
	waitpid(child, &status, 0);
	CHECK("user", status == 0, "wait status 0x%x", status);
	return check_end();
}
