/* SPDX-License-Identifier: MIT */
/* What the library says of what is in the book. */
#include <errno.h>
#include <stdatomic.h>

#include "calls_book.h"

static _Thread_local int mine; /* this thread's last error */
static int last;               /* the context's, if threads take turns */
static _Atomic uint32_t stamps;

int book_told(int r)
{
	answers_result(r);
	if (r < 0) {
		mine = r;
		if (book_alone())
			last = r;
	}
	return r;
}

void book_begin(void)
{
	mine = 0;
}

void book_no_errors(void)
{
	mine = last = 0;
}

void book_errors(struct pmem_ctx *ctx)
{
	struct pmem_error *error = NULL;

	MUST(mine == 0 || pmem_error_code(pmem_error_last()) == mine);
	if (!book_alone() || last == 0)
		return;
	if (book_told(pmem_ctx_error(ctx, &error)) == 0)
		MUST(pmem_error_code(error) == last);
	pmem_error_free(error);
}

/* --- what a region is ---------------------------------------------------------------------------------------------- */

static bool has_stamp(const struct book_item *item)
{
	return item->data && item->size >= sizeof(item->stamp) && (item->kind == BOOK_OBJECT || item->of ||
		(item->how <= BY_IMPORT && !(item->attrs & PMEM_REGION_READONLY)));
}

static size_t ask_pieces(const struct book_item *item, struct pmem_extent pieces[BOOK_PIECES])
{
	size_t count = 0;
	int r = book_told(pmem_region_extents(item->region, 0, PMEM_TO_END, PMEM_EXTENTS_PHYS, pieces, BOOK_PIECES,
		&count));

	MUST(r == 0 || r == -ENXIO);
	return r == 0 ? count : 0;
}

static void learn_region(struct book_item *item)
{
	item->data = pmem_region_data(item->region);
	item->size = pmem_region_size(item->region);
	item->attrs = pmem_region_attrs(item->region);
	item->piece_count = ask_pieces(item, item->pieces);
}

/* An object is one piece. */
static void learn_object(struct book_item *item)
{
	struct pmem_extent *piece = &item->pieces[0];
	uint64_t offset;

	MUST(book_told(pmem_pool_region(item->of->pool, item->data, &item->region, &offset)) == 0);
	if (book_told(pmem_pool_phys(item->of->pool, item->data, &piece->phys)) < 0)
		return;
	piece->length = item->size;
	item->piece_count = 1;
}

void book_learn(struct book_item *item)
{
	if (item->of)
		learn_object(item);
	else
		learn_region(item);
	if (!has_stamp(item))
		return;
	item->stamp = 1 + atomic_fetch_add(&stamps, 1);
	memcpy(item->data, &item->stamp, sizeof(item->stamp));
}

static void look_at_stamp(const struct book_item *item)
{
	MUST(!item->stamp || memcmp(item->data, &item->stamp, sizeof(item->stamp)) == 0);
}

static void look_at_pieces(const struct book_item *item)
{
	struct pmem_extent pieces[BOOK_PIECES];
	uint64_t phys, length;
	size_t count = ask_pieces(item, pieces);
	int r;

	MUST(count == item->piece_count && memcmp(pieces, item->pieces, count * sizeof(pieces[0])) == 0);
	for (size_t i = 0; i < count; i++) {
		const struct pmem_extent *piece = &item->pieces[i];

		MUST(book_told(pmem_region_extent(item->region, piece->offset, &phys, &length)) == 0);
		MUST(phys == piece->phys && length == piece->length);
	}
	r = book_told(pmem_region_phys(item->region, &phys));
	MUST(r == (count == 0 ? -ENXIO : count == 1 ? 0 : -EXDEV));
	MUST(r < 0 || phys == item->pieces[0].phys);
}

/* Several may be there. */
static bool is_alone_there(const struct book_item *item)
{
	return item->how < BY_REGISTER;
}

static void look_for_region(struct pmem_ctx *ctx, const struct book_item *item)
{
	struct pmem_region *found;
	uint64_t offset;

	if (item->data) {
		MUST(book_told(pmem_region_find(ctx, item->data + item->size - 1, &found, &offset)) == 0);
		MUST(!is_alone_there(item) || (found == item->region && offset == item->size - 1));
	}
	for (size_t i = 0; i < item->piece_count && !item->gone; i++) {
		const struct pmem_extent *piece = &item->pieces[i];

		MUST(book_told(pmem_region_find_phys(ctx, piece->phys + piece->length - 1, &found, &offset)) == 0);
		MUST(!is_alone_there(item) || (found == item->region && offset == piece->offset + piece->length - 1));
	}
}

static void look_at_region(struct pmem_ctx *ctx, const struct book_item *item)
{
	MUST(pmem_region_data(item->region) == item->data && pmem_region_size(item->region) == item->size);
	MUST(item->gone || pmem_region_attrs(item->region) == item->attrs);
	if (!item->gone)
		look_at_pieces(item);
	look_for_region(ctx, item);
	MUST(!item->data || pmem_region_at(item->region, item->size - 1, 1, 1) == item->data + item->size - 1);
	MUST(!pmem_region_at(item->region, item->size, 1, 1));
	book_told(pmem_error_code(pmem_error_last()));
}

static void look_at_object(struct pmem_ctx *ctx, const struct book_item *item)
{
	const unsigned char *end = item->data + item->size - 1;
	struct pmem_region *region;
	uint64_t offset, phys;

	MUST(book_told(pmem_pool_region(item->of->pool, end, &region, &offset)) == 0 && region == item->region);
	MUST((unsigned char *)pmem_region_data(region) + offset == end);
	if (item->piece_count) {
		MUST(book_told(pmem_pool_phys(item->of->pool, end, &phys)) == 0);
		MUST(phys == item->pieces[0].phys + item->size - 1);
	}
	MUST(book_told(pmem_region_find(ctx, end, &region, &offset)) == 0 && region == item->region);
}

void book_look(struct pmem_ctx *ctx, const struct book_item *item)
{
	look_at_stamp(item);
	if (item->of)
		look_at_object(ctx, item);
	else
		look_at_region(ctx, item);
}

/* --- what is at a place --------------------------------------------------------------------------------------------- */

static bool has_byte(const struct book_item *item, const void *pointer)
{
	return item->kind == BOOK_REGION && item->data &&
		(uintptr_t)pointer - (uintptr_t)item->data < item->size;
}

/* The offset in it, or UINT64_MAX. */
static uint64_t offset_of(const struct book_item *item, uint64_t phys)
{
	for (size_t i = 0; item->kind == BOOK_REGION && !item->gone && i < item->piece_count; i++) {
		if (phys - item->pieces[i].phys < item->pieces[i].length)
			return item->pieces[i].offset + (phys - item->pieces[i].phys);
	}
	return UINT64_MAX;
}

/* A pool has regions that are not in the book. */
static bool is_of_pool(const struct pmem_region *region, uint64_t offset)
{
	struct pmem_region *its;
	uint64_t at;
	bool yes = false;

	for (unsigned i = 0; i < BOOK_ITEMS && !yes; i++) {
		const struct book_item *item = book_item(i);

		yes = item->kind == BOOK_POOL && book_told(pmem_pool_region(item->pool,
			(unsigned char *)pmem_region_data(region) + offset, &its, &at)) == 0 && its == region;
	}
	return yes;
}

void book_find(struct pmem_ctx *ctx, const void *pointer)
{
	struct pmem_region *found = NULL;
	uint64_t offset = 0;
	int r = book_told(pmem_region_find(ctx, pointer, &found, &offset));
	bool any = false, right = false;

	MUST(r == 0 || r == -ENOENT);
	if (!book_alone())
		return;
	for (unsigned i = 0; i < BOOK_ITEMS; i++) {
		const struct book_item *item = book_item(i);

		any |= has_byte(item, pointer);
		right |= has_byte(item, pointer) && item->region == found &&
			item->data + offset == (const unsigned char *)pointer;
	}
	MUST(r == 0 || !any);
	MUST(r < 0 || (any ? right : is_of_pool(found, offset)));
}

void book_find_phys(struct pmem_ctx *ctx, uint64_t phys)
{
	struct pmem_region *found = NULL;
	uint64_t offset = 0;
	int r = book_told(pmem_region_find_phys(ctx, phys, &found, &offset));
	bool any = false, right = false;

	MUST(r == 0 || r == -ENOENT);
	if (!book_alone())
		return;
	for (unsigned i = 0; i < BOOK_ITEMS; i++) {
		uint64_t at = offset_of(book_item(i), phys);

		any |= at != UINT64_MAX;
		right |= at != UINT64_MAX && book_item(i)->region == found && at == offset;
	}
	MUST(r == 0 || !any);
	MUST(r < 0 || (any ? right : is_of_pool(found, offset)));
}
