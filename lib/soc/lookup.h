/* SPDX-License-Identifier: MIT */
/* From results of the files below to errors of the thread, and what every question starts with. */
#ifndef SOC_LOOKUP_H
#define SOC_LOOKUP_H

#include "dt/translate.h"
#include "soc/identify.h"

/* The machine's tree. -ENODEV it has none; else why it cannot be read. Sets the error. */
int lookup_tree(const struct pmem_ctx *ctx, const char *operation, const struct dt **dt);
/* The tree, and the path of the node of that name (DT_PATH_MAX bytes). Sets the error. */
int lookup_node(const struct pmem_ctx *ctx, const char *operation, const char *node,
	const struct dt **dt, char *path);

/* Set the error for a result below; why may be NULL. Returns the result of the library. */
int lookup_error(const struct dt *dt, const char *operation, const char *node, int r,
	const struct translate_why *why);
int lookup_no_entry(const struct dt *dt, const char *node, unsigned index);
int lookup_no_property(const struct dt *dt, const char *node, const char *property, int r);
int lookup_no_gpio(const struct dt *dt);

#endif
