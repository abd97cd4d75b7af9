/* SPDX-License-Identifier: MIT */
/*
 * What was read of a tree, by path. Answers are only added; each is complete before others see it
 * and does not change afterwards. So there is no lock: several threads may ask and add at once, and a
 * child that was forked meanwhile finds what there was.
 */
#ifndef DT_KEPT_H
#define DT_KEPT_H

#include <stddef.h>
#include <stdint.h>

/*
 * All together. What comes later is not kept: it is read each time, and as true. The largest
 * of 1,921 trees takes 0.9 MiB if all its properties are read; but programs may ask for names without end.
 */
#define KEPT_MAX (8u << 20)
/* In one bucket of the table: as many as the others have when all is full. A tree can choose its names. */
#define KEPT_ALIKE_MAX 256u

enum kept_kind {
	KEPT_PROPERTY = 'p',   /* its bytes */
	KEPT_NODE = 'n',       /* whether there is one */
	KEPT_LIST = 'l',       /* the nodes below */
};

struct kept_answer {
	struct kept_answer *next;
	const char *data;      /* and a NUL behind it */
	size_t size;
	uint32_t hash;
	uint32_t place;        /* how many follow it, itself counted */
	int result;
	char key[];            /* the kind, and the path below the tree's base */
};

struct kept;

/* NULL: no memory */
struct kept *kept_new(void);
/* Nobody asks any more. NULL is allowed. */
void kept_free(struct kept *kept);

/* NULL: not known. */
const struct kept_answer *kept_find(const struct kept *kept, enum kept_kind kind, const char *path);
/*
 * Keep a copy, unless another thread was faster: then its answer is what counts. NULL: no room or no
 * memory; the caller's own is as good.
 */
const struct kept_answer *kept_add(struct kept *kept, enum kept_kind kind, const char *path, int result,
	const char *data, size_t size);

#endif
