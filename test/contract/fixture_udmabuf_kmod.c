/* SPDX-License-Identifier: MIT */
/* The module u-dma-buf with two buffers, on a machine whose devices do not look into caches. */
#include "contract.h"
#include "played_kmod.h"

static void usable(void)
{
	played_buffer("udmabuf0", 1 << 20, 0x10000000);
	played_buffer("udmabuf1", 2 << 20, 0x10800000);
}

const struct contract_fixture fixture_udmabuf_kmod = {
	.name = "udmabuf-kmod",
	.usable = usable,
	.stop = played_kmod_stop,
	.touchable = true,
};
