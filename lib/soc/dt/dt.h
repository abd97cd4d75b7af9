/* SPDX-License-Identifier: MIT */
/*
 * Reader of a device tree as the kernel shows it: a node is a directory, a property a file with
 * the raw bytes. A question reads the files that answer it; what they said is kept (kept.h), so the
 * same question costs no system call again. What an overlay changes later is not seen where it was
 * asked for before.
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

#include "dt/kept.h"

#define DT_PATH_MAX  1024
#define DT_DEPTH_MAX 64          /* FDT_MAX_DEPTH, drivers/of/fdt.c */
#define DT_PROP_MAX  (1u << 16)  /* the largest seen in 1,921 trees has 3,272 bytes */

struct dt {
	char base[PATH_MAX];     /* of the directory that is the root node */
	struct kept *kept;       /* what was read of it */
};

/* A property: size bytes, and one NUL behind them. They are the tree's, or to be freed. */
struct dt_prop {
	const char *data;
	size_t size;
	char *own;               /* NULL: the tree keeps the bytes */
};

/*
 * Find the tree below root, or take the folder path if that is not NULL. -ENOENT there is none;
 * -ENOLINK its link points nowhere.
 */
int dt_open(struct dt *dt, const char *root, const char *path);
/* What was read goes, too. */
void dt_close(struct dt *dt);

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
/*
 * Go down to a node's child of exactly that name, appended to node: 0, or 1 if it has no children.
 * Else node is as before. -ENOENT; -ENOTDIR something else has the name; -ELOOP; -ENAMETOOLONG
 */
int dt_enter(const struct dt *dt, char *node, const char *name);
/* Cut the last component off; false at the root. */
bool dt_parent(char *node);
/* Is the node's name, without unit address, that one? */
bool dt_is_named(const char *node, const char *name);
/* Own status and that of all nodes above. 1 or 0 */
int dt_available(const struct dt *dt, const char *node);

/* walk.c: call fn for node and all below it; a non-zero result ends the walk and is its result. */
typedef int dt_walk_fn(void *user, const char *node);
/*
 * Parents before children, children by name and then by unit address, which is the order of
 * nothing in the blob but the same each time.
 */
int dt_walk(const struct dt *dt, dt_walk_fn *fn, void *user);
/* The children of one node only. -E2BIG it has more than any tree's */
int dt_children(const struct dt *dt, const char *node, dt_walk_fn *fn, void *user);

/*
 * For dt.c and walk.c: r and what was read, as an answer to keep. If it is kept, prop is what is kept
 * from now on. The result is the one to go on with.
 */
int dt_keep(const struct dt *dt, enum kept_kind kind, const char *path, int r, struct dt_prop *prop);

#endif
