/* SPDX-License-Identifier: MIT */
/*
 * A device tree that the input builds, and questions that the input asks: lib/soc and lib/soc/dt. Whatever the tree
 * says, no range that is told wraps around the end of the address space, and a question has one answer.
 */
#include <errno.h>

#include <pmem/pmem.h>

#include "answers.h"

#define DEPTH     70 /* deeper than the library goes */
#define QUESTIONS 24
#define TREE      ANSWERS_ROOT "/proc/device-tree"
#define BASE      ANSWERS_ROOT "/sys/firmware/devicetree/base"

static const char *const nodes[] = { "soc", "gpio@7e200000", "aliases", "__symbols__", "reserved-memory",
	"dma@7e007000", "pcie@7d500000", "chosen", "cpus", "memory@0", "bus@10", "iommu@1", "a", "b@1", "b@2", "pci@0,0",
	"axi", "linux,cma", "vc@3", "endpoint@0,1" };
static const char *const properties[] = { "compatible", "reg", "ranges", "dma-ranges", "#address-cells",
	"#size-cells", "status", "phandle", "interconnects", "interconnect-names", "#interconnect-cells",
	"gpio-controller", "memory-region", "memory-region-names", "dma-coherent", "dma-noncoherent", "device_type",
	"iommus", "iommu-map", "no-map", "reusable", "size", "alloc-ranges", "linux,cma-default", "model",
	"brcm,dma-channel-mask", "gpio0", "assigned-addresses", "linux,phandle", "name", "a", "soc" };
static const char *const texts[] = { "brcm,bcm2711", "brcm,bcm2835-gpio", "brcm,bcm2711-gpio", "brcm,bcm2835-dma",
	"simple-bus", "okay", "ok", "disabled", "pci", "pciex", "isa", "ht", "vci", "memory", "dma-mem", "shared-dma-pool",
	"snps,dw-apb-gpio", "raspberrypi,rp1-gpio", "arm,pl061", "allwinner,sun8i-h3", "/soc", "/soc/gpio@7e200000", "",
	"brcm,bcm2712", "arm,pl330", "ti,omap2430-sdma", "nvidia,tegra20-apbdma", "/soc/bus@10/a", "dma", "syna,as370" };
static const char *const asked[] = { "/", "/soc", "/soc/gpio@7e200000", "/soc/dma@7e007000", "gpio0", "&gpio0",
	"soc", "brcm,bcm2835-dma", "brcm,bcm2711-gpio", "/soc/pcie@7d500000", "/soc/bus@10", "/soc/bus@10/a",
	"/reserved-memory", "/reserved-memory/linux,cma", "pci:0000:00:04.0", "pci:", "/soc/pcie@7d500000/pci@0,0", "&a",
	"/a/b@1", "/memory@0", "", "/..", "/soc/./a", "//soc//a/" };

static char at[1024];
static size_t lengths[DEPTH];
static unsigned depth;

static void child(struct input *in)
{
	char own[IN_WORD_MAX];
	const char *name = in_word(in, nodes, sizeof(nodes) / sizeof(nodes[0]), own);
	size_t length = strlen(at);

	if (depth + 1 == DEPTH || length + strlen(name) + 2 > sizeof(at) || !name[0] || strchr(name, '/'))
		return;
	lengths[depth++] = length;
	at[length] = '/';
	strcpy(at + length + 1, name);
	answers_dir(at);
}

static size_t cells(struct input *in, uint8_t *out, size_t room)
{
	size_t count = in_below(in, 32), size = 0;

	for (; count && size + 4 <= room; count--) {
		uint64_t value = in_place(in);

		for (int i = 3; i >= 0; i--)
			out[size++] = (uint8_t)(value >> (8 * i));
	}
	return size;
}

static size_t strings(struct input *in, uint8_t *out, size_t room)
{
	size_t count = 1 + in_below(in, 4), size = 0;

	for (; count; count--) {
		char own[IN_WORD_MAX];
		const char *text = in_word(in, texts, sizeof(texts) / sizeof(texts[0]), own);
		size_t n = strlen(text) + 1;

		if (size + n > room)
			break;
		memcpy(out + size, text, n);
		size += n;
	}
	return size;
}

static void property(struct input *in)
{
	char own[IN_WORD_MAX], path[sizeof(at) + 64];
	const char *name = in_word(in, properties, sizeof(properties) / sizeof(properties[0]), own);
	uint8_t value[512], kind = in_byte(in);
	size_t size = 0;

	switch (kind & 3) {
	case 0:
		size = cells(in, value, sizeof(value));
		break;
	case 1:
		size = strings(in, value, sizeof(value));
		break;
	case 2:
		size = kind >> 2;
		memcpy(value, in_bytes(in, &size), size);
		break;
	default: /* one small number */
		memset(value, 0, 4);
		value[3] = kind >> 2;
		size = 4;
	}
	if (!name[0] || strchr(name, '/'))
		return;
	snprintf(path, sizeof(path), "%s/%s", at, name);
	answers_file(path, value, size);
}

static void build(struct input *in)
{
	uint8_t flags = in_byte(in), what;
	char own[IN_WORD_MAX], path[sizeof(at) + 64];

	if (flags & 1)
		answers_count_no_links();
	if (flags & 2)
		answers_link(TREE, flags & 4 ? "/sys/firmware/devicetree/base" : BASE);
	depth = 0;
	strcpy(at, flags & 6 ? BASE : TREE);
	answers_dir(at);
	if (flags & 8)
		answers_file(TREE "/compatible", "brcm,bcm2711", 13);
	while ((what = in_byte(in) & 7)) {
		if (what < 3) {
			child(in);
		} else if (what == 3) {
			if (depth)
				at[lengths[--depth]] = '\0';
		} else if (what < 7) {
			property(in);
		} else {
			snprintf(path, sizeof(path), "%s/%s", at,
				in_word(in, nodes, sizeof(nodes) / sizeof(nodes[0]), own));
			answers_link(path, in_word(in, texts, sizeof(texts) / sizeof(texts[0]), own));
		}
	}
	if (flags & 16) {
		answers_link(ANSWERS_ROOT "/sys/bus/pci/devices/0000:00:04.0", "../../../devices/pci0000:00/0000:00:04.0");
		answers_link(ANSWERS_ROOT "/sys/devices/pci0000:00/of_node",
			in_word(in, texts, sizeof(texts) / sizeof(texts[0]), own));
		answers_dir(ANSWERS_ROOT "/sys/devices/pci0000:00/0000:00:04.0");
	}
}

static bool fits(uint64_t phys, uint64_t size)
{
	return size == 0 || phys + (size - 1) >= phys;
}

static void ask_node(struct pmem_ctx *ctx, const char *node, uint32_t index, bool sure)
{
	uint64_t phys = 1, size = 2, again = 1, again_size = 2;
	int r = answers_result(pmem_soc_node(ctx, node, index, &phys, &size));

	MUST(r == 0 ? fits(phys, size) : phys == 1 && size == 2);
	if (sure)
		MUST(pmem_soc_node(ctx, node, index, &again, &again_size) == r && again == phys &&
			again_size == size);
}

static void ask_reserved(struct pmem_ctx *ctx, const char *node, uint32_t index)
{
	size_t count = 0, i = 0;
	uint64_t phys, size;
	uint32_t flags;

	if (answers_result(pmem_soc_reserved_count(ctx, &count)) == 0) {
		for (i = 0; i < count; i++) {
			MUST(pmem_soc_reserved(ctx, i, &phys, &size, &flags) == 0);
			MUST(phys == PMEM_ADDRESS_NONE || fits(phys, size));
			MUST(pmem_soc_reserved_path(ctx, i) && pmem_soc_reserved_compatible(ctx, i));
		}
		MUST(pmem_soc_reserved(ctx, count, &phys, &size, &flags) < 0);
	}
	if (answers_result(pmem_soc_node_reserved(ctx, node, index, index & 1 ? "a" : NULL, &i)) == 0)
		MUST(i < count || count == 0);
}

static void ask(struct pmem_ctx *ctx, struct input *in, bool sure)
{
	uint8_t what = in_byte(in);
	char own[IN_WORD_MAX], path[1024];
	const char *node = in_word(in, asked, sizeof(asked) / sizeof(asked[0]), own);
	uint64_t phys = 1, size = 2;
	int r;

	switch (what & 7) {
	case 0:
		r = answers_result(pmem_soc_gpio(ctx, &phys, &size));
		MUST(r == 0 ? size && fits(phys, size) : phys == 1 && size == 2);
		break;
	case 1:
		r = answers_result(pmem_soc_node_path(ctx, node, what >> 5, path, sizeof(path)));
		MUST(r < 0 || path[0] == '/');
		if (sure && r == 0)
			MUST(pmem_soc_node_available(ctx, path) >= 0);
		break;
	case 2:
		answers_result(pmem_soc_bus_to_phys(ctx, what & 8 ? node : NULL, in_place(in), &phys));
		break;
	case 3:
		answers_result(pmem_soc_phys_to_bus(ctx, what & 8 ? node : NULL, in_place(in), &phys));
		break;
	case 4:
		answers_result(pmem_soc_coherent(ctx, what & 8 ? node : NULL));
		break;
	case 5:
		ask_reserved(ctx, node, what >> 3);
		break;
	default:
		ask_node(ctx, node, what >> 4, sure);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct pmem_ctx *ctx;
	bool sure;

	answers_start();
	build(&in);
	answers_faults(&in);
	sure = !answers_faulty();
	ctx = answers_ctx();
	for (int i = 0; ctx && i < QUESTIONS && (in.left || i == 0); i++)
		ask(ctx, &in, sure);
	for (size_t i = 0; ctx && i < 8 && pmem_soc_compatible(ctx, i); i++)
		;
	if (ctx && sure)
		MUST(pmem_soc_family(ctx) && pmem_soc_vendor(ctx) && pmem_soc_model(ctx));
	pmem_ctx_unref(ctx);
	answers_stop();
	return 0;
}
