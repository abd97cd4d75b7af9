/* SPDX-License-Identifier: MIT */
/*
 * Every device tree of a Debian kernel package, played to the library: each reg entry of each
 * node, and each window of each dma-ranges, must come out as expect.c computes it.
 *
 * corpus PART PARTS LIST: take every PARTS-th blob named in the file LIST, from number PART on.
 */
#include <errno.h>
#include <fcntl.h>
#include <libfdt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pmem/pmem.h>

#include "expect.h"
#include "figures.h"
#include "grow.h"

#define PATH  1024
#define WHOLE 16 /* every 16th tree is written with all its properties */

static char root[] = "/dev/shm/pmem-corpus-XXXXXX";
static const char *current;
static unsigned long boards, reached, refused, windows, generic, gpios, pci_devices, wrong;

static void complain(const char *node, const char *what, unsigned index, uint64_t expected,
	uint64_t got)
{
	const char *last = strrchr(current, '/');

	if (wrong++ < 50)
		printf("%s %s: %s %u: expected 0x%llx, got 0x%llx (%s)\n", last ? last + 1 : current,
			node, what, index, (unsigned long long)expected, (unsigned long long)got,
			pmem_error_text(pmem_error_last()));
}

static void check_registers(struct pmem_ctx *ctx, const struct expect_way *way, const char *path)
{
	static unsigned turn;
	unsigned entries = expect_entries(way);
	/* One question past the end, of some nodes: it costs as much as one that has an answer. */
	unsigned past = turn++ % 8 == 0;

	for (unsigned i = 0; i < entries + past; i++) {
		uint64_t phys = 0, size = 0, got = 0, got_size = 0;
		bool there = i < entries && expect_reg(way, i, &phys, &size);
		int r = pmem_soc_node(ctx, path, i, &got, &got_size);

		if (there && (r != 0 || got != phys))
			complain(path, "address", i, phys, r ? (uint64_t)r : got);
		else if (there && got_size != size)
			complain(path, "size", i, size, got_size);
		else if (!there && r != -ENXIO && r != -ENOENT)
			complain(path, "unreachable address", i, (uint64_t)-ENXIO, r ? (uint64_t)r : got);
		reached += there;
		refused += i < entries && !there;
	}
}

/* A child of the bus that is no link to somewhere else, to ask the library as. */
static bool plain_child(const void *blob, int bus, const char *bus_path, char *path)
{
	int child;

	fdt_for_each_subnode(child, blob, bus) {
		if (fdt_getprop(blob, child, "interconnect-names", NULL))
			continue;
		return snprintf(path, PATH, "%s/%s", bus_path[1] ? bus_path : "",
			       fdt_get_name(blob, child, NULL)) < PATH;
	}
	return false;
}

/* Is an address in a window before this one? Then that one counts. */
static bool shadowed(const struct expect_way *way, unsigned index, uint64_t address)
{
	uint64_t bus, phys, size;

	for (unsigned i = 0; i < index; i++) {
		if (expect_window(way, i, &bus, &phys, &size) && address - bus < size)
			return true;
	}
	return false;
}

static void check_windows(struct pmem_ctx *ctx, const struct expect_way *way, const char *bus_path)
{
	unsigned count = expect_windows(way);
	char child[PATH];

	if (count == 0 || !plain_child(way->blob, way->bus[way->depth].node, bus_path, child))
		return;
	for (unsigned i = 0; i < count; i++) {
		uint64_t bus, phys, size, got = 0;
		int r;

		if (!expect_window(way, i, &bus, &phys, &size) || size == 0)
			continue;
		windows++;
		r = pmem_soc_bus_to_phys(ctx, child, bus, &got);
		if (!shadowed(way, i, bus) && (r != 0 || got != phys))
			complain(child, "bus to phys", i, phys, r ? (uint64_t)r : got);
		r = pmem_soc_bus_to_phys(ctx, child, bus + size - 1, &got);
		if (!shadowed(way, i, bus + size - 1) && (r != 0 || got != phys + size - 1))
			complain(child, "end of window", i, phys + size - 1, r ? (uint64_t)r : got);
	}
}

/* The level whose dma-ranges count for a device below that bus; false: none do. */
static bool find_windows(const struct expect_way *way, unsigned level, unsigned *found)
{
	for (unsigned first = level;; level--) {
		int length = 0;
		const void *ranges = fdt_getprop(way->blob, way->bus[level].node, "dma-ranges", &length);

		if (fdt_getprop(way->blob, way->bus[level].node, "interconnect-names", NULL))
			return false;
		*found = level;
		if (ranges && length > 0)
			return true;
		if ((!ranges && level != first) || level == 0)
			return false;
	}
}

/*
 * A PCI device, whatever bridges are above it, has the windows of its host bridge: that is the
 * node which Linux hands to of_dma_configure() (drivers/pci/pci-driver.c).
 */
static void check_pci(struct pmem_ctx *ctx, const struct expect_way *way, const char *path)
{
	static struct expect_way above;
	uint64_t bus, phys, size, got = 0;
	unsigned host = way->depth - 1;
	int r;

	while (host > 0 && way->bus[host - 1].pci)
		host--;
	above = *way;
	if (!find_windows(way, host, &above.depth))
		return;
	if (!expect_window(&above, 0, &bus, &phys, &size) || size == 0)
		return;
	pci_devices++;
	r = pmem_soc_bus_to_phys(ctx, path, bus, &got);
	if (r != 0 || got != phys)
		complain(path, "PCI device's window", 0, phys, r ? (uint64_t)r : got);
}

static void check_nodes(struct pmem_ctx *ctx, const void *blob)
{
	static struct expect_way way;
	char path[PATH] = "/";
	size_t lengths[EXPECT_DEPTH] = { 0 };
	int depth = 0;

	way.blob = blob;
	for (int node = 0; node >= 0; node = fdt_next_node(blob, node, &depth)) {
		if (depth < 0 || depth >= EXPECT_DEPTH)
			break;
		expect_enter(&way, node, (unsigned)depth);
		if (depth > 0) {
			size_t at = lengths[depth - 1];

			lengths[depth] = at + (size_t)snprintf(path + at, sizeof(path) - at, "/%s",
				fdt_get_name(blob, node, NULL));
		}
		check_registers(ctx, &way, path);
		check_windows(ctx, &way, path);
		if (depth > 0 && way.bus[depth - 1].pci)
			check_pci(ctx, &way, path);
		if (depth == 0)
			path[0] = '\0';
	}
}

static void check_board(const void *blob)
{
	const char *model = fdt_getprop(blob, 0, "model", NULL);
	int count = fdt_stringlist_count(blob, 0, "compatible"), r;
	struct pmem_ctx *ctx;
	uint64_t phys, size;

	if (pmem_ctx_new(&ctx) < 0) {
		complain("/", "context", 0, 0, 0);
		return;
	}
	boards++;
	generic += strcmp(pmem_soc_family(ctx), "generic") == 0;
	if (getenv("CORPUS_VERBOSE"))
		printf("%s: %s, \"%s\", %s\n", current, pmem_soc_family(ctx), pmem_soc_model(ctx),
			pmem_soc_compatible(ctx, 0));
	if (strcmp(pmem_soc_model(ctx), model ? model : "") != 0)
		complain("/", "model", 0, 0, 0);
	for (int i = 0; i <= count; i++) {
		const char *said = pmem_soc_compatible(ctx, (size_t)i);
		const char *is = fdt_stringlist_get(blob, 0, "compatible", i, NULL);

		if (!said != !is || (said && strcmp(said, is) != 0))
			complain("/", "compatible", (unsigned)i, 0, 0);
	}
	r = pmem_soc_gpio(ctx, &phys, &size);
	if (r != 0 && r != -ENODEV)
		complain("/", "gpio", 0, 0, (uint64_t)r);
	gpios += r == 0;
	check_nodes(ctx, blob);
	pmem_ctx_unref(ctx);
}

static void take(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *blob;

	current = file;
	if (fd < 0 || fstat(fd, &st) < 0) {
		complain("", "open", 0, 0, (uint64_t)errno);
		return;
	}
	blob = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (blob == MAP_FAILED || fdt_check_full(blob, (size_t)st.st_size) != 0 ||
		grow_tree(blob, root, boards % WHOLE == 0) < 0)
		complain("", "tree", 0, 0, (uint64_t)errno);
	else
		check_board(blob);
	grow_remove(root);
	munmap(blob, (size_t)st.st_size);
}

int main(int argc, char **argv)
{
	unsigned long part, parts, number = 0;
	char line[4096];
	FILE *list;

	if (argc != 4 || !(list = fopen(argv[3], "re"))) {
		fprintf(stderr, "usage: corpus PART PARTS LIST\n");
		return 2;
	}
	part = strtoul(argv[1], NULL, 10);
	parts = strtoul(argv[2], NULL, 10);
	if (!mkdtemp(root) || setenv("LIBPMEM_ROOT", root, 1) != 0)
		return 2;
	while (fgets(line, sizeof(line), list)) {
		line[strcspn(line, "\n")] = '\0';
		if (number++ % parts == part)
			take(line);
	}
	fclose(list);
	rmdir(root);
	test_figure("corpus.trees", boards);
	test_figure("corpus.addresses", reached);
	printf("%lu trees: %lu addresses and %lu windows as expected, %lu not for the CPU; "
		"%lu generic, %lu with GPIO, %lu PCI devices; %lu wrong\n", boards, reached, windows,
		refused, generic, gpios, pci_devices, wrong);
	return wrong || boards == 0;
}
