/* SPDX-License-Identifier: MIT */
/* Regions of every kind, and what is asked of a context. */
#include <errno.h>

#include "calls_machine.h"
#include "calls_ops.h"

#define PAGE 4096u

/* The program's own memory, of which each part is registered, also twice. */
static _Alignas(PAGE) unsigned char own[16 * PAGE];

/* --- taking --------------------------------------------------------------------------------------------------------- */

static void must_fit(const struct book_item *item, uint64_t size, uint64_t align, uint64_t max_addr)
{
	uint64_t at = 0;

	MUST(item->size == size && (item->data == NULL) == ((item->attrs & PMEM_REGION_UNMAPPED) != 0));
	for (size_t i = 0; i < item->piece_count; i++) {
		const struct pmem_extent *piece = &item->pieces[i];

		MUST(piece->offset == at && piece->length && piece->length <= size - at);
		MUST(!max_addr || piece->phys + (piece->length - 1) <= max_addr);
		MUST(i || !align || piece->phys % align == 0);
		at += piece->length;
	}
	MUST(at == 0 || at == size);
	MUST(!(item->attrs & PMEM_REGION_CONTIGUOUS) || item->piece_count <= 1);
}

static void live(struct book_item *item, enum book_how how, uint64_t size, uint64_t align, uint64_t max_addr)
{
	item->how = how;
	book_learn(item);
	must_fit(item, size, align, max_addr);
	book_put(item, BOOK_REGION);
}

static void take_pages(struct caller *c, struct book_item *item)
{
	static const uint32_t flags[] = { 0, PMEM_ALLOC_SCATTERED,
		PMEM_ALLOC_SCATTERED | PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_MAY_MOVE, PMEM_ALLOC_CACHED | PMEM_ALLOC_NO_ZERO };
	uint8_t what = in_byte(c->in);
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = flags[what & 3], .wait_ms = 1,
		.backend = what & 4 ? NULL : "pages", .align = what & 8 ? PAGE << (what >> 6) : 0,
		.max_addr = what & 16 ? in_place(c->in) : 0 };
	uint64_t size = 1 + in_number(c->in, 2) % (what & 32 ? 40 * PAGE : 4 * PAGE);
	int r = book_told(pmem_region_alloc(c->ctx, size, &opts, &item->region));

	if (r < 0) {
		MUST(answers_faulty() || opts.align || opts.max_addr ||
			(r == -ENOMEM && size > PAGE && !(opts.flags & PMEM_ALLOC_SCATTERED)));
		book_drop(item);
		return;
	}
	MUST(opts.flags & PMEM_ALLOC_NO_ZERO || ((unsigned char *)pmem_region_data(item->region))[size - 1] == 0);
	live(item, strcmp(pmem_region_backend(item->region), "pages") == 0 ? BY_PAGES : BY_HEAP, size, opts.align,
		opts.max_addr);
}

static void take_buffer(struct caller *c, struct book_item *item)
{
	uint8_t what = in_byte(c->in);
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = "dmaheap",
		.flags = PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_SCATTERED | PMEM_ALLOC_MAY_MOVE |
			(what & 2 ? PMEM_ALLOC_NO_MAP : 0) };
	uint64_t size = 1 + in_number(c->in, 2) % MACHINE_MEMORY;
	int r, fd;

	if (what & 1) {
		r = pmem_region_alloc(c->ctx, size, &opts, &item->region);
	} else {
		fd = machine_dmabuf();
		MUST(fd >= 0);
		r = pmem_region_import(c->ctx, fd, (what & 2 ? PMEM_IMPORT_NO_MAP : 0) | (what & 4 ? PMEM_MAP_READONLY : 0),
			&item->region);
		os->close(fd);
		size = MACHINE_MEMORY;
	}
	if (calls_worked(r))
		live(item, what & 1 ? BY_HEAP : BY_IMPORT, size, 0, 0);
	else
		book_drop(item);
}

static void take_own(struct caller *c, struct book_item *item)
{
	uint64_t at = in_number(c->in, 2) % sizeof(own), size = 1 + in_number(c->in, 2) % (sizeof(own) - at);
	uint32_t flags = in_byte(c->in) & (PMEM_REGISTER_NO_ADDRESS | PMEM_REGISTER_MAY_MOVE);

	if (!calls_worked(pmem_region_register(c->ctx, own + at, size, flags, &item->region))) {
		book_drop(item);
		return;
	}
	live(item, BY_REGISTER, size, 0, 0);
	MUST(item->data == own + at);
}

static void take_registers(struct caller *c, struct book_item *item)
{
	uint8_t what = in_byte(c->in);
	uint64_t at = in_number(c->in, 2) % MACHINE_MEMORY, size = 1 + in_number(c->in, 2) % (MACHINE_MEMORY - at);
	uint64_t phys = what & 4 ? PMEM_ADDRESS_NONE : (1ull << 40) + in_number(c->in, 2);
	uint32_t flags = what & 2 ? PMEM_MAP_READONLY : 0;
	int r = what & 1 ? pmem_region_map(c->ctx, at, size, flags, &item->region) :
		pmem_region_map_file(c->ctx, "/regs", at, size, phys, flags, &item->region);

	if (calls_worked(r))
		live(item, what & 1 ? BY_MEM : BY_FILE, size, 0, 0);
	else
		book_drop(item);
}

/* --- using ---------------------------------------------------------------------------------------------------------- */

static void close_region(struct caller *c, struct book_item *item)
{
	const void *data = item->data;
	uint64_t phys = item->pieces[0].phys;
	bool placed = item->piece_count && !item->gone;

	book_leave_space(item);
	calls_worked(pmem_region_close(item->region));
	book_drop(item);
	if (c->over)
		return;
	book_find(c->ctx, data);
	if (placed)
		book_find_phys(c->ctx, phys);
}

static void synced(const struct book_item *item, uint64_t offset, uint64_t length, int r)
{
	bool inside = offset <= item->size && (length == PMEM_TO_END || length <= item->size - offset);

	if (!answers_faulty())
		MUST((r == 0) == (inside && item->data) || length == 0);
}

static void sync_region(struct caller *c, const struct book_item *item)
{
	uint8_t what = in_byte(c->in);
	uint64_t offset = in_number(c->in, 2), length = what & 4 ? PMEM_TO_END : in_number(c->in, 2);
	uint32_t direction = 1 + what % 3;

	synced(item, offset, length, book_told(pmem_region_cpu_begin(item->region, offset, length, direction)));
	calls_pass(c);
	book_look(c->ctx, item);
	synced(item, offset, length, book_told(pmem_region_cpu_end(item->region, offset, length, direction)));
}

/* The same addresses are told of the pointer. */
static void translate(struct caller *c, const struct book_item *item)
{
	static _Thread_local struct pmem_extent found[BOOK_PIECES];
	uint64_t phys, offset = in_number(c->in, 2) % item->size;
	size_t count = 0;

	if (item->how > BY_DEVICE && item->how != BY_REGISTER)
		return;
	if (!calls_worked(pmem_vaddr_phys(c->ctx, item->data + offset, &phys)))
		return;
	for (size_t i = 0; i < item->piece_count && !item->gone; i++)
		MUST(offset - item->pieces[i].offset >= item->pieces[i].length ||
			phys == item->pieces[i].phys + (offset - item->pieces[i].offset));
	if (!calls_worked(pmem_vaddr_extents(c->ctx, item->data, item->size, found, BOOK_PIECES, &count)))
		return;
	MUST(!item->piece_count || item->gone || count == item->piece_count);
	for (size_t i = 0; i < count && item->piece_count && !item->gone; i++)
		MUST(found[i].phys == item->pieces[i].phys && found[i].length == item->pieces[i].length);
}

static void lend(struct caller *c, const struct book_item *item)
{
	uint64_t bus = 1, again = 2;
	int fd = book_told(pmem_region_dup_fd(item->region));

	if (fd >= 0)
		os->close(fd);
	if (!answers_faulty())
		MUST((fd >= 0) == ((item->attrs & PMEM_REGION_DMABUF) != 0));
	if (book_told(pmem_region_bus(item->region, &bus)) < 0)
		return;
	calls_pass(c);
	if (calls_worked(pmem_region_bus(item->region, &again)))
		MUST(bus == again);
}

static void use_region(struct caller *c, unsigned which)
{
	struct book_item *item = book_hold(BOOK_REGION, in_byte(c->in));

	if (!item)
		return;
	if (which == 5)
		book_look(c->ctx, item);
	else if (which == 6)
		sync_region(c, item);
	else if (item->data)
		translate(c, item);
	if (which == 7)
		lend(c, item);
	book_release(item);
}

void calls_region(struct caller *c, unsigned which)
{
	static void (*const takes[])(struct caller *, struct book_item *) = { take_pages, take_buffer, take_own,
		take_registers };
	struct book_item *item = which < 4 ? book_new() : which == 4 ? book_take(BOOK_REGION, in_byte(c->in)) : NULL;

	if (which > 4)
		use_region(c, which);
	else if (item && which == 4)
		close_region(c, item);
	else if (item)
		takes[which](c, item);
}

/* --- the rest --------------------------------------------------------------------------------------------------------- */

static void ask_soc(struct caller *c)
{
	uint64_t phys = 0, size = 0;
	const char *model = pmem_soc_model(c->ctx);

	if (model)
		MUST(answers_faulty() || strcmp(model, "a board") == 0);
	else
		calls_worked(pmem_error_code(pmem_error_last()));
	if (calls_worked(pmem_soc_node(c->ctx, "/soc/serial@fe201000", 0, &phys, &size)))
		MUST(phys == MACHINE_UART && size == 0x200);
	MUST(pmem_soc_page_size(c->ctx) == PAGE);
}

/* It is told to this thread, and stays until its next one. */
static void fail(struct caller *c)
{
	struct pmem_region *region;
	char name[32];
	int r;

	snprintf(name, sizeof(name), "/thread-%u", c->number);
	r = book_told(pmem_region_map_file(c->ctx, name, 0, PAGE, PMEM_ADDRESS_NONE, 0, &region));
	MUST(r == -ENOENT || (r < 0 && answers_faulty()));
	calls_pass(c);
	MUST(answers_faulty() || strstr(pmem_error_text(pmem_error_last()), name));
}

static void keep_error(struct caller *c)
{
	if (c->kept) {
		MUST(pmem_error_code(c->kept) == c->kept_code && pmem_error_text(c->kept)[0]);
		pmem_error_free(c->kept);
		c->kept = NULL;
	} else if (pmem_error_code(pmem_error_last()) < 0) {
		c->kept_code = pmem_error_code(pmem_error_last());
		MUST(pmem_error_dup(pmem_error_last(), &c->kept) == 0);
	}
}

static void count_references(struct caller *c)
{
	if (c->refs) {
		pmem_ctx_unref(c->ctx);
		c->refs--;
	} else {
		MUST(pmem_ctx_ref(c->ctx) == c->ctx);
		c->refs++;
	}
}

static void list(struct caller *c)
{
	size_t count = 0;

	for (size_t i = 0; i < pmem_backend_count(c->ctx); i++) {
		struct pmem_error *why = NULL;
		int r = book_told(pmem_backend_status(c->ctx, i, &why));

		MUST((r == 0) == (why == NULL));
		pmem_error_free(why);
	}
	if (calls_worked(pmem_heap_count(c->ctx, &count)))
		MUST(answers_faulty() || (count == 1 && strcmp(pmem_heap_name(c->ctx, 0), "system") == 0));
}

/* What nobody may ask. */
static void ask_wrong(struct caller *c)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = PMEM_ALLOC_CACHED | PMEM_ALLOC_UNCACHED };
	struct pmem_region *region = NULL;
	struct pmem_pool *pool = NULL;

	MUST(book_told(pmem_region_alloc(c->ctx, 0, NULL, &region)) == -EINVAL);
	MUST(book_told(pmem_region_alloc(c->ctx, PAGE, &opts, &region)) == -EINVAL);
	MUST(book_told(pmem_region_register(c->ctx, own, PAGE, 1u << 31, &region)) == -EINVAL);
	MUST(book_told(pmem_region_map(c->ctx, UINT64_MAX, 2, 0, &region)) == -EOVERFLOW);
	MUST(book_told(pmem_region_import(c->ctx, -1, 0, &region)) < 0);
	MUST(book_told(pmem_pool_new(c->ctx, &(struct pmem_pool_opts){ .size = sizeof(struct pmem_pool_opts), .align = 3 },
		&pool)) == -EINVAL);
	MUST(!region && !pool);
}

void calls_other(struct caller *c, unsigned which)
{
	static void (*const asks[])(struct caller *) = { ask_soc, fail, keep_error, count_references, list, ask_wrong };

	if (which < 6) {
		asks[which](c);
	} else {
		book_find(c->ctx, (const void *)(uintptr_t)in_place(c->in));
		book_find_phys(c->ctx, in_place(c->in));
	}
}

void calls_end(struct caller *c, bool backwards)
{
	static const enum book_kind kinds[] = { BOOK_POOL, BOOK_REGION, BOOK_DEVICE };
	struct book_item *item;

	c->over = true;
	for (size_t i = 0; i < 6; i++) {
		enum book_kind kind = kinds[backwards ? (5 - i) % 3 : i % 3];

		while ((item = book_take(kind, 0))) {
			if (kind == BOOK_REGION) {
				close_region(c, item);
				continue;
			}
			calls_worked(kind == BOOK_POOL ? pmem_pool_close(item->pool) : pmem_device_close(item->device));
			book_drop(item);
		}
	}
}
