/* SPDX-License-Identifier: MIT */
/*
 * A tree whose properties are cut, lengthened and overwritten at random: every answer is an
 * address or an error with a cause, and nothing crashes (run under a sanitizer to see reads past
 * an end). The same numbers each time: the number of the loop and of the round say where it was.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

#define ROUNDS 120 /* PMEM_NOISE_ROUNDS asks for more */

static uint32_t state;

/* Marsaglia's xorshift32: the same numbers on every machine. */
static uint32_t random_number(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % below;
}

static const char *const nodes[] = {
	"/", "/soc", "/soc/bus@1000", "/soc/bus@1000/pcie@2000", "/soc/bus@1000/pcie@2000/dev@0",
	"/soc/bus@1000/gpio@100", "/cpus/cpu@0", "/aliases", "/__symbols__", "/mc@5000",
	"/reserved-memory", "/reserved-memory/a@1000", "/reserved-memory/b",
};
static const char *const properties[] = {
	"compatible", "reg", "ranges", "dma-ranges", "#address-cells", "#size-cells", "status",
	"device_type", "assigned-addresses", "interconnects", "interconnect-names", "phandle",
	"#interconnect-cells", "gpio-controller", "gpio0", "label", "model", "iommu-map",
	"size", "reusable", "memory-region", "memory-region-names",
};
static const char *const texts[] = {
	"simple-bus", "brcm,bcm2837", "brcm,bcm2835-gpio", "pci", "okay", "disabled", "dma-mem",
	"/soc/bus@1000/gpio@100", "/", "//", "/soc/..", "riscv", "",
};
static const uint32_t words[] = {
	0, 1, 2, 3, 4, 5, 0x7e000000, 0x1000, 0x02000000, 0x80000000, 0xffffffff, 0xfffff000,
};

#define PICK(list) ((list)[random_number(sizeof(list) / sizeof((list)[0]))])

/* Bytes that often look like what belongs there. */
static size_t noise(char *out, size_t room)
{
	size_t size = random_number(5) == 0 ? random_number((uint32_t)room) : random_number(64);
	size_t used = 0;

	switch (random_number(3)) {
	case 0:
		used = (size_t)snprintf(out, room, "%s", PICK(texts)) + random_number(2);
		return used;
	case 1:
		for (; used + 4 <= size; used += 4) {
			uint32_t word = PICK(words);

			for (int i = 0; i < 4; i++)
				out[used + (size_t)i] = (char)(word >> (24 - 8 * i));
		}
		return used + random_number(4) * (used + 4 <= room);
	default:
		for (; used < size; used++)
			out[used] = (char)random_number(256);
		return used;
	}
}

static void disturb(void)
{
	char path[256], bytes[2048] = { 0 };

	snprintf(path, sizeof(path), "proc/device-tree%s/%s", PICK(nodes), PICK(properties));
	if (random_number(8) == 0)
		fake_remove(path);
	else
		fake_file(path, bytes, noise(bytes, sizeof(bytes)));
}

static void assert_sane(int r, int round, const char *what)
{
	const struct pmem_error *e = pmem_error_last();

	ck_assert_msg(r <= 1, "round %d, %s: %d", round, what, r);
	if (r >= 0)
		return;
	ck_assert_msg(r == -ENOENT || r == -ENXIO || r == -ENODEV || r == -ERANGE,
		"round %d, %s: %d: %s", round, what, r, pmem_error_text(e));
	ck_assert_int_eq(pmem_error_code(e), r);
	ck_assert_msg(pmem_error_cause(e) != PMEM_CAUSE_NONE && pmem_error_message(e)[0],
		"round %d, %s: no reason", round, what);
}

/* Whatever is told of reserved memory is whole. */
static void ask_reserved(const struct pmem_ctx *ctx, int round)
{
	uint64_t phys, size;
	uint32_t flags;
	size_t count = 0, i = 0;
	int r = pmem_soc_reserved_count(ctx, &count);

	assert_sane(r, round, "reserved");
	ck_assert(r < 0 || r == 0);
	for (size_t k = 0; k < count; k++) {
		assert_works(pmem_soc_reserved(ctx, k, &phys, &size, &flags));
		ck_assert_uint_gt(size, 0);
		ck_assert((phys == PMEM_ADDRESS_NONE) == ((flags & PMEM_RESERVED_DYNAMIC) != 0));
		ck_assert_int_eq(strncmp(pmem_soc_reserved_path(ctx, k), "/reserved-memory/", 17), 0);
		ck_assert_ptr_nonnull(pmem_soc_reserved_compatible(ctx, k));
	}
	r = pmem_soc_node_reserved(ctx, PICK(nodes), random_number(3), NULL, &i);
	assert_sane(r, round, "node reserved");
	ck_assert(r < 0 || i < count);
	assert_sane(pmem_soc_node_reserved(ctx, PICK(nodes), 0, PICK(texts), &i), round, "by name");
}

static void ask_all(int round)
{
	struct pmem_ctx *ctx;
	uint64_t phys, size, bus;

	assert_works(pmem_ctx_new(&ctx));
	ck_assert_ptr_nonnull(pmem_soc_family(ctx));
	for (size_t i = 0; pmem_soc_compatible(ctx, i); i++)
		ck_assert_uint_lt(i, 4096);
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
		assert_sane(pmem_soc_node(ctx, nodes[i], random_number(3), &phys, &size), round,
			nodes[i]);
		assert_sane(pmem_soc_bus_to_phys(ctx, nodes[i], PICK(words), &bus), round, "dma");
	}
	assert_sane(pmem_soc_phys_to_bus(ctx, NULL, PICK(words), &bus), round, "default dma");
	assert_sane(pmem_soc_node(ctx, "&label", 0, &phys, NULL), round, "label");
	assert_sane(pmem_soc_node(ctx, "gpio0", 0, &phys, NULL), round, "alias");
	assert_sane(pmem_soc_node(ctx, "simple-bus", 0, &phys, NULL), round, "compatible");
	assert_sane(pmem_soc_gpio(ctx, &phys, &size), round, "gpio");
	assert_sane(pmem_soc_coherent(ctx, nodes[4]), round, "coherent");
	ask_reserved(ctx, round);
	pmem_ctx_unref(ctx);
}

START_TEST(noisy_tree)
{
	const char *more = getenv("PMEM_NOISE_ROUNDS");
	int rounds = more ? atoi(more) : ROUNDS;

	state = 0x9e3779b9u + (uint32_t)_i;
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
		fake_string(nodes[i], "compatible", PICK(texts));
	for (int round = 0; round < rounds; round++) {
		disturb();
		disturb();
		ask_all(round);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("dt_noise");
	TCase *tc = tcase_create("noise");

	tcase_add_checked_fixture(tc, fake_start, fake_stop);
	tcase_add_loop_test(tc, noisy_tree, 0, 4);
	tcase_set_timeout(tc, 120);
	suite_add_tcase(suite, tc);
	return suite;
}
