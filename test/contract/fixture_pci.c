/* SPDX-License-Identifier: MIT */
#include "contract.h"
#include "registers/pci.h"

#define DEVICE "/sys/bus/pci/devices/0000:00:04.0"

static const struct fake_device bar = {
	.path = DEVICE "/resource0",
	.memory = 1u << 20,
	.mmap = fake_untouchable,
};

static void usable(void)
{
	fake_device(&bar);
	fake_text(DEVICE "/resource", "0xfea01c00 0xfea01cff 0x40200\n");
	fake_text(DEVICE "/config", "vvddcc");
}

static int make(struct pmem_ctx *ctx, uint32_t flags, struct pmem_region *region)
{
	return pci_map(ctx, "00:04.0", 0, flags, region);
}

const struct contract_fixture fixture_pci = {
	.name = "pci",
	.usable = usable,
	.make = make,
	.phys = 0xfea01c00,
	.size = 0x100,
};
