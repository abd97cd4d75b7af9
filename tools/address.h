/* SPDX-License-Identifier: MIT */
/*
 * The grammar of an ADDRESS, and nothing else: no file is read and no number is looked up here.
 *
 *   ADDRESS = PLACE [+OFFSET [+LENGTH | -LAST]] [:HIGH[:LOW]]
 *           | NUMBER [-LAST] [:HIGH[:LOW]]
 *           | NAME [:FIELD | :HIGH[:LOW]] [@ADDRESS]
 *   PLACE   = NUMBER | WORD | node:PATH | alias:WORD | label:WORD | compatible:WORD | gpio:
 *           | bus:[NODE:]NUMBER | dma:[NODE:]NUMBER | pci:[DDDD:]BB:DD.F/BAR | uio:NAME/MAP
 *   NAME    = [reg:]WORD with at least one dot
 *
 * A WORD is a path, an alias, a &label or a compatible string of the device tree, or a name of a file
 * of registers; which of them is known only when it is looked up.
 */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum address_kind {
	ADDRESS_NUMBER,
	ADDRESS_WORD,  /* a node, or a register's name */
	ADDRESS_NODE,  /* path, &label or compatible */
	ADDRESS_ALIAS,
	ADDRESS_NAME,  /* of a register */
	ADDRESS_GPIO,
	ADDRESS_BUS,
	ADDRESS_DMA,
	ADDRESS_PCI,
	ADDRESS_UIO,
};

#define ADDRESS_MAX 512 /* bytes of a text, with its NUL */

struct address {
	enum address_kind kind;
	char text[ADDRESS_MAX];  /* word, path, name, PCI function or uio device; "" */
	char within[ADDRESS_MAX]; /* the bus of bus:, the master of dma:, what follows '@'; "" */
	char field[ADDRESS_MAX]; /* a field's name; "" */
	uint64_t number;         /* number, BAR or map */
	uint64_t offset, length; /* length 0: none is given */
	bool bits;               /* high and low are given */
	unsigned high, low;
};

/* true, or false with the reason in why. */
bool address_parse(const char *text, struct address *out, char *why, size_t size);
/* A number at *at, decimal, 0x or 0, with k, M or G behind it; *at goes behind it. */
bool address_number(const char **at, uint64_t *value);

#endif
