/* SPDX-License-Identifier: MIT */
/* The book itself: whose a thing is. What is asked of the library is in calls_answers.c. */
#include "calls_book.h"

#include <pthread.h>

#include "calls_machine.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
	struct book_item items[BOOK_ITEMS];
	struct { unsigned devices, holders; } spaces[BOOK_SPACES];
	unsigned names; /* a bit each */
	bool alone;
} book;

void book_open(bool alone)
{
	memset(&book, 0, sizeof(book));
	book.alone = alone;
}

bool book_alone(void)
{
	return book.alone;
}

void book_be_alone(void)
{
	book.alone = true;
}

struct book_item *book_item(unsigned number)
{
	return &book.items[number % BOOK_ITEMS];
}

struct book_item *book_new(void)
{
	struct book_item *item = NULL;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < BOOK_ITEMS && !item; i++) {
		if (book.items[i].kind == BOOK_FREE)
			item = &book.items[i];
	}
	if (item)
		*item = (struct book_item){ .kind = BOOK_BUSY, .fresh = true, .space = -1 };
	pthread_mutex_unlock(&lock);
	return item;
}

/* --- no two in one place ------------------------------------------------------------------------------------------ */

static bool overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a <= b + (b_size - 1) && b <= a + (a_size - 1);
}

static bool may_overlap(const struct book_item *a, const struct book_item *b)
{
	if (a->kind == BOOK_OBJECT || b->kind == BOOK_OBJECT)
		return a->kind != b->kind && (a->pooled || b->pooled);
	return a->how == b->how && a->how >= BY_REGISTER;
}

static bool has_place(const struct book_item *item)
{
	return item->kind == BOOK_REGION || item->kind == BOOK_OBJECT;
}

static void must_be_apart(const struct book_item *a, const struct book_item *b)
{
	if (a == b || !has_place(b) || may_overlap(a, b))
		return;
	MUST(!a->data || !b->data || !overlap((uintptr_t)a->data, a->size, (uintptr_t)b->data, b->size));
	for (size_t i = 0; i < a->piece_count && !a->gone; i++) {
		for (size_t k = 0; k < b->piece_count && !b->gone; k++)
			MUST(!overlap(a->pieces[i].phys, a->pieces[i].length, b->pieces[k].phys, b->pieces[k].length));
	}
}

/* --- whose it is -------------------------------------------------------------------------------------------------- */

static void hold_space(struct book_item *item)
{
	if (item->kind == BOOK_REGION && item->space >= 0 && !item->gone)
		book.spaces[item->space].holders++;
}

static void release_space(struct book_item *item)
{
	if (item->kind == BOOK_REGION && item->space >= 0 && !item->gone)
		book.spaces[item->space].holders--;
}

static void stop_holding(struct book_item *item)
{
	if (item->holding)
		book.spaces[item->space].holders--;
	item->holding = false;
}

void book_put(struct book_item *item, enum book_kind kind)
{
	pthread_mutex_lock(&lock);
	MUST(item->kind == BOOK_BUSY);
	stop_holding(item);
	item->kind = kind;
	item->fresh = false;
	for (size_t i = 0; has_place(item) && i < BOOK_ITEMS; i++)
		must_be_apart(item, &book.items[i]);
	pthread_mutex_unlock(&lock);
}

void book_drop(struct book_item *item)
{
	pthread_mutex_lock(&lock);
	MUST(item->kind == BOOK_BUSY);
	stop_holding(item);
	for (size_t i = 0; i < item->given_count; i++)
		item->given[i]->users--;
	if (item->of)
		item->of->users--;
	if (item->name)
		book.names &= ~(1u << item->name);
	item->kind = BOOK_FREE;
	pthread_mutex_unlock(&lock);
}

struct book_item *book_hold(enum book_kind kind, unsigned number)
{
	struct book_item *item = NULL;

	pthread_mutex_lock(&lock);
	for (unsigned i = 0; i < BOOK_ITEMS && !item; i++) {
		if (book_item(number + i)->kind == kind)
			item = book_item(number + i);
	}
	if (item) {
		item->users++;
		hold_space(item);
		if (item->of)
			item->of->users++;
	}
	pthread_mutex_unlock(&lock);
	return item;
}

void book_release(struct book_item *item)
{
	pthread_mutex_lock(&lock);
	MUST(item->users > 0);
	item->users--;
	release_space(item);
	if (item->of)
		item->of->users--;
	pthread_mutex_unlock(&lock);
}

/* What the devices of the space saw is seen no more. */
static void end_space(int space)
{
	for (size_t i = 0; i < BOOK_ITEMS; i++) {
		struct book_item *item = &book.items[i];

		if (item->fresh) /* and not for this one, which would be held */
			continue;
		item->seen[space].count = 0;
		if (item->how == BY_DEVICE && item->space == space && item->kind != BOOK_DEVICE)
			item->gone = true;
	}
}

static bool may_be_taken(const struct book_item *item, enum book_kind kind)
{
	return item->kind == kind && item->users == 0 && (kind != BOOK_DEVICE ||
		book.spaces[item->space].devices > 1 || book.spaces[item->space].holders == 0);
}

static void take(struct book_item *item)
{
	for (size_t i = 0; item->kind == BOOK_POOL && i < BOOK_ITEMS; i++) {
		if (book.items[i].kind == BOOK_OBJECT && book.items[i].of == item)
			book.items[i].kind = BOOK_FREE;
	}
	if (item->kind == BOOK_DEVICE && --book.spaces[item->space].devices == 0)
		end_space(item->space);
	if (item->of)
		item->of->users++;
	hold_space(item);
	item->holding = item->kind == BOOK_REGION && item->space >= 0 && !item->gone;
	item->kind = BOOK_BUSY;
}

struct book_item *book_take(enum book_kind kind, unsigned number)
{
	struct book_item *item = NULL;

	pthread_mutex_lock(&lock);
	for (unsigned i = 0; i < BOOK_ITEMS && !item; i++) {
		if (may_be_taken(book_item(number + i), kind))
			item = book_item(number + i);
	}
	if (item)
		take(item);
	pthread_mutex_unlock(&lock);
	return item;
}

void book_leave_space(struct book_item *region)
{
	pthread_mutex_lock(&lock);
	stop_holding(region);
	pthread_mutex_unlock(&lock);
}

bool book_name(struct book_item *device, unsigned name, const struct book_item *share)
{
	int space = share ? share->space : -1;

	pthread_mutex_lock(&lock);
	name = 1 + name % MACHINE_DEVICES;
	for (int i = 0; i < BOOK_SPACES && space < 0; i++) {
		if (book.spaces[i].devices == 0)
			space = i;
	}
	if (space >= 0 && !(book.names & 1u << name)) {
		book.names |= 1u << name;
		device->name = name;
		device->space = space;
		book.spaces[space].devices++;
	}
	pthread_mutex_unlock(&lock);
	return device->name != 0;
}

void book_unname(struct book_item *device)
{
	pthread_mutex_lock(&lock);
	if (--book.spaces[device->space].devices == 0)
		end_space(device->space);
	pthread_mutex_unlock(&lock);
}

bool book_give(struct book_item *pool, struct book_item *region)
{
	bool room;

	pthread_mutex_lock(&lock);
	room = pool->given_count < BOOK_GIVEN;
	if (room) {
		pool->given[pool->given_count++] = region;
		region->users++;
		region->pooled = true;
		region->stamp = 0;
	}
	pthread_mutex_unlock(&lock);
	return room;
}

uint64_t book_objects(const struct book_item *pool)
{
	uint64_t n = 0;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < BOOK_ITEMS; i++)
		n += book.items[i].kind == BOOK_OBJECT && book.items[i].of == pool;
	pthread_mutex_unlock(&lock);
	return n;
}
