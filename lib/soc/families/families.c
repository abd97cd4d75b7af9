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
	family->compatibles = family->prefix = family->gpio = family->dma = "";
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

/* The NUL ended text at *at, which moves behind it. */
static const char *take(const char **at)
{
	const char *text = *at;

	*at += strlen(text) + 1;
	return text;
}

/* A line of what families of a maker have in common. */
static void take_common(struct soc_family *family, char kind, const char **at)
{
	const char *text = take(at);

	if (kind == *MAKER("", "")) {
		begin(family, "", text, ORDER_DEFAULT);
		family->prefix = take(at);
	} else if (kind == *ORDER("")) {
		family->order = text;
	} else if (kind == *DMA("")) {
		family->dma = text;
	} else if (kind == *VIDEOCORE("")) {
		family->videocore = *text == 'd' ? SOC_VIDEOCORE_DIRECT : SOC_VIDEOCORE_L1_NONALLOC;
	} else { /* GPIO() or GPIO_ONLY() */
		family->gpio = text;
		family->gpio_only = kind == *GPIO_ONLY("");
	}
}

bool families_next(const char **table, struct soc_family *family)
{
	char kind;

	while ((kind = **table) != '\0') {
		++*table;
		if (kind == *FAMILY("", "")) {
			family->name = take(table);
			family->compatibles = take(table);
			return true;
		}
		if (kind == *SOC("")) {
			const char *text = take(table), *comma = strchr(text, ',');

			family->name = comma ? comma + 1 : text;
			family->compatibles = text;
			return true;
		}
		take_common(family, kind, table);
	}
	return false;
}

/*
 * Does *said begin with that text? It moves behind it then. Letter case counts not, blanks neither:
 * some vendor trees say "amlogic, g12b".
 */
static bool begins(const char **said, const char *text, size_t length)
{
	const char *at = *said;

	for (size_t i = 0; i < length; i++, at++) {
		at += strspn(at, " ");
		if (strncasecmp(at, text + i, 1) != 0)
			return false;
	}
	*said = at + strspn(at, " ");
	return true;
}

static bool same(const char *said, const char *prefix, struct word known)
{
	if (*prefix && !memchr(known.text, ',', known.length)) {
		if (!begins(&said, prefix, strlen(prefix)) || !begins(&said, ",", 1))
			return false;
	}
	return begins(&said, known.text, known.length) && !*said;
}

static bool is_family(const struct soc_family *family, const struct dt_prop *compatible)
{
	const char *list = family->compatibles, *end = compatible->data + compatible->size;
	struct word known;

	while (word_next(&list, " ", &known)) {
		for (const char *said = compatible->data; said < end; said += strlen(said) + 1) {
			if (same(said, family->prefix, known))
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
