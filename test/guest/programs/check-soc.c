/* SPDX-License-Identifier: MIT */
/*
 * Detection of the SoC and translation of addresses, from the live /proc/device-tree.
 *     --family NAME --gpio ADDRESS --node NAME=ADDRESS --bus PHYS=BUS
 * Each may be given as often as wanted; a family is printed for the runner's table.
 */
#include <getopt.h>

#include "check_lib.h"

static void check_family(struct pmem_ctx *ctx, const char *wanted)
{
	CHECK("family", !strcmp(pmem_soc_family(ctx), wanted), "it says %s", pmem_soc_family(ctx));
}

/* compatible is what the kernel shows, string by string. */
static void check_compatible(struct pmem_ctx *ctx)
{
	char raw[4096];
	size_t length = 0, at = 0, i;
	FILE *file = fopen("/proc/device-tree/compatible", "re");

	if (!file) {
		CHECK("compatible", !pmem_soc_compatible(ctx, 0), "%s, without a device tree",
			pmem_soc_compatible(ctx, 0));
		return;
	}
	length = fread(raw, 1, sizeof(raw) - 1, file);
	raw[length] = '\0';
	fclose(file);
	for (i = 0; at < length; i++, at += strlen(raw + at) + 1) {
		const char *got = pmem_soc_compatible(ctx, i);

		CHECK("compatible", got && !strcmp(got, raw + at), "%zu is %s, not %s", i,
			got ? got : "missing", raw + at);
	}
	CHECK("compatible-end", !pmem_soc_compatible(ctx, i), "there are more than %zu", i);
}

static void check_gpio(struct pmem_ctx *ctx, const char *value)
{
	uint64_t phys = 0;
	int result = pmem_soc_gpio(ctx, &phys, NULL);

	if (!strcmp(value, "none")) {
		CHECK("gpio", result < 0, "there is one, at 0x%llx", (unsigned long long)phys);
		return;
	}
	CHECK_OK("gpio", result);
	CHECK_U64("gpio-address", phys, check_number(value));
}

static void check_node(struct pmem_ctx *ctx, char *value)
{
	uint64_t phys = 0;
	char *address = strchr(value, '=');

	*address++ = '\0';
	CHECK_OK("node", pmem_soc_node(ctx, value, 0, &phys, NULL));
	CHECK_U64("node-address", phys, check_number(address));
}

static void check_bus(struct pmem_ctx *ctx, const char *value)
{
	uint64_t phys = check_number(value), bus = check_number(strchr(value, '=') + 1);
	uint64_t got = 0;

	CHECK_OK("phys-to-bus", pmem_soc_phys_to_bus(ctx, NULL, phys, &got));
	CHECK_U64("bus-address", got, bus);
	CHECK_OK("bus-to-phys", pmem_soc_bus_to_phys(ctx, NULL, bus, &got));
	CHECK_U64("phys-address", got, phys);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "family", required_argument, NULL, 'f' },
		{ "gpio", required_argument, NULL, 'g' },
		{ "node", required_argument, NULL, 'n' },
		{ "bus", required_argument, NULL, 'b' },
		{ NULL, 0, NULL, 0 },
	};
	struct pmem_ctx *ctx = check_ctx();
	int option;

	printf("SOC %s\n", pmem_soc_family(ctx));
	CHECK_U64("page-size", pmem_soc_page_size(ctx), (uint64_t)sysconf(_SC_PAGESIZE));
	check_compatible(ctx);
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'f')
			check_family(ctx, optarg);
		else if (option == 'g')
			check_gpio(ctx, optarg);
		else if (option == 'n' && strchr(optarg, '='))
			check_node(ctx, optarg);
		else if (option == 'b' && strchr(optarg, '='))
			check_bus(ctx, optarg);
		else
			CHECK("options", 0, "bad option");
	}
	pmem_ctx_unref(ctx);
	return check_end();
}
