/* SPDX-License-Identifier: MIT */
/* Which registers are "the GPIO" of this machine. */
#include "soc/soc.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <bsd/string.h>

#include "base/attr.h"
#include "base/bits.h"
#include "dt/find.h"
#include "dt/translate.h"
#include "soc/lookup.h"

/* Blocks of one controller lie this close together: RP1's three are 64 KiB apart, start to start. */
#define GPIO_GAP     0x10000u
/* Entries of reg that are looked at; the longest list of a controller is Tegra's with 8. */
#define GPIO_ENTRIES 16

/*
 * What a block needs at least, where trees tell less: the pull registers of the BCM2711,
 * GPIO_PUP_PDN_CNTRL_REG0 to 3, end at 0xf4 (BCM2711 ARM Peripherals, chapter 5.2), but its node
 * says 0xb4 as that of older chips does (arch/arm/boot/dts/broadcom/bcm283x.dtsi).
 */
static const struct {
	const char *compatible;
	uint64_t size;
} least_sizes[] = {
	{ "brcm,bcm2711-gpio", 0xf4 },
};

struct gpio_search {
	const struct dt *dt;
	uint64_t phys;
	uint64_t size;
};

/* Widen [phys, phys + size) by an entry that lies near it. */
static void widen(struct gpio_search *gpio, uint64_t phys, uint64_t size)
{
	uint64_t end = gpio->phys + gpio->size, other;

	if (!bits_add(phys, size, &other) || size == 0)
		return;
	if (phys > end ? phys - end >= GPIO_GAP :
		other < gpio->phys && gpio->phys - other >= GPIO_GAP)
		return;
	if (phys < gpio->phys)
		gpio->phys = phys;
	gpio->size = (other > end ? other : end) - gpio->phys;
}

/* All registers of a controller that lie together. 1 if it has any that the CPU reaches. */
static int gpio_registers(void *user, const char *node)
{
	struct gpio_search *gpio = user;
	struct translate_why why;
	uint64_t phys, size, end;
	int r = translate_reg(gpio->dt, node, 0, &phys, &size, &why);

	if (r == -ENXIO || dt_says_nothing(r))
		return 0;
	if (r < 0)
		return r;
	if (size == 0)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(least_sizes); i++) {
		if (size < least_sizes[i].size &&
			dt_compatible(gpio->dt, node, least_sizes[i].compatible) == 1)
			size = least_sizes[i].size;
	}
	if (!bits_add(phys, size, &end))
		return 0;
	gpio->phys = phys;
	gpio->size = size;
	for (unsigned i = 1; i < GPIO_ENTRIES; i++) {
		r = translate_reg(gpio->dt, node, i, &phys, &size, &why);
		if (r == 0)
			widen(gpio, phys, size);
		else if (r == -ENOENT)
			break;
		else if (r != -ENXIO)
			return r;
	}
	return 1;
}

/* Any controller: banks without registers of their own have them in the node above. */
static int gpio_any(void *user, const char *node)
{
	struct gpio_search *gpio = user;
	char above[DT_PATH_MAX];
	int r = dt_has(gpio->dt, node, "gpio-controller");

	if (r == 1)
		r = dt_available(gpio->dt, node);
	if (r == 1)
		r = dt_has(gpio->dt, node, "reg");
	else
		return dt_says_nothing(r) ? 0 : r;
	if (r != 0)
		return r == 1 ? gpio_registers(user, node) : dt_says_nothing(r) ? 0 : r;
	strlcpy(above, node, sizeof(above));
	return dt_parent(above) ? gpio_registers(user, above) : 0;
}

/* A family's controller; some have only a child per bank, without a compatible of its own. */
static int gpio_of_family(void *user, const char *node)
{
	struct gpio_search *gpio = user;
	int r = gpio_registers(gpio, node);

	return r ? r : dt_children(gpio->dt, node, gpio_any, gpio);
}

static int gpio_alias(struct gpio_search *gpio)
{
	char node[DT_PATH_MAX];
	int r = find_node(gpio->dt, "gpio0", 0, node);

	if (r == 0)
		r = gpio_any(gpio, node);
	return dt_says_nothing(r) ? 0 : r;
}

/* The family's own controller, else the one that the tree counts as first, else any. */
int soc_gpio(const struct pmem_ctx *ctx, uint64_t *phys, uint64_t *size)
{
	struct gpio_search gpio = { .phys = 0 };
	char node[DT_PATH_MAX];
	bool other;
	int r = lookup_tree(ctx, "find GPIO", &gpio.dt);

	if (r < 0)
		return r;
	r = find_first_of(gpio.dt, soc_family(ctx)->gpio, gpio_of_family, &gpio, node);
	r = r == 0 ? 1 : r == -ENOENT ? 0 : r;
	other = !soc_family(ctx)->gpio_only;
	if (r == 0 && other)
		r = gpio_alias(&gpio);
	if (r == 0 && other)
		r = dt_walk(gpio.dt, gpio_any, &gpio);
	if (r < 0)
		return lookup_error(gpio.dt, "find GPIO", "/", r, NULL);
	if (r == 0)
		return lookup_no_gpio(gpio.dt);
	*phys = gpio.phys;
	*size = gpio.size;
	return 0;
}
