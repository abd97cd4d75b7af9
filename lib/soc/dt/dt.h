/* SPDX-License-Identifier: MIT */
/*
 * Reader of a device tree as the kernel shows it: a node is a directory, a property a file with
 * the raw bytes. Nothing is kept: each question reads the files that answer it, so an overlay
 * that is applied later is seen.
 *
 * The tree may be hostile (LIBPMEM_ROOT, bind mounts). Below its base, symbolic links, pipes and
 * devices are refused, depth and sizes are bounded, and every byte is length-checked.
 *
 * Nodes are named by full path as the directories are named: "/" or "/soc/gpio@7e200000". Buffers
 * for one have DT_PATH_MAX bytes. All results are 0 or -errno; the thread's error is not set.
 */
#ifndef SOC_DT_H
#define SOC_DT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DT_PATH_MAX  1024
#define DT_DEPTH_MAX 64          /* FDT_MAX_DEPTH, drivers/of/fdt.c */
#define DT_PROP_MAX  (1u << 20)  /* the largest seen in 1,921 trees has 3,272 bytes */

struct dt {
	char base[PATH_MAX];     /* of the directory that is the root node */
};

/* A property: size bytes, and one NUL behind them. */
struct dt_prop {
	char *data;
	size_t size;
};

/* Find the tree below root. -ENOENT there is none; -ENOLINK its link points nowhere. */
int dt_open(struct dt *dt, const char *root);

/* -ENOENT no such property (or a node of that name); -ELOOP not a plain file; -EFBIG */
int dt_read(const struct dt *dt, const char *node, const char *name, struct dt_prop *prop);
void dt_free(struct dt_prop *prop);
/* 1 or 0 */
int dt_has(const struct dt *dt, const char *node, const char *name);
/* The first cell. -ENOENT also if the property is shorter than that. */
int dt_u32(const struct dt *dt, const char *node, const char *name, uint32_t *value);

/* Cell number i, which the caller knows to be there. */
uint32_t dt_cell(const struct dt_prop *prop, size_t i);
/* count cells from cell number i on as one number; what passes 64 bits falls off at the top. */
uint64_t dt_number(const struct dt_prop *prop, size_t i, size_t count);

/* String number i of a list, NULL after the last. */
const char *dt_string(const struct dt_prop *prop, size_t i);
/* Position of a string in a list, letter case ignored as Linux does (of_compat_cmp); -ENOENT */
int dt_string_index(const struct dt_prop *prop, const char *text);
/* A property that is absent or is no proper file: what a search over many nodes passes over. */
bool dt_says_nothing(int r);
/* Is text one of the node's compatible strings? 1 or 0 */
int dt_compatible(const struct dt *dt, const char *node, const char *text);

/*
 * The node of that path, with its directory names as they are: the kernel calls a node "sub#1"
 * if its parent has a property "sub". -ENOENT; -ELOOP a link on the way; -ENAMETOOLONG
 */
int dt_find(const struct dt *dt, const char *path, char *node);
/* Cut the last component off; false at the root. */
bool dt_parent(char *node);
/* Is the node's name, without unit address, that one? */
bool dt_is_named(const char *node, const char *name);
/* Own status and that of all nodes above. 1 or 0 */
int dt_available(const struct dt *dt, const char *node);
/* The node with that phandle. -ENOENT */
int dt_phandle(const struct dt *dt, uint32_t phandle, char *node);

/* walk.c: call fn for node and all below it; a non-zero result ends the walk and is its result. */
typedef int dt_walk_fn(void *user, const char *node);
/*
 * Parents before children, children by name and then by unit address, which is the order of
 * nothing in the blob but the same each time.
 */
int dt_walk(const struct dt *dt, dt_walk_fn *fn, void *user);
/* The children of one node only. */
int dt_children(const struct dt *dt, const char *node, dt_walk_fn *fn, void *user);

#endif
