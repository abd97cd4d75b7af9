/* SPDX-License-Identifier: MIT */
#include "pool/threads.h"

#include <errno.h>
#include <sys/mman.h>

#include "base/attr.h"
#include "base/thread_end.h"
#include "os/fork_lock.h"
#include "os/os.h"

#define FIRST_BYTES 4096u
#define PROBES      8u      /* slots that a thread's may be: from its home on */

_Thread_local char threads_byte;
static struct {
	struct thread_head head;
	struct thread_slot slot;
} nobody;

void threads_init(struct thread_table *table)
{
	atomic_init(&table->slots, &nobody.slot);
}

static struct thread_head *head_of(struct thread_slot *slots)
{
	return (struct thread_head *)(void *)slots - 1;
}

static struct thread_slot *map_slots(size_t bytes, int *r)
{
	void *memory;

	*r = os->mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0,
		&memory);
	if (*r < 0)
		return NULL;
	*r = os->madvise(memory, bytes, MADV_WIPEONFORK);
	if (*r == 0)
		return (struct thread_slot *)(void *)((struct thread_head *)memory + 1);
	if (*r == -EINVAL) /* before Linux 4.14 */
		*r = -EOPNOTSUPP;
	os->munmap(memory, bytes);
	return NULL;
}

static int use(struct thread_table *table, size_t bytes)
{
	struct thread_slot *slots;
	size_t count = 1;
	int r;

	if (table->count == ARRAY_SIZE(table->all))
		return -ENOMEM;
	slots = map_slots(bytes, &r);
	if (!slots)
		return r;
	while (2 * count * sizeof(*slots) + sizeof(struct thread_head) <= bytes)
		count *= 2;
	head_of(slots)->mask = (count - 1) * sizeof(*slots);
	table->all[table->count].slots = slots;
	table->all[table->count++].bytes = bytes;
	return 0;
}

static void publish(struct thread_table *table)
{
	atomic_store_explicit(&table->slots, table->all[table->count - 1].slots,
		memory_order_release);
}

int threads_begin(struct thread_table *table)
{
	size_t page = os->page_size();
	int r = use(table, page > FIRST_BYTES ? page : FIRST_BYTES);

	if (r == 0)
		publish(table);
	return r;
}

void threads_free(struct thread_table *table)
{
	while (table->count) {
		table->count--;
		os->munmap(head_of(table->all[table->count].slots),
			table->all[table->count].bytes);
	}
}

static uintptr_t count_of(const struct thread_slot *slots)
{
	return ((const struct thread_head *)(const void *)slots - 1)->mask / sizeof(*slots) + 1;
}

static struct thread_slot *search(const struct thread_slot *slots, uintptr_t self, uintptr_t whose)
{
	uintptr_t home = (uintptr_t)(threads_home(slots, self) - slots), n = count_of(slots);

	for (uintptr_t i = 0; i < PROBES && i < n; i++) {
		const struct thread_slot *slot = &slots[(home + i) & (n - 1)];

		if (atomic_load_explicit(&slot->thread, memory_order_relaxed) == whose)
			return (struct thread_slot *)(uintptr_t)slot;
	}
	return NULL;
}

void *threads_find(const struct thread_table *table)
{
	const struct thread_slot *slots = atomic_load_explicit(&table->slots, memory_order_acquire);
	uintptr_t self = threads_self();
	const struct thread_slot *slot = search(slots, self, self);

	return slot ? (void *)atomic_load_explicit(&slot->what, memory_order_relaxed) : NULL;
}

static bool put(struct thread_slot *slots, uintptr_t self, uintptr_t what)
{
	struct thread_slot *slot = search(slots, self, 0);

	if (!slot)
		return false;
	atomic_store_explicit(&slot->what, what, memory_order_relaxed);
	atomic_store_explicit(&slot->thread, self, memory_order_release);
	return true;
}

/* A table of twice the size with all that the last one has. false: some do not fit, or no memory. */
static bool grow(struct thread_table *table)
{
	const struct thread_slot *old = table->all[table->count - 1].slots;
	struct thread_slot *made;

	if (use(table, 2 * table->all[table->count - 1].bytes) < 0)
		return false;
	made = table->all[table->count - 1].slots;
	for (uintptr_t i = 0; i < count_of(old); i++) {
		uintptr_t thread = atomic_load(&old[i].thread);

		if (thread && !put(made, thread, atomic_load(&old[i].what))) {
			table->count--;
			os->munmap(head_of(made), table->all[table->count].bytes);
			return false;
		}
	}
	publish(table);
	return true;
}

bool threads_put(struct thread_table *table, void *what)
{
	if (!table->count)
		return false;
	while (!put(table->all[table->count - 1].slots, threads_self(), (uintptr_t)what)) {
		if (!grow(table))
			return false;
	}
	return true;
}

void threads_drop(struct thread_table *table)
{
	struct thread_slot *slot;

	if (!table->count)
		return;
	slot = search(table->all[table->count - 1].slots, threads_self(), threads_self());
	if (slot)
		atomic_store_explicit(&slot->thread, 0, memory_order_release);
}

/* The end of threads. */

static struct {
	struct fork_lock lock;
	struct thread_watch *first;
} watches;

/* A child has none of its parent's. */
static void take(void)
{
	if (fork_lock_take(&watches.lock))
		watches.first = NULL;
}

void threads_watch(struct thread_watch *watch)
{
	take();
	watch->prev = NULL;
	watch->next = watches.first;
	if (watch->next)
		watch->next->prev = watch;
	watches.first = watch;
	fork_lock_give(&watches.lock);
}

void threads_unwatch(struct thread_watch *watch)
{
	take();
	if (watch->next)
		watch->next->prev = watch->prev;
	if (watch->prev)
		watch->prev->next = watch->next;
	else
		watches.first = watch->next;
	fork_lock_give(&watches.lock);
}

static void at_thread_end(void *unused)
{
	(void)unused;
	take();
	for (struct thread_watch *watch = watches.first; watch; watch = watch->next)
		watch->end(watch);
	fork_lock_give(&watches.lock);
}

static struct thread_end at_end = THREAD_END(at_thread_end);

__attribute__((destructor)) static void unload(void)
{
	thread_end_unload(&at_end);
}

bool threads_ask_for_end(void)
{
	return thread_end_ask(&at_end);
}
