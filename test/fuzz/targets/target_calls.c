/* SPDX-License-Identifier: MIT */
/*
 * Calls of two or three threads to one context, its regions, pools and devices: lib/api. What lives is in a book
 * (calls_book.h), by which the calls are legal, and with which all answers are compared.
 *
 * An input is one program. Threads take turns as it says, so that it runs the same each time; or, by a bit of it, each has
 * its share of it and they run free, which is for the thread sanitizer.
 */
#include <pthread.h>

#include "calls_machine.h"
#include "calls_ops.h"

#define THREADS 3
#define STEPS   240

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned turn, alive, count, steps; /* alive: a bit each */
	unsigned pending; /* a step that was read; 0: none */
	bool free;
	struct input all;
} play = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

static void wait_for_turn(unsigned number)
{
	pthread_mutex_lock(&play.lock);
	while (play.turn != number)
		pthread_cond_wait(&play.changed, &play.lock);
	pthread_mutex_unlock(&play.lock);
}

static void give_turn(unsigned number)
{
	pthread_mutex_lock(&play.lock);
	play.turn = number;
	pthread_cond_broadcast(&play.changed);
	pthread_mutex_unlock(&play.lock);
}

static unsigned next_alive(unsigned number)
{
	for (unsigned i = 0; i < play.count; i++, number++) {
		if (play.alive & 1u << number % play.count)
			return number % play.count;
	}
	return THREADS;
}

/* The turn goes to whom a number says; 3 is the one who has it. */
static void turn_to(struct caller *caller, unsigned who)
{
	unsigned next = who == 3 ? caller->number : next_alive(who % play.count);

	if (play.free || next == caller->number)
		return;
	give_turn(next);
	wait_for_turn(caller->number);
}

void calls_pass(struct caller *caller)
{
	if (!play.free && caller->in->left)
		turn_to(caller, in_byte(caller->in) & 3);
	book_errors(caller->ctx);
}

static void step(struct caller *caller, unsigned which)
{
	static void (*const kinds[])(struct caller *, unsigned) = { calls_region, calls_region, calls_region, calls_pool,
		calls_pool, calls_device, calls_device, calls_other };

	kinds[which & 7](caller, which >> 3);
}

/* Whoever has the turn reads it, and gives it and the turn to whom it is for. */
static bool next_step(struct caller *caller, unsigned *what)
{
	if (play.free) {
		*what = in_byte(caller->in);
		return caller->in->left && caller->steps++ < STEPS;
	}
	while (!play.pending) {
		if (!caller->in->left || ++play.steps > STEPS)
			return false;
		play.pending = 0x100u | in_byte(caller->in);
		turn_to(caller, play.pending & 3);
	}
	*what = play.pending & 0xff;
	play.pending = 0;
	return true;
}

static void *live(void *user)
{
	struct caller *caller = user;
	unsigned what;

	book_begin();
	if (!play.free)
		wait_for_turn(caller->number);
	while (next_step(caller, &what)) {
		book_errors(caller->ctx);
		step(caller, what >> 2);
	}
	while (caller->refs--)
		pmem_ctx_unref(caller->ctx);
	pmem_ctx_unref(caller->ctx);
	pmem_error_free(caller->kept);
	if (play.free)
		return NULL;
	play.alive &= ~(1u << caller->number);
	give_turn(next_alive(0));
	return NULL;
}

static void share(struct input parts[THREADS])
{
	size_t each = play.all.left / play.count;

	for (unsigned i = 0; i < play.count; i++) {
		parts[i].left = each;
		parts[i].at = in_bytes(&play.all, &parts[i].left);
	}
}

static void run(struct pmem_ctx *ctx)
{
	struct input parts[THREADS];
	struct caller callers[THREADS];
	pthread_t threads[THREADS];

	if (play.free)
		share(parts);
	for (unsigned i = 0; i < play.count; i++)
		callers[i] = (struct caller){ .number = i, .in = play.free ? &parts[i] : &play.all,
			.ctx = pmem_ctx_ref(ctx) };
	for (unsigned i = 0; i < play.count; i++)
		MUST(pthread_create(&threads[i], NULL, live, &callers[i]) == 0);
	for (unsigned i = 0; i < play.count; i++)
		MUST(pthread_join(threads[i], NULL) == 0);
}

static void log_line(void *user, uint32_t level, const char *message)
{
	(void)user;
	MUST(level >= PMEM_LEVEL_ERROR && level <= PMEM_LEVEL_DEBUG && message[0] && !strchr(message, '\n'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint64_t broken[] = { 0, 0, 16, 1 };
	struct caller end = { .number = 0 };
	uint8_t what, more;

	play.all = (struct input){ data, size };
	what = in_byte(&play.all);
	more = in_byte(&play.all);
	play.free = what & 1;
	play.count = what & 2 ? 3 : 2;
	play.turn = play.steps = play.pending = 0;
	play.alive = (1u << play.count) - 1;
	answers_start();
	machine_start(broken[more & 3]);
	if (what & 4)
		answers_faults(&play.all);
	answers_threads();
	book_open(!play.free);
	book_no_errors();
	end.ctx = answers_ctx();
	if (end.ctx) {
		if (what & 8)
			pmem_ctx_set_log(end.ctx, log_line, NULL);
		run(end.ctx);
		book_be_alone();
		book_no_errors();
		end.in = &play.all;
		if (what & 16)
			pmem_ctx_unref(end.ctx);
		calls_end(&end, what & 32);
		if (!(what & 16))
			pmem_ctx_unref(end.ctx);
	}
	answers_stop();
	return 0;
}
