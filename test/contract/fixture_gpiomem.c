/* SPDX-License-Identifier: MIT */
#include "contract.h"

static const struct fake_device gpiomem = {
	.path = "/dev/gpiomem3",
	.memory = 1u << 20,
	.mmap = fake_untouchable,
};

static void usable(void)
{
	static const uint32_t one[] = { 1 }, reg[] = { 0x7d504100, 0x20 };

	fake_device(&gpiomem);
	fake_string("/", "compatible", "brcm,bcm2712");
	fake_cells("/", "#address-cells", 1, one);
	fake_cells("/", "#size-cells", 1, one);
	fake_cells("/soc", "#address-cells", 1, one);
	fake_cells("/soc", "#size-cells", 1, one);
	fake_cells("/soc", "ranges", 0, one);
	fake_string("/soc/gpiomem@7d504100", "compatible", "raspberrypi,gpiomem");
	fake_string("/soc/gpiomem@7d504100", "chardev-name", "gpiomem3");
	fake_cells("/soc/gpiomem@7d504100", "reg", 2, reg);
}

const struct contract_fixture fixture_gpiomem = {
	.name = "gpiomem",
	.usable = usable,
	.phys = 0x7d504104,
	.size = 0x1c,
	.outside = 0x7d504120,
};
