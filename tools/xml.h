/* SPDX-License-Identifier: MIT */
/* An XML file as a tree of elements, by expat; of attributes only derivedFrom is kept. */
#ifndef XML_H
#define XML_H

#include "regfile.h"

struct element {
	const char *tag;
	const char *text;    /* of one without children, without blanks around it; "" */
	const char *derived; /* the attribute derivedFrom; NULL */
	const struct element *base; /* what it is derived from, when that was looked for */
	bool looked;
	struct element *parent, *child, *next;
};

/*
 * The root, kept as long as the file; NULL with the reason kept. Below it only elements of those tags are
 * kept, up to a NULL: most of a file is descriptions.
 */
struct element *xml_parse(struct regfile *file, const char *const *tags, const char *data, size_t size);
/* The first child of that tag, or the next one after it; NULL. */
struct element *xml_child(const struct element *element, const char *tag);
struct element *xml_next(const struct element *element);

#endif
