/* SPDX-License-Identifier: MIT */
#include "api/coherence.h"

#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <bsd/string.h>

#include "backend/backend.h"
#include "os/fork_lock.h"
#include "os/os.h"

struct window {
	uint64_t offset;
	uint64_t length;
	uint32_t direction;
};

/* What is known of a watched region; its own lock, since windows come from any thread. */
struct coherence {
	struct fork_lock lock;
	char name[32];
	bool protects; /* false: mprotect() was refused, so only the books are kept */
	struct window *windows;
	size_t count, room;
};

#define MESSAGE_MAX 512

/* "function of program+0x1234", for people and for addr2line. */
static void name_caller(const void *caller, char *text, size_t size)
{
	Dl_info info;

	if (!caller || !dladdr(caller, &info) || !info.dli_fname) {
		snprintf(text, size, "%p", caller);
		return;
	}
	snprintf(text, size, "%s%s%s+0x%zx", info.dli_sname ? info.dli_sname : "",
		info.dli_sname ? " of " : "", info.dli_fname,
		(size_t)((uintptr_t)caller - (uintptr_t)info.dli_fbase));
}

/* The protection of one page: the most that any window over it allows. */
static int page_protection(const struct pmem_region *region, uint64_t page_offset, uint64_t page)
{
	const struct coherence *c = region->coherence;
	int prot = PROT_NONE;

	for (size_t i = 0; i < c->count; i++) {
		const struct window *w = &c->windows[i];

		if (w->offset >= page_offset + page || w->offset + w->length <= page_offset)
			continue;
		prot |= PROT_READ;
		if ((w->direction & PMEM_DIR_WRITE) && !(region->attrs & PMEM_REGION_READONLY))
			prot |= PROT_WRITE;
	}
	return prot;
}

/* Protect the pages of [offset, offset + length) as the windows say. 0 or -errno. */
static int protect(const struct pmem_region *region, uint64_t offset, uint64_t length)
{
	uint64_t page = os->page_size();
	uint64_t at = offset & ~(page - 1), end = offset + length;

	while (at < end) {
		int prot = page_protection(region, at, page);
		uint64_t next = at + page;
		int r;

		while (next < end && page_protection(region, next, page) == prot)
			next += page;
		r = os->mprotect((unsigned char *)region->data + at, (size_t)(next - at), prot);
		if (r < 0)
			return r;
		at = next;
	}
	return 0;
}

/* No protection any more. */
static void open_all(const struct pmem_region *region)
{
	region->coherence->protects = false;
	os->mprotect(region->data, (size_t)region->size,
		region->attrs & PMEM_REGION_READONLY ? PROT_READ : PROT_READ | PROT_WRITE);
}

/* The same under the lock; what it could not do is told once. message: "" or what to log. */
static void update(const struct pmem_region *region, uint64_t offset, uint64_t length,
	char message[MESSAGE_MAX])
{
	struct coherence *c = region->coherence;
	int r;

	if (!c->protects)
		return;
	r = protect(region, offset, length);
	if (r == 0)
		return;
	open_all(region);
	snprintf(message, MESSAGE_MAX,
		"coherence: pages of region %s cannot be protected (errno %d); accesses outside windows "
		"go unseen",
		c->name, -r);
}

static void tell(const struct pmem_region *region, const char *message)
{
	if (message[0])
		log_write(&region->ctx->log, PMEM_LEVEL_WARNING, "%s", message);
}

int coherence_start(struct pmem_region *region, const char *name)
{
	char message[MESSAGE_MAX] = "";
	struct coherence *c;

	if (!region->ctx->debug_coherence || !region->data ||
		(region->attrs & PMEM_REGION_DEVICE) ||
		((uintptr_t)region->data & (os->page_size() - 1)))
		return 0;
	c = calloc(1, sizeof(*c));
	if (!c)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "region", NULL, NULL,
			"no memory to watch the region");
	strlcpy(c->name, name, sizeof(c->name));
	c->protects = true;
	region->coherence = c;
	update(region, 0, region->size, message);
	tell(region, message);
	if (c->protects)
		log_write(&region->ctx->log, PMEM_LEVEL_INFO,
			"coherence: region %s of %s is [%p, + 0x%" PRIx64 "): a fault in there is an "
			"access outside cpu_begin and cpu_end",
			c->name, region->ops->name, region->data, region->size);
	return 0;
}

void coherence_stop(struct pmem_region *region)
{
	struct coherence *c = region->coherence;

	if (!c)
		return;
	if (c->count)
		log_write(&region->ctx->log, PMEM_LEVEL_WARNING,
			"coherence: region %s is closed, but %zu of its windows did not end, the "
			"first of [0x%" PRIx64 ", + 0x%" PRIx64 ")",
			c->name, c->count, c->windows[0].offset, c->windows[0].length);
	free(c->windows);
	free(c);
	region->coherence = NULL;
}

static struct window *find(struct coherence *c, const struct window *like)
{
	for (size_t i = c->count; i-- > 0;) {
		if (c->windows[i].offset == like->offset && c->windows[i].length == like->length &&
			c->windows[i].direction == like->direction)
			return &c->windows[i];
	}
	return NULL;
}

static const struct window *overlapping(const struct coherence *c, const struct window *w)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct window *o = &c->windows[i];

		if (o->offset < w->offset + w->length && w->offset < o->offset + o->length)
			return o;
	}
	return NULL;
}

static const char *direction_name(uint32_t direction)
{
	return direction == PMEM_DIR_READ  ? "reading" :
	       direction == PMEM_DIR_WRITE ? "writing" :
					     "reading and writing";
}

static bool add(struct coherence *c, const struct window *w)
{
	if (c->count == c->room) {
		size_t room = c->room ? 2 * c->room : 8;
		struct window *more = reallocarray(c->windows, room, sizeof(*more));

		if (!more)
			return false;
		c->windows = more;
		c->room = room;
	}
	c->windows[c->count++] = *w;
	return true;
}

void coherence_begin(const struct pmem_region *region, uint64_t offset, uint64_t length,
	uint32_t direction, const void *caller)
{
	const struct window w = { offset, length, direction };
	struct coherence *c = region->coherence;
	char message[MESSAGE_MAX] = "", who[256];
	const struct window *other;

	if (!c)
		return;
	fork_lock_take(&c->lock);
	other = overlapping(c, &w);
	if (other && ((other->direction | direction) & PMEM_DIR_WRITE)) {
		name_caller(caller, who, sizeof(who));
		snprintf(message, sizeof(message),
			"coherence: region %s: cpu_begin of [0x%" PRIx64 ", + 0x%" PRIx64
			") for %s by %s overlaps the open window [0x%" PRIx64 ", + 0x%" PRIx64
			") for %s",
			c->name, offset, length, direction_name(direction), who, other->offset,
			other->length, direction_name(other->direction));
	}
	if (!add(c, &w))
		open_all(region); /* no memory for the books: give up watching, not the program */
	update(region, offset, length, message);
	fork_lock_give(&c->lock);
	tell(region, message);
}

/* Close one such window, if there is one. */
static void remove_window(const struct pmem_region *region, const struct window *w)
{
	struct coherence *c = region->coherence;
	char message[MESSAGE_MAX] = "";
	struct window *found;

	if (!c)
		return;
	fork_lock_take(&c->lock);
	found = find(c, w);
	if (found)
		*found = c->windows[--c->count];
	update(region, w->offset, w->length, message);
	fork_lock_give(&c->lock);
	tell(region, message);
}

void coherence_forget(const struct pmem_region *region, uint64_t offset, uint64_t length,
	uint32_t direction)
{
	remove_window(region, &(struct window){ offset, length, direction });
}

void coherence_end(const struct pmem_region *region, uint64_t offset, uint64_t length,
	uint32_t direction)
{
	remove_window(region, &(struct window){ offset, length, direction });
}

void coherence_ending(const struct pmem_region *region, uint64_t offset, uint64_t length,
	uint32_t direction, const void *caller)
{
	const struct window w = { offset, length, direction };
	struct coherence *c = region->coherence;
	char message[MESSAGE_MAX] = "", refused[MESSAGE_MAX] = "", who[256];

	if (!c)
		return;
	fork_lock_take(&c->lock);
	if (!find(c, &w)) {
		const struct window *near = overlapping(c, &w);

		name_caller(caller, who, sizeof(who));
		snprintf(message, sizeof(message),
			"coherence: region %s: cpu_end of [0x%" PRIx64 ", + 0x%" PRIx64
			") for %s by %s has no cpu_begin%s%s",
			c->name, offset, length, direction_name(direction), who,
			near ? " of that range and direction; an open window there is for " : "",
			near ? direction_name(near->direction) : "");
		/* cpu_end's work touches the bytes; coherence_end() takes this window away. */
		if (add(c, &w))
			update(region, offset, length, refused);
	}
	fork_lock_give(&c->lock);
	tell(region, message);
	tell(region, refused);
}

void coherence_open(const struct pmem_region *region)
{
	const struct window all = { 0, region->size, PMEM_DIR_BOTH };
	struct coherence *c = region->coherence;
	char message[MESSAGE_MAX] = "";

	if (!c)
		return;
	fork_lock_take(&c->lock);
	if (!add(c, &all))
		open_all(region);
	update(region, 0, region->size, message);
	fork_lock_give(&c->lock);
	tell(region, message);
}

void coherence_shut(const struct pmem_region *region)
{
	remove_window(region, &(struct window){ 0, region->size, PMEM_DIR_BOTH });
}

int coherence_check(const struct pmem_region *region, uint64_t offset, uint64_t size,
	uint32_t direction, const void *caller)
{
	struct coherence *c = region->coherence;
	bool inside = false;
	char who[256];

	if (!c)
		return 0;
	fork_lock_take(&c->lock);
	for (size_t i = 0; i < c->count && !inside; i++) {
		const struct window *w = &c->windows[i];

		inside = w->offset <= offset && offset + size <= w->offset + w->length &&
			(direction == PMEM_DIR_READ || (w->direction & PMEM_DIR_WRITE));
	}
	fork_lock_give(&c->lock);
	if (inside)
		return 0;
	name_caller(caller, who, sizeof(who));
	return error_set(EACCES, PMEM_CAUSE_NOT_COHERENT, "region access", NULL,
		"LIBPMEM_DEBUG=coherence is set: put cpu_begin and cpu_end around the access",
		"region %s: %s [0x%" PRIx64 ", + 0x%" PRIx64
		") outside cpu_begin and cpu_end, by %s",
		c->name, direction_name(direction), offset, size, who);
}
