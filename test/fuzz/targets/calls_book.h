/* SPDX-License-Identifier: MIT */
/*
 * What target_calls.c knows of each thing that lives: whose it is, where it is, and what was said of it. The book is
 * what makes the calls of several threads legal (docs/rules.md): whoever uses a thing holds it, and what is held
 * nobody closes. All of it is under one lock, which nobody has while the library is called.
 */
#ifndef FUZZ_CALLS_BOOK_H
#define FUZZ_CALLS_BOOK_H

#include <pmem/pmem.h>

#include "answers.h"

#define BOOK_ITEMS  24
#define BOOK_PIECES 64
#define BOOK_SPACES 8
#define BOOK_GIVEN  4

enum book_kind { BOOK_FREE, BOOK_BUSY, BOOK_REGION, BOOK_OBJECT, BOOK_POOL, BOOK_DEVICE };
/* Of the last three several may show the same bytes, or addresses. */
enum book_how { BY_PAGES, BY_DEVICE, BY_HEAP, BY_IMPORT, BY_REGISTER, BY_MEM, BY_FILE };

struct book_item {
	enum book_kind kind;
	unsigned users;
	bool fresh;                 /* never put */

	/* a region, or an object of a pool */
	enum book_how how;
	struct pmem_region *region; /* in which an object is */
	unsigned char *data;        /* NULL: not mapped */
	uint64_t size, stamp;       /* what its first bytes are; 0: anything */
	uint32_t attrs;
	struct pmem_extent pieces[BOOK_PIECES];
	size_t piece_count;         /* 0: it is not known where it is */
	bool pooled;                /* its bytes are a pool's */
	bool gone, holding;         /* the space for which it was allocated has ended; cannot end */
	int space;                  /* the device's, or that for which a region was allocated; -1 */
	struct { unsigned count; uint32_t direction; uint64_t bus; } seen[BOOK_SPACES];

	struct pmem_pool *pool;
	struct book_item *of;       /* the object's */
	struct book_item *given[BOOK_GIVEN];
	size_t given_count;
	uint64_t align, boundary;   /* of its objects */

	struct pmem_device *device;
	unsigned name;
};

/* An empty book. alone: one thread calls at a time, so that everything can be told. */
void book_open(bool alone);
bool book_alone(void);
void book_be_alone(void);

/* For who is alone. */
struct book_item *book_item(unsigned number);

/* A thing that is busy until book_put(); NULL: there is no room. */
struct book_item *book_new(void);
/* It lives: with no other in one place. */
void book_put(struct book_item *item, enum book_kind kind);
/* It is none any more. */
void book_drop(struct book_item *item);

/*
 * The first of that kind from number on; NULL: there is none. Held, it stays as it is, and its pool and space too; taken,
 * it is this thread's alone. With a pool its objects go, with the last device of a space what that sees.
 */
struct book_item *book_hold(enum book_kind kind, unsigned number);
void book_release(struct book_item *item);
struct book_item *book_take(enum book_kind kind, unsigned number);
/* Of a region that is taken: its space may end now. */
void book_leave_space(struct book_item *region);

/* A device that is busy gets a number that nobody has, and a space: that of share, or a new one. false: there is none. */
bool book_name(struct book_item *device, unsigned name, const struct book_item *share);
/* It could not be opened. */
void book_unname(struct book_item *device);
/* A pool that is held has a region that is taken, until its end. false: it has enough. */
bool book_give(struct book_item *pool, struct book_item *region);

/* A call's result, whose error is whole, this thread's last and, if threads take turns, the context's. Passes r on. */
int book_told(int r);
/* The last errors are still those. */
void book_errors(struct pmem_ctx *ctx);
/* This thread begins, without an error; and the context. */
void book_begin(void);
void book_no_errors(void);

/* Asks all that a region or an object is, and writes it down; later, that it is still so. */
void book_learn(struct book_item *item);
void book_look(struct pmem_ctx *ctx, const struct book_item *item);
/* What there is at a pointer or an address, by the library and by this book. */
void book_find(struct pmem_ctx *ctx, const void *pointer);
void book_find_phys(struct pmem_ctx *ctx, uint64_t phys);
/* Of a pool. */
uint64_t book_objects(const struct book_item *pool);

#endif
