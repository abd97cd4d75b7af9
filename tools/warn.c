/* SPDX-License-Identifier: MIT */
/* What makes registers answer nothing, or hangs the machine, as far as the kernel tells. */
#include "registers.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#define CLOCKS "/sys/kernel/debug/clk/clk_summary"
#define WORDS 12

/* The words of a line, in place. */
static size_t split(char *line, char *words[WORDS])
{
	size_t count = 0;
	char *rest = NULL;

	for (char *word = strtok_r(line, " \t\n", &rest); word && count < WORDS;
		word = strtok_r(NULL, " \t\n", &rest))
		words[count++] = word;
	return count;
}

/*
 * drivers/clk/clk.c, clk_summary_show_one(): name, counts of enable, prepare and protect, rate,
 * accuracy, phase, duty cycle, hardware enable, and since Linux 6.6 who uses it and as what; further
 * users have lines of their own.
 */
static void look_for_clocks(FILE *file, const char *device)
{
	char line[1024], clock[128] = "", *words[WORDS];
	size_t length = strlen(device);
	bool off = false;

	while (fgets(line, sizeof(line), file)) {
		size_t count = split(line, words);
		const char *user = count == 2 ? words[0] : count >= 10 ? words[9] : "";
		uint64_t enabled;

		if (count >= 9 && parse_number(words[1], &enabled)) {
			(void)strlcpy(clock, words[0], sizeof(clock));
			off = !enabled;
		}
		if (off && clock[0] && !strncmp(user, device, length)) {
			report("warning: the clock %s of %s is off: the block may not answer, or hang "
				"the machine", clock, user);
			clock[0] = '\0'; /* once */
		}
	}
}

void warn_node(struct pmem_ctx *ctx, const char *node, uint64_t phys)
{
	char full[4096], device[32];
	FILE *file;

	if (sure(pmem_soc_node_available(ctx, node)) == 0)
		report("warning: %s is disabled in the device tree: it may have no clock and no "
			"power", node);
	if (!root_path(full, sizeof(full), CLOCKS))
		return;
	file = fopen(full, "re");
	if (!file) {
		(void)sure(-errno);
		return; /* only root sees it, where there is one */
	}
	/* drivers/of/device.c names a platform device by address and node: "3f201000.serial". */
	(void)snprintf(device, sizeof(device), "%" PRIx64 ".", phys);
	look_for_clocks(file, device);
	(void)fclose(file);
}

/* The command register of a function: PCI Local Bus specification 3.0, 6.2.2. */
#define PCI_COMMAND 4
#define PCI_COMMAND_MEMORY 2u

int check_decoding(const char *bdf)
{
	const char *domain = strlen(bdf) < 8 ? "0000:" : "";
	unsigned char config[PCI_COMMAND + 2];
	char path[128], full[4096];
	FILE *file;
	size_t got;

	(void)snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s%s/config", domain, bdf);
	if (!root_path(full, sizeof(full), path))
		return 0;
	file = fopen(full, "re");
	if (!file) {
		(void)sure(-errno);
		return 0; /* mapping explains it */
	}
	(void)setvbuf(file, NULL, _IONBF, 0); /* these bytes only: others may have side effects */
	got = fread(config, 1, sizeof(config), file);
	(void)fclose(file);
	if (got < sizeof(config) || config[PCI_COMMAND] & PCI_COMMAND_MEMORY)
		return 0;
	(void)snprintf(full, sizeof(full), "write 1 to /sys/bus/pci/devices/%s%s/enable, or let a "
		"driver have it", domain, bdf);
	return fail_because(EXIT_FAILED, "decoding-off", full,
		"memory decoding of PCI device %s%s is off: it answers no access", domain, bdf);
}
