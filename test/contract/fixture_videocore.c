/* SPDX-License-Identifier: MIT */
/* A Raspberry Pi 3 with its firmware. */
#include "contract.h"
#include "vcfw.h"

static void usable(void)
{
	vcfw_start("brcm,bcm2837");
}

static void stop(void)
{
	if (vcfw)
		vcfw_stop();
}

const struct contract_fixture fixture_videocore = {
	.name = "videocore",
	.usable = usable,
	.stop = stop,
	.touchable = true,
};
