/* SPDX-License-Identifier: MIT */
/* The level of the first 32 GPIO pins of a Raspberry Pi up to 4, without root where /dev/gpiomem is. */
#include <inttypes.h>
#include <stdio.h>

#include <pmem/pmem.h>

#define GPLEV0 0x34 /* BCM2835 ARM Peripherals, section 6.1 */

int main(void)
{
	struct pmem_region *gpio = NULL;
	struct pmem_ctx *ctx = NULL;
	uint32_t level;
	int r = pmem_ctx_new(&ctx);

	if (r == 0)
		r = pmem_region_map_gpio(ctx, PMEM_MAP_READONLY, &gpio);
	if (r == 0)
		r = pmem_region_read32(gpio, GPLEV0, &level);
	if (r == 0)
		printf("0x%08" PRIx32 "\n", level);
	else
		fprintf(stderr, "%s\n", pmem_error_text(pmem_error_last()));
	pmem_region_close(gpio);
	pmem_ctx_unref(ctx);
	return r < 0;
}
