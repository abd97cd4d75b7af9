/* SPDX-License-Identifier: MIT */
#include "families/families.h"

#include <string.h>

#include "base/word_list.h"
#include "families/lines.h"

static void begin(struct soc_family *family, const char *name, const char *vendor,
	const char *order)
{
	*family = (struct soc_family){ 0 };
	family->name = name;
	family->vendor = vendor;
	family->compatibles = family->gpio = family->dma = "";
	family->order = order;
}

void families_generic(struct soc_family *family)
{
	begin(family, "generic", "", ORDER_DEFAULT);
}

void families_x86_64(struct soc_family *family)
{
	begin(family, "x86_64", "", ORDER_PC);
}

/* One line of what families of a maker have in common. */
static void take_line(struct soc_family *family, char kind, const char *text)
{
	if (kind == *MAKER(""))
		begin(family, "", text, ORDER_DEFAULT);
	else if (kind == *ORDER(""))
		family->order = text;
	else if (kind == *DMA(""))
		family->dma = text;
	else if (kind == *VIDEOCORE(""))
		family->videocore = *text == 'd' ? SOC_VIDEOCORE_DIRECT : SOC_VIDEOCORE_L1_NONALLOC;
	else if (kind == *GPIO("") || kind == *GPIO_ONLY(""))
		family->gpio = text;
	family->gpio_only |= kind == *GPIO_ONLY("");
}

bool families_next(const char **table, struct soc_family *family)
{
	const char *at = *table;

	while (*at) {
		char kind = *at++;
		const char *text = at;

		at += strlen(at) + 1;
		if (kind == *SOC("")) {
			family->name = strchr(text, ',') + 1;
			family->compatibles = text;
		} else if (kind == *FAMILY("", "")) {
			family->name = text;
			family->compatibles = at;
			at += strlen(at) + 1;
		} else {
			take_line(family, kind, text);
			continue;
		}
		*table = at;
		return true;
	}
	return false;
}

/* Letter case counts not, blanks neither: some vendor trees say "amlogic, g12b". */
static bool same(const char *said, struct word known)
{
	for (size_t i = 0;; said++) {
		said += strspn(said, " ");
		if (i == known.length)
			return !*said;
		if (strncasecmp(said, known.text + i++, 1) != 0)
			return false;
	}
}

static bool is_family(const struct soc_family *family, const struct dt_prop *compatible)
{
	const char *list = family->compatibles, *end = compatible->data + compatible->size;
	struct word known;

	while (word_next(&list, " ", &known)) {
		for (const char *said = compatible->data; said < end; said += strlen(said) + 1) {
			if (same(said, known))
				return true;
		}
	}
	return false;
}

static bool match(const char *table, const struct dt_prop *compatible, struct soc_family *family)
{
	while (families_next(&table, family)) {
		if (is_family(family, compatible))
			return true;
	}
	return false;
}

void families_match(const struct dt_prop *compatible, struct soc_family *family)
{
	/* Not a table of tables: that would have pointers. */
	if (!match(families_boards, compatible, family) &&
		!match(families_industrial, compatible, family) &&
		!match(families_control, compatible, family) &&
		!match(families_mobile, compatible, family) &&
		!match(families_network, compatible, family) &&
		!match(families_riscv, compatible, family))
		families_generic(family);
}

/*
 * Kernels of the 3.x years without device trees, by the names of their machine files
 * (arch/arm/mach-sunxi and the vendor's mach-sun7i). Only SoCs whose DMA sees physical addresses.
 */
static const struct {
	char word[8];         /* one word of the text */
	char compatible[24];  /* what a tree would say */
} hardware[] = {
	{ "sun4i", "allwinner,sun4i-a10" },
	{ "sun5i", "allwinner,sun5i-a13" },
	{ "sun6i", "allwinner,sun6i-a31" },
	{ "sun7i", "allwinner,sun7i-a20" },
	{ "sun8i", "allwinner,sun8i-h3" },
	{ "sun9i", "allwinner,sun9i-a80" },
};

bool families_match_hardware(const char *text, struct soc_family *family)
{
	for (size_t i = 0; i < sizeof(hardware) / sizeof(hardware[0]); i++) {
		char said[sizeof(hardware[i].compatible)];
		struct dt_prop compatible = { .data = said, .size = sizeof(said) };

		if (!words_have(text, " \t,()", hardware[i].word))
			continue;
		memcpy(said, hardware[i].compatible, sizeof(said));
		families_match(&compatible, family);
		return true;
	}
	return false;
}
