/* SPDX-License-Identifier: MIT */
#include "contract.h"

static const struct fake_device mem = {
	.path = "/dev/mem",
	.memory = 1u << 30,
	.mmap = fake_untouchable,
};

static void usable(void)
{
	fake_device(&mem);
	fake_text("/proc/iomem", "00000000-1fffffff : System RAM\n20200000-202000b3 : gpio\n");
}

const struct contract_fixture fixture_devmem = {
	.name = "devmem",
	.usable = usable,
	.phys = 0x20200004,
	.size = 0x1003,
	.outside = 1u << 30,
};
