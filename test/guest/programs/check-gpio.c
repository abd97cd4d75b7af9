/* SPDX-License-Identifier: MIT */
/*
 * The GPIO registers, mapped in every way there is, are the same registers.
 *     --node NAME        the compatible of the GPIO controller
 *     --kind bcm2835|pl061 --pin N   drive this pin and read it back (only where nothing is wired
 *                        to it!); without it no register is written
 *     --gpiomem          /dev/gpiomem must serve a user without any privilege
 *     --outside ADDRESS  registers outside its window, which such a user must not get
 */
#include <getopt.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "check_lib.h"

/* Where a controller has what is needed to drive a pin; every access is 32 bits wide. */
struct pins {
	const char *name;
	void (*output)(struct pmem_region *region, unsigned pin);
	void (*drive)(struct pmem_region *region, unsigned pin, int level);
	uint64_t level_at; /* a register in which the driven level can be seen */
	uint32_t level_step;
};

static uint32_t get(const struct pmem_region *region, uint64_t offset)
{
	uint32_t value = 0;

	CHECK_OK("read32", pmem_region_read32(region, offset, &value));
	return value;
}

/* BCM2835 ARM Peripherals, section 6.1: GPFSELn at 0, GPSETn at 0x1c, GPCLRn at 0x28, GPLEVn at 0x34 */
static void bcm2835_output(struct pmem_region *region, unsigned pin)
{
	uint64_t select = (uint64_t)pin / 10 * 4;
	unsigned shift = pin % 10 * 3;

	pmem_region_write32(region, select, (get(region, select) & ~(7u << shift)) | 1u << shift);
}

static void bcm2835_drive(struct pmem_region *region, unsigned pin, int level)
{
	pmem_region_write32(region, (level ? 0x1c : 0x28) + (uint64_t)pin / 32 * 4,
		1u << pin % 32);
}

/* ARM DDI 0190, PL061: GPIODATA at 0 with the pins to change as address bits 9:2, GPIODIR at 0x400 */
static void pl061_output(struct pmem_region *region, unsigned pin)
{
	pmem_region_write32(region, 0x400, get(region, 0x400) | 1u << pin);
}

static void pl061_drive(struct pmem_region *region, unsigned pin, int level)
{
	pmem_region_write32(region, 4ull << pin, (uint32_t)level << pin);
}

static const struct pins kinds[] = {
	{ "bcm2835", bcm2835_output, bcm2835_drive, 0x34, 4 },
	{ "pl061", pl061_output, pl061_drive, 0x3fc, 0 },
};

static int level_of(const struct pins *kind, const struct pmem_region *region, unsigned pin)
{
	return get(region, kind->level_at + pin / 32 * kind->level_step) >> pin % 32 & 1;
}

/* Drives the pin through one mapping and looks at it through another. */
static void check_pin(const struct pins *kind, struct pmem_region *drive, struct pmem_region *look,
	unsigned pin)
{
	kind->output(drive, pin);
	for (int level = 1; level >= 0; level--) {
		kind->drive(drive, pin, level);
		CHECK(level ? "pin-high" : "pin-low", level_of(kind, look, pin) == level,
			"pin %u is %d (%s, seen through %s)", pin, !level,
			pmem_region_backend(drive), pmem_region_backend(look));
	}
}

/* One register through a mapping of its own, which begins in the middle of a page. */
static void check_unaligned(struct pmem_ctx *ctx, const struct pins *kind, uint64_t gpio,
	struct pmem_region *whole, unsigned pin)
{
	uint64_t at = gpio + kind->level_at + pin / 32 * kind->level_step, phys = 0;
	struct pmem_region *one = NULL;
	uint32_t value = 0;

	CHECK_OK("map-one-register", pmem_region_map(ctx, at, 4, 0, &one));
	if (!one)
		return;
	CHECK_OK("one-register-phys", pmem_region_phys(one, &phys));
	CHECK_U64("one-register-address", phys, at);
	for (int level = 1; level >= 0; level--) {
		kind->drive(whole, pin, level);
		CHECK_OK("one-register-read", pmem_region_read32(one, 0, &value));
		CHECK("one-register-level", (value >> pin % 32 & 1) == (uint32_t)level,
			"pin %u is seen as %d", pin, !level);
	}
	check_refused("one-register-bounds", pmem_region_read32(one, 4, &value), "bounds");
	pmem_region_close(one);
}

static void check_ways(struct pmem_ctx *ctx, const char *node, const struct pins *kind, unsigned pin)
{
	struct pmem_region *region[3] = { NULL, NULL, NULL };
	uint64_t gpio = 0, size = 0, phys = 0;

	CHECK_OK("gpio", pmem_soc_gpio(ctx, &gpio, &size));
	CHECK_OK("map-gpio", pmem_region_map_gpio(ctx, 0, &region[0]));
	CHECK_OK("map-address", pmem_region_map(ctx, gpio, size, 0, &region[1]));
	if (node)
		CHECK_OK("map-node", pmem_region_map_node(ctx, node, 0, 0, &region[2]));
	for (int i = 0; i < 3; i++) {
		if (!region[i])
			continue;
		CHECK_OK("phys", pmem_region_phys(region[i], &phys));
		CHECK_U64("address", phys, gpio);
		CHECK("attributes", pmem_region_attrs(region[i]) & PMEM_REGION_DEVICE,
			"0x%x is without DEVICE", pmem_region_attrs(region[i]));
		printf("level register %08x through %s\n", kind ? get(region[i], kind->level_at) : 0,
			pmem_region_backend(region[i]));
		for (int k = 0; kind && k < 3; k++) {
			if (region[k])
				check_pin(kind, region[i], region[k], pin);
		}
	}
	if (kind && region[0])
		check_unaligned(ctx, kind, gpio, region[0], pin);
	for (int i = 0; i < 3; i++)
		CHECK_OK("close", pmem_region_close(region[i]));
}

/* In a child: a user with no privilege but that to open /dev/gpiomem. */
static int as_user(const struct pins *kind, unsigned pin, uint64_t outside)
{
	struct pmem_region *region = NULL;
	struct pmem_ctx *ctx;

	check_become_user();
	ctx = check_ctx();
	CHECK_OK("user-map-gpio", pmem_region_map_gpio(ctx, 0, &region));
	if (region) {
		CHECK("user-backend", !strcmp(pmem_region_backend(region), "gpiomem"), "it is %s",
			pmem_region_backend(region));
		if (kind)
			check_pin(kind, region, region, pin);
		pmem_region_close(region);
		region = NULL;
	}
	if (outside) {
		int result = pmem_region_map(ctx, outside, 4, 0, &region);

		CHECK("user-outside", result < 0, "0x%llx was mapped through %s",
			(unsigned long long)outside, pmem_region_backend(region));
		printf("user-outside: %s\n", check_error());
	}
	pmem_ctx_unref(ctx);
	return check_end();
}

static void check_gpiomem(const struct pins *kind, unsigned pin, uint64_t outside)
{
	struct stat before = { .st_mode = 0600 };
	int status = -1;
	pid_t child;

	CHECK("gpiomem", !stat("/dev/gpiomem", &before) && !chmod("/dev/gpiomem", 0666),
		"there is no /dev/gpiomem");
	fflush(stdout);
	child = fork();
	if (child == 0)
		_exit(as_user(kind, pin, outside));
	waitpid(child, &status, 0);
	chmod("/dev/gpiomem", before.st_mode & 07777);
	CHECK("user", status == 0, "wait status 0x%x", status);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "node", required_argument, NULL, 'n' },
		{ "kind", required_argument, NULL, 'k' },
		{ "pin", required_argument, NULL, 'p' },
		{ "gpiomem", no_argument, NULL, 'm' },
		{ "outside", required_argument, NULL, 'o' },
		{ NULL, 0, NULL, 0 },
	};
	const struct pins *kind = NULL;
	const char *node = NULL;
	uint64_t outside = 0;
	unsigned pin = 0;
	int option, gpiomem = 0;
	struct pmem_ctx *ctx = check_ctx();

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		for (size_t i = 0; option == 'k' && i < sizeof(kinds) / sizeof(*kinds); i++) {
			if (!strcmp(kinds[i].name, optarg))
				kind = &kinds[i];
		}
		if (option == 'n')
			node = optarg;
		else if (option == 'p')
			pin = (unsigned)check_number(optarg);
		else if (option == 'o')
			outside = check_number(optarg);
		gpiomem |= option == 'm';
		CHECK("options", option != '?' && (option != 'k' || kind), "bad option");
	}
	check_ways(ctx, node, kind, pin);
	pmem_ctx_unref(ctx);
	if (gpiomem)
		check_gpiomem(kind, pin, outside);
	return check_end();
}
