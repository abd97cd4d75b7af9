/* SPDX-License-Identifier: MIT */
#include "storm.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A stamp in so many bytes each. */
#define STEP 1024u

enum { NOTHING, PAGES, OWN, DMABUF, ATTACHED, OBJECT };

struct storm_shared storm;

static unsigned dice(struct storm_worker *worker, unsigned sides)
{
	return (unsigned)rand_r(&worker->seed) % sides;
}

/* --- the book ------------------------------------------------------------------------------- */

static void put_stamp(struct storm_worker *worker, struct storm_held *held)
{
	held->stamp = worker->number << 32 | ++worker->stamps;
	for (size_t at = 0; at + sizeof(held->stamp) <= held->size; at += STEP)
		memcpy(held->bytes + at, &held->stamp, sizeof(held->stamp));
}

static void look_at_stamp(const struct storm_held *held)
{
	for (size_t at = 0; at + sizeof(held->stamp) <= held->size; at += STEP)
		CHECK(memcmp(held->bytes + at, &held->stamp, sizeof(held->stamp)) == 0);
}

static int no_cancel(void)
{
	int was;

	CHECK(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &was) == 0);
	return was;
}

static struct pmem_ctx *real_ctx(struct storm_worker *worker)
{
	return dice(worker, 2) ? worker->real : storm.real;
}

/* The machine may refuse, but for what it is: no signal, and nobody who is beside. */
static bool gave(int kind, int r)
{
	if (r == 0) {
		atomic_fetch_add(&storm.done[kind], 1);
		return true;
	}
	CHECK(r == -ENOMEM || r == -EPERM || r == -EACCES || r == -EOPNOTSUPP);
	CHECK(pmem_error_code(pmem_error_last()) == r);
	atomic_fetch_add(&storm.refused[kind], 1);
	return false;
}

/* --- taking ---------------------------------------------------------------------------------- */

static bool take_pages(struct storm_worker *worker, struct storm_held *held)
{
	static const uint32_t flags[] = { 0, PMEM_ALLOC_SCATTERED,
		PMEM_ALLOC_SCATTERED | PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_MAY_MOVE };
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = "pages", .flags = flags[dice(worker, 3)] };
	uint64_t phys, again, length;

	held->size = dice(worker, 64) ? (1 + dice(worker, 32)) * PAGE : 4 << 20;
	if (!gave(PAGES, pmem_region_alloc(real_ctx(worker), held->size, &opts, &held->region)))
		return false;
	held->bytes = pmem_region_data(held->region);
	CHECK(held->bytes[0] == 0 && held->bytes[held->size - 1] == 0);
	if (opts.flags & PMEM_ALLOC_NO_ADDRESS)
		return true;
	CHECK(pmem_region_extent(held->region, 0, &phys, &length) == 0 && length > 0);
	CHECK(pmem_vaddr_phys(worker->real, held->bytes, &again) == 0 && again == phys);
	return true;
}

static bool take_own(struct storm_worker *worker, struct storm_held *held)
{
	held->size = (1 + dice(worker, 8)) * PAGE;
	held->bytes = mmap(NULL, held->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(held->bytes != MAP_FAILED);
	if (gave(OWN, pmem_region_register(real_ctx(worker), held->bytes, held->size, 0, &held->region)))
		return true;
	munmap(held->bytes, held->size);
	return false;
}

static bool take_dmabuf(struct storm_worker *worker, struct storm_held *held)
{
	int was = no_cancel();

	held->size = (1 + dice(worker, 4)) * PAGE;
	held->fd = group_dmabuf(held->size);
	pthread_setcancelstate(was, NULL);
	CHECK(pmem_region_import(worker->played, held->fd, 0, &held->region) == 0);
	held->bytes = pmem_region_data(held->region);
	atomic_fetch_add(&storm.done[DMABUF], 1);
	return true;
}

static bool take_attached(struct storm_worker *worker, struct storm_held *held)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .device = dice(worker, 2) ? storm.device : NULL,
		.flags = PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_SCATTERED | PMEM_ALLOC_MAY_MOVE };
	uint64_t bus, again;

	held->size = (1 + dice(worker, 5)) * PAGE;
	CHECK(pmem_region_alloc(storm.played, held->size, &opts, &held->region) == 0);
	held->bytes = pmem_region_data(held->region);
	CHECK(pmem_device_attach(storm.device, held->region, PMEM_DMA_BOTH, &bus) == 0);
	CHECK(pmem_device_bus(storm.device, held->region, &again) == 0 && again == bus);
	held->device = dice(worker, 2) ? storm.device : NULL; /* else its closing takes it away */
	atomic_fetch_add(&storm.done[ATTACHED], 1);
	return true;
}

static bool take_object(struct storm_worker *worker, struct storm_held *held)
{
	held->pool = storm.pool;
	held->size = 8 + dice(worker, 6000);
	held->bytes = pmem_pool_alloc(held->pool, held->size, 0);
	return gave(OBJECT, held->bytes ? 0 : pmem_error_code(pmem_error_last()));
}

static void take(struct storm_worker *worker, struct storm_held *held)
{
	static bool (*const ways[])(struct storm_worker *, struct storm_held *) = { [PAGES] = take_pages,
		[OWN] = take_own, [DMABUF] = take_dmabuf, [ATTACHED] = take_attached, [OBJECT] = take_object };
	int kind = PAGES + (int)dice(worker, OBJECT);

	*held = (struct storm_held){ .fd = -1 };
	if (!ways[kind](worker, held))
		return;
	put_stamp(worker, held);
	held->kind = kind;
}

/* --- giving back ------------------------------------------------------------------------------ */

/* The descriptor that was imported is still the program's, and has what was written to the region. */
static void end_dmabuf(const struct storm_held *held)
{
	uint64_t stamp = 0;
	struct stat st;
	int was = no_cancel();

	CHECK(pread(held->fd, &stamp, sizeof(stamp), 0) == sizeof(stamp) && stamp == held->stamp);
	CHECK(fstat(held->fd, &st) == 0 && (size_t)st.st_size == held->size);
	CHECK(close(held->fd) == 0);
	pthread_setcancelstate(was, NULL);
}

static void give_back(struct storm_held *held)
{
	int kind = held->kind;

	look_at_stamp(held);
	held->kind = NOTHING; /* no point of cancellation is from here to the end */
	if (held->device)
		CHECK(pmem_device_detach(held->device, held->region) == 0);
	if (held->pool)
		CHECK(pmem_pool_free(held->pool, held->bytes) == 0);
	CHECK(pmem_region_close(held->region) == 0);
	if (kind == OWN) {
		look_at_stamp(held);
		CHECK(munmap(held->bytes, held->size) == 0);
	}
	if (kind == DMABUF)
		end_dmabuf(held);
}

/* --- asking ----------------------------------------------------------------------------------- */

static void ask(const struct storm_held *held)
{
	struct pmem_region *found;
	uint64_t offset;

	look_at_stamp(held);
	if (held->kind == OBJECT) {
		CHECK(pmem_pool_region(held->pool, held->bytes, &found, &offset) == 0);
		return;
	}
	CHECK(pmem_region_cpu_begin(held->region, 0, held->size, PMEM_DIR_BOTH) == 0);
	CHECK(pmem_region_cpu_end(held->region, 0, held->size, PMEM_DIR_BOTH) == 0);
	if (held->kind == ATTACHED)
		CHECK(pmem_region_find(storm.played, held->bytes + held->size - 1, &found, &offset) == 0 &&
			found == held->region && offset == held->size - 1);
}

static void detect(struct storm_worker *worker)
{
	struct pmem_ctx *ctx = dice(worker, 2) ? worker->real : worker->played;

	for (size_t i = 0; i < pmem_backend_count(ctx); i++) {
		struct pmem_error *why = NULL;

		CHECK((pmem_backend_status(ctx, i, &why) == 0) == (why == NULL));
		pmem_error_free(why);
	}
}

/* What fails is told to this thread, and says what it was. */
static void fail(struct storm_worker *worker)
{
	struct pmem_region *region;
	char name[32];

	snprintf(name, sizeof(name), "/thread-%u", (unsigned)worker->number);
	CHECK(pmem_region_map_file(worker->real, name, 0, PAGE, PMEM_ADDRESS_NONE, 0, &region) < 0);
	sched_yield();
	CHECK(strstr(pmem_error_text(pmem_error_last()), name) != NULL);
	CHECK(pmem_region_import(worker->played, STDIN_FILENO, 0, &region) < 0);
}

static void new_contexts(struct storm_worker *worker)
{
	pmem_ctx_unref(worker->real);
	worker->real = NULL;
	group_is_root = false;
	CHECK(pmem_ctx_new(&worker->real) == 0);
	group_is_root = true;
	pmem_ctx_unref(worker->played);
	worker->played = NULL;
	CHECK(pmem_ctx_new(&worker->played) == 0);
}

/* A device of its own, of a group that others use as well. */
static void use_device(struct storm_worker *worker)
{
	const char *name = dice(worker, 2) ? "dev3" : "dev4";
	struct pmem_device *device;
	int r = pmem_device_open(storm.played, name, NULL, &device);

	CHECK(r == 0);
	CHECK(pmem_device_close(device) == 0);
}

static void use_pool(struct storm_worker *worker)
{
	static const struct pmem_alloc_opts alloc = { .size = sizeof(alloc), .backend = "pages",
		.flags = PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_SCATTERED | PMEM_ALLOC_MAY_MOVE };
	static const struct pmem_pool_opts opts = { .size = sizeof(opts), .alloc = &alloc, .grow = 65536 };
	struct pmem_pool *pool;
	void *object;

	CHECK(pmem_pool_new(real_ctx(worker), &opts, &pool) == 0);
	object = pmem_pool_alloc(pool, 100, 0);
	CHECK(object && pmem_pool_free(pool, object) == 0);
	CHECK(pmem_pool_close(pool) == 0);
}

/* --- the life of a thread ------------------------------------------------------------------------ */

static void other_things(struct storm_worker *worker)
{
	switch (dice(worker, 5)) {
	case 0:
		detect(worker);
		break;
	case 1:
		fail(worker);
		break;
	case 2:
		new_contexts(worker);
		break;
	case 3:
		use_device(worker);
		break;
	default:
		use_pool(worker);
	}
}

void storm_round(struct storm_worker *worker)
{
	struct storm_held *held = &worker->slots[dice(worker, STORM_SLOTS)];

	worker->rounds++;
	if (dice(worker, 16) == 0)
		other_things(worker);
	else if (!held->kind)
		take(worker, held);
	else if (dice(worker, 2))
		ask(held);
	else
		give_back(held);
}

void storm_worker_begin(struct storm_worker *worker, uint64_t number)
{
	*worker = (struct storm_worker){ .seed = (unsigned)number, .number = number };
	new_contexts(worker);
}

void storm_worker_end(struct storm_worker *worker)
{
	for (size_t i = 0; i < STORM_SLOTS; i++) {
		if (worker->slots[i].kind)
			give_back(&worker->slots[i]);
	}
	pmem_ctx_unref(worker->real);
	pmem_ctx_unref(worker->played);
}

void storm_begin(void)
{
	static const struct pmem_alloc_opts alloc = { .size = sizeof(alloc), .backend = "pages",
		.flags = PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_SCATTERED | PMEM_ALLOC_MAY_MOVE };
	static const struct pmem_pool_opts opts = { .size = sizeof(opts), .alloc = &alloc };

	group_play();
	CHECK(pmem_ctx_new(&storm.played) == 0);
	group_is_root = false;
	CHECK(pmem_ctx_new(&storm.real) == 0);
	group_is_root = true;
	CHECK(pmem_pool_new(storm.real, &opts, &storm.pool) == 0);
	CHECK(pmem_device_open(storm.played, "dev0", NULL, &storm.device) == 0);
}

void storm_end(void)
{
	CHECK(pmem_pool_close(storm.pool) == 0);
	CHECK(pmem_device_close(storm.device) == 0);
	pmem_ctx_unref(storm.played);
	pmem_ctx_unref(storm.real);
	group_end();
}
