/* SPDX-License-Identifier: MIT */
#include "families/families.h"

#include <string.h>

/*
 * Memory that the kernel takes back when its owner dies comes first; firmware memory survives its
 * owner, so it comes after what the kernel keeps; plain pages are there when nothing else is.
 */
const char *const order_default[] = { "vcsm", "dmaheap", "ion", "udmabuf", "pages", NULL };
static const char *const order_pc[] = { "dmaheap", "udmabuf", "pages", NULL };
const char *const families_none[] = { NULL };

const struct soc_family family_generic = {
	"generic", "", families_none, order_default, families_none, families_none,
	SOC_VIDEOCORE_NONE,
};
const struct soc_family family_x86_64 = {
	"x86_64", "", families_none, order_pc, families_none, families_none,
	SOC_VIDEOCORE_NONE,
};

static const struct soc_family *const tables[] = {
	families_boards,
	families_industrial,
	families_control,
	families_mobile,
	families_network,
	families_riscv,
};

/* Letter case counts not, blanks neither: some vendor trees say "amlogic, g12b". */
static bool same(const char *a, const char *b)
{
	for (;; a++, b++) {
		a += strspn(a, " ");
		b += strspn(b, " ");
		if (strncasecmp(a, b, 1) != 0)
			return false;
		if (!*a)
			return true;
	}
}

static bool is_family(const struct soc_family *family, const struct dt_prop *compatible)
{
	const char *end = compatible->data + compatible->size;

	for (const char *said = compatible->data; said < end; said += strlen(said) + 1) {
		for (const char *const *known = family->compatibles; *known; known++) {
			if (same(said, *known))
				return true;
		}
	}
	return false;
}

const struct soc_family *families_match(const struct dt_prop *compatible)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		for (const struct soc_family *f = tables[i]; f->name; f++) {
			if (is_family(f, compatible))
				return f;
		}
	}
	return &family_generic;
}

/*
 * Kernels of the 3.x years without device trees, by the names of their machine files
 * (arch/arm/mach-sunxi and the vendor's mach-sun7i). Only SoCs whose DMA sees physical addresses.
 */
static const struct {
	const char *word;        /* one word of the text */
	const char *compatible;  /* what a tree would say */
} hardware[] = {
	{ "sun4i", "allwinner,sun4i-a10" },
	{ "sun5i", "allwinner,sun5i-a13" },
	{ "sun6i", "allwinner,sun6i-a31" },
	{ "sun7i", "allwinner,sun7i-a20" },
	{ "sun8i", "allwinner,sun8i-h3" },
	{ "sun9i", "allwinner,sun9i-a80" },
};

static bool has_word(const char *text, const char *word)
{
	const char *blanks = " \t,()";
	size_t n = strlen(word);

	for (text += strspn(text, blanks); *text; text += strspn(text, blanks)) {
		size_t length = strcspn(text, blanks);

		if (length == n && strncasecmp(text, word, n) == 0)
			return true;
		text += length;
	}
	return false;
}

const struct soc_family *families_match_hardware(const char *text)
{
	for (size_t i = 0; i < sizeof(hardware) / sizeof(hardware[0]); i++) {
		char said[64];
		struct dt_prop compatible = { .data = said, .size = strlen(hardware[i].compatible) + 1 };

		if (!has_word(text, hardware[i].word))
			continue;
		memcpy(said, hardware[i].compatible, compatible.size);
		return families_match(&compatible);
	}
	return NULL;
}
