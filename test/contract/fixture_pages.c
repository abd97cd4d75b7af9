/* SPDX-License-Identifier: MIT */
/* A kernel that shows frames and has io_uring; real memory, played places. */
#include "contract.h"
#include "pagemap.h"
#include "vm.h"

static void usable(void)
{
	fake_text("/proc/meminfo", "MemAvailable: 8192 kB\n");
	pagemap_play(PAGEMAP_IN_ORDER);
	vm_play();
}

const struct contract_fixture fixture_pages = {
	.name = "pages",
	.usable = usable,
	.touchable = true,
};
