/* SPDX-License-Identifier: MIT */
/* A kernel whose udmabuf pins (6.11 and later). Small pages only: huge ones may not be there. */
#include "contract.h"
#include "pagemap.h"
#include "played_dmabuf.h"

static void usable(void)
{
	fake_kernel(6012);
	pagemap_play(PAGEMAP_IN_ORDER);
	played_udmabuf();
}

const struct contract_fixture fixture_udmabuf = {
	.name = "udmabuf",
	.usable = usable,
	.alloc_flags = PMEM_ALLOC_SCATTERED,
	.touchable = true,
};
