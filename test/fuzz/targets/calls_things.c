/* SPDX-License-Identifier: MIT */
/* Pools and their objects, devices and what they see. */
#include <errno.h>

#include "calls_machine.h"
#include "calls_ops.h"

/* --- pools ---------------------------------------------------------------------------------------------------------- */

static void new_pool(struct caller *c)
{
	uint8_t what = in_byte(c->in), more = in_byte(c->in);
	struct pmem_alloc_opts alloc = { .size = sizeof(alloc), .backend = "pages", .wait_ms = 1,
		.flags = what & 1 ? 0 : PMEM_ALLOC_SCATTERED | PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_MAY_MOVE };
	struct pmem_pool_opts opts = { .size = sizeof(opts), .alloc = &alloc,
		.flags = (what & 2 ? PMEM_POOL_NO_CACHE : 0) | (what & 4 ? PMEM_POOL_NO_GROW : 0),
		.align = what & 8 ? 1u << (more & 7) : 0, .boundary = what & 16 ? 4096u << (more >> 6) : 0,
		.grow = what & 32 ? 16384 : 65536, .max = what & 64 ? 131072 : 0 };
	struct book_item *item = book_new();

	if (!item)
		return;
	item->align = opts.align ? opts.align : 64;
	item->boundary = opts.boundary;
	if (calls_worked(pmem_pool_new(c->ctx, &opts, &item->pool)))
		book_put(item, BOOK_POOL);
	else
		book_drop(item);
}

/* Where it counts: for a device, if that is known. */
static void must_be_placed(const struct book_item *item, const struct book_item *pool, uint64_t align)
{
	uint64_t at = item->piece_count ? item->pieces[0].phys : (uintptr_t)item->data;

	align = align > pool->align ? align : pool->align;
	MUST(at % align == 0 && (uintptr_t)item->data % (align < 4096 ? align : 4096) == 0);
	MUST(!pool->boundary || at / pool->boundary == (at + item->size - 1) / pool->boundary);
}

static void new_object(struct caller *c, struct book_item *pool)
{
	uint8_t what = in_byte(c->in);
	uint64_t align = what & 1 ? 1u << ((what >> 1) & 15) : 0, size = 1 + in_number(c->in, 2) % (what & 32 ? 9000 : 200);
	struct book_item *item = book_new();

	if (!item)
		return;
	item->data = pmem_pool_alloc(pool->pool, size, align);
	if (!item->data) {
		MUST(errno == -pmem_error_code(pmem_error_last()));
		book_told(pmem_error_code(pmem_error_last()));
		book_drop(item);
		return;
	}
	item->of = pool;
	item->size = size;
	book_learn(item);
	must_be_placed(item, pool, align);
	book_put(item, BOOK_OBJECT);
}

static void free_object(struct caller *c)
{
	struct book_item *item = book_take(BOOK_OBJECT, in_byte(c->in));

	if (!item)
		return;
	book_look(c->ctx, item);
	if (item->size > 1)
		MUST(book_told(pmem_pool_free(item->of->pool, item->data + 1)) == -EINVAL);
	calls_worked(pmem_pool_free(item->of->pool, item->data));
	if (book_alone()) /* else it is another's by now */
		MUST(book_told(pmem_pool_free(item->of->pool, item->data)) < 0);
	book_drop(item);
}

static void count(const struct book_item *pool)
{
	struct pmem_pool_counts counts = { .size = sizeof(counts) };

	if (calls_worked(pmem_pool_stats(pool->pool, &counts)))
		MUST(!book_alone() || counts.objects == book_objects(pool));
}

static void give(struct caller *c, struct book_item *pool)
{
	struct book_item *region = book_take(BOOK_REGION, in_byte(c->in));
	int r;

	if (!region)
		return;
	if (region->data && !region->pooled && !(region->attrs & PMEM_REGION_READONLY) && region->how < BY_REGISTER &&
		region->how != BY_DEVICE && book_give(pool, region)) {
		r = book_told(pmem_pool_add_region(pool->pool, region->region));
		MUST(r == 0 || r == -EINVAL || r == -ERANGE || answers_faulty());
	}
	book_put(region, BOOK_REGION);
}

static void use_pool(struct caller *c, unsigned which)
{
	struct book_item *pool = book_hold(BOOK_POOL, in_byte(c->in));

	if (!pool)
		return;
	if (which < 3)
		new_object(c, pool);
	else if (which == 6)
		give(c, pool);
	else if (in_byte(c->in) & 1)
		calls_worked(pmem_pool_trim(pool->pool, NULL));
	count(pool);
	book_release(pool);
}

static void look_at_object(struct caller *c)
{
	struct book_item *item = book_hold(BOOK_OBJECT, in_byte(c->in));

	if (!item)
		return;
	book_look(c->ctx, item);
	calls_pass(c);
	book_look(c->ctx, item);
	book_release(item);
}

static void close_pool(struct caller *c)
{
	struct book_item *pool = book_take(BOOK_POOL, in_byte(c->in));

	if (!pool)
		return;
	calls_worked(pmem_pool_close(pool->pool));
	book_drop(pool);
}

void calls_pool(struct caller *c, unsigned which)
{
	if (which == 0)
		new_pool(c);
	else if (which == 3)
		free_object(c);
	else if (which == 4)
		look_at_object(c);
	else if (which == 7)
		close_pool(c);
	else
		use_pool(c, which);
}

/* --- devices -------------------------------------------------------------------------------------------------------- */

static void open_device(struct caller *c)
{
	uint8_t what = in_byte(c->in);
	struct book_item *share = what & 4 ? book_hold(BOOK_DEVICE, what >> 3) : NULL, *item = book_new();
	struct pmem_device_opts opts = { .size = sizeof(opts), .share = share ? share->device : NULL };
	char name[16];

	if (item && book_name(item, what & 3, share)) {
		snprintf(name, sizeof(name), "dev%u", item->name - 1);
		if (calls_worked(pmem_device_open(c->ctx, name, &opts, &item->device))) {
			MUST(strcmp(pmem_device_name(item->device), name) == 0);
			book_put(item, BOOK_DEVICE);
		} else {
			book_unname(item);
			book_drop(item);
		}
	} else if (item) {
		book_drop(item);
	}
	if (share)
		book_release(share);
}

static void take_for(struct caller *c, struct book_item *device)
{
	uint8_t what = in_byte(c->in);
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .device = device->device,
		.flags = what & 1 ? PMEM_ALLOC_SCATTERED : 0, .max_addr = what & 2 ? in_place(c->in) : 0 };
	uint64_t bus = 0, size = 1 + in_number(c->in, 2) % (40 * 4096);
	struct book_item *item = book_new();
	int r;

	if (!item)
		return;
	r = book_told(pmem_region_alloc(c->ctx, size, &opts, &item->region));
	if (r < 0) {
		MUST(answers_faulty() || opts.max_addr);
		book_drop(item);
		return;
	}
	item->how = BY_DEVICE;
	item->space = device->space;
	book_learn(item);
	MUST(item->size == size && calls_worked(pmem_region_bus(item->region, &bus)));
	MUST(machine_sees(bus, item->data) && (!opts.max_addr || bus + (size - 1) <= opts.max_addr));
	item->seen[item->space].count = 1;
	item->seen[item->space].direction = PMEM_DMA_BOTH;
	item->seen[item->space].bus = bus;
	book_put(item, BOOK_REGION);
}

static bool can_be_seen(const struct book_item *item, uint32_t direction)
{
	return item->data && (item->how <= BY_DEVICE || item->how == BY_REGISTER) &&
		!((item->attrs & PMEM_REGION_READONLY) && (direction & PMEM_DMA_WRITE));
}

static void attach(struct caller *c, const struct book_item *device, struct book_item *item)
{
	uint32_t direction = 1 + in_byte(c->in) % 3, was = item->seen[device->space].direction;
	uint64_t bus = 0;
	unsigned before = item->seen[device->space].count;
	int r = book_told(pmem_device_attach(device->device, item->region, direction, &bus));

	if (!answers_faulty()) {
		if (!can_be_seen(item, direction))
			MUST(r < 0);
		else if (before && (direction & ~was))
			MUST(r == -EBUSY);
		else
			MUST(r == 0 || (r == -ENOSPC && !before));
	}
	if (r < 0)
		return;
	MUST(!before || bus == item->seen[device->space].bus);
	MUST(machine_sees(bus, item->data));
	item->seen[device->space].count++;
	item->seen[device->space].bus = bus;
	if (!before)
		item->seen[device->space].direction = direction;
}

static void detach(const struct book_item *device, struct book_item *item)
{
	bool is_own = item->how == BY_DEVICE && item->space == device->space && !item->gone;
	unsigned before = item->seen[device->space].count, all = 0;
	int r = book_told(pmem_device_detach(device->device, item->region));

	if (!answers_faulty())
		MUST(r == (before == 0 ? -ENOENT : is_own && before == 1 ? -EBUSY : 0));
	if (r < 0)
		return;
	MUST(before);
	item->seen[device->space].count--;
	for (size_t i = 0; i < BOOK_SPACES; i++)
		all += item->seen[i].count;
	MUST(all || item->how == BY_REGISTER || answers_faulty() || !machine_sees_any(item->data));
}

static void show(struct caller *c, const struct book_item *device, unsigned which)
{
	struct book_item *item = book_take(BOOK_REGION, in_byte(c->in));

	if (!item)
		return;
	if (which == 4)
		detach(device, item);
	else
		attach(c, device, item);
	book_put(item, BOOK_REGION);
}

static void look_at_bus(struct caller *c, const struct book_item *device)
{
	struct book_item *item = book_hold(BOOK_REGION, in_byte(c->in));
	uint64_t bus = 0;
	int r;

	if (!item)
		return;
	calls_pass(c);
	r = book_told(pmem_device_bus(device->device, item->region, &bus));
	if (!answers_faulty())
		MUST((r == 0) == (item->seen[device->space].count > 0));
	MUST(r < 0 || bus == item->seen[device->space].bus);
	book_release(item);
}

static void look_at_device(const struct book_item *item)
{
	struct pmem_device *device = item->device;
	struct pmem_region *region;
	uint64_t size = 0;
	uint32_t irqs = 0;

	MUST(strcmp(pmem_device_way(device), "vfio") == 0 && pmem_device_map_count(device) == 1);
	MUST(pmem_device_attrs(device) & PMEM_DEVICE_TRANSLATED);
	if (calls_worked(pmem_device_map_size(device, 0, &size)))
		MUST(size == 8192);
	MUST(book_told(pmem_device_map_size(device, 1, &size)) < 0);
	book_told(pmem_device_irq_count(device, PMEM_IRQ_ANY, &irqs));
	MUST(book_told(pmem_device_config_read(device, 0, 4, &irqs)) < 0);
	calls_worked(pmem_device_reset(device));
	if (!calls_worked(pmem_device_map(device, 0, 0, &region)))
		return;
	MUST(pmem_region_size(region) == 8192);
	calls_worked(pmem_region_close(region));
}

static void use_device(struct caller *c, unsigned which)
{
	struct book_item *device = book_hold(BOOK_DEVICE, in_byte(c->in));

	if (!device)
		return;
	if (which == 1)
		take_for(c, device);
	else if (which < 5)
		show(c, device, which);
	else if (which == 5)
		look_at_bus(c, device);
	else
		look_at_device(device);
	book_release(device);
}

void calls_device(struct caller *c, unsigned which)
{
	struct book_item *device = which == 7 ? book_take(BOOK_DEVICE, in_byte(c->in)) : NULL;

	if (which == 0)
		open_device(c);
	else if (which < 7)
		use_device(c, which);
	if (!device)
		return;
	calls_worked(pmem_device_close(device->device));
	book_drop(device);
}
