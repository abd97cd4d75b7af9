/* SPDX-License-Identifier: MIT */
/* lib/api/call.c: whose error it is, in hosts whose calls change threads; cancelled threads. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

#include "base/attr.h"
#include "play.h"
#include "suite.h"

static struct pmem_ctx *ctx;

static void setup(void)
{
	play_start(&ctx);
}

static void teardown(void)
{
	play_stop(ctx);
}

static uint32_t told_to(struct pmem_ctx *whose)
{
	struct pmem_error *error;
	uint32_t cause;

	assert_works(pmem_ctx_error(whose, &error));
	cause = pmem_error_cause(error);
	pmem_error_free(error);
	return cause;
}

START_TEST(a_context_keeps_its_own_error)
{
	struct pmem_error *error = NULL;
	struct pmem_region *region = play_take(ctx, 64, 0), *out;
	struct pmem_ctx *other;
	uint64_t value;

	assert_works(pmem_ctx_new(&other));
	assert_fails(pmem_ctx_error(other, &error), ENOENT, PMEM_CAUSE_NOT_FOUND);
	ck_assert_ptr_null(error);
	assert_fails(pmem_region_map(other, 0, 0, 0, &out), EINVAL, PMEM_CAUSE_ZERO_SIZE);
	assert_fails(pmem_region_map(ctx, 0, 1, 1u << 30, &out), EINVAL, PMEM_CAUSE_FLAGS);
	ck_assert_uint_eq(told_to(other), PMEM_CAUSE_ZERO_SIZE);
	ck_assert_uint_eq(told_to(ctx), PMEM_CAUSE_FLAGS);
	/* Of what was made with it, too; and what works changes nothing. */
	assert_fails(pmem_region_read64(region, 63, &value), ERANGE, PMEM_CAUSE_BOUNDS);
	assert_works(pmem_region_phys(region, &value));
	ck_assert_uint_eq(told_to(ctx), PMEM_CAUSE_BOUNDS);
	ck_assert_ptr_null(pmem_region_at(region, 0, 1, 3));
	ck_assert_uint_eq(told_to(ctx), PMEM_CAUSE_ALIGNMENT);
	assert_fails(pmem_ctx_error(NULL, &error), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_ctx_error(ctx, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	ck_assert_uint_eq(told_to(ctx), PMEM_CAUSE_ALIGNMENT);
	assert_fails(pmem_selftest_copy(other, 0, 0, 0, NULL, NULL, NULL), EINVAL, PMEM_CAUSE_ZERO_SIZE);
	assert_fails(pmem_selftest_copy(other, 8, 9, 0, NULL, NULL, NULL), EINVAL, PMEM_CAUSE_BOUNDS);
	ck_assert_uint_eq(told_to(other), PMEM_CAUSE_BOUNDS);
	/* What failed last in the thread was another's: a call that works does not tell it here. */
	assert_works(pmem_region_phys(region, &value));
	ck_assert_uint_eq(told_to(ctx), PMEM_CAUSE_ALIGNMENT);
	pmem_ctx_unref(other);
	assert_works(pmem_region_close(region));
}
END_TEST

/* As in Node: one thread calls, another asks, and many tasks are under way. */
#define TASKS 4
#define CALLS 25000

struct task {
	struct pmem_ctx *ctx;
	sem_t called, asked;
	unsigned number;
	bool wrong;
};

/* One of four failures, by task and turn, so that another task's would be noticed. */
static uint32_t expected(const struct task *task, unsigned turn)
{
	static const uint32_t causes[] = { PMEM_CAUSE_ZERO_SIZE, PMEM_CAUSE_FLAGS, PMEM_CAUSE_WRAPS,
		PMEM_CAUSE_NULL_ARGUMENT };

	return causes[(task->number + turn) % 4];
}

static void *caller(void *user)
{
	struct task *task = user;
	struct pmem_region *out;

	for (unsigned turn = 0; turn < CALLS; turn++) {
		switch (expected(task, turn)) {
		case PMEM_CAUSE_ZERO_SIZE:
			pmem_region_map(task->ctx, 0, 0, 0, &out);
			break;
		case PMEM_CAUSE_FLAGS:
			pmem_region_map(task->ctx, 0, 1, 1u << 30, &out);
			break;
		case PMEM_CAUSE_WRAPS:
			pmem_region_map(task->ctx, 16, UINT64_MAX, 0, &out);
			break;
		default:
			pmem_region_map(task->ctx, 0, 1, 0, NULL);
		}
		sem_post(&task->called);
		while (sem_wait(&task->asked) < 0)
			;
	}
	return NULL;
}

static void *asker(void *user)
{
	struct task *task = user;

	for (unsigned turn = 0; turn < CALLS; turn++) {
		struct pmem_error *error;

		while (sem_wait(&task->called) < 0)
			;
		if (pmem_ctx_error(task->ctx, &error)) {
			task->wrong = true;
		} else {
			task->wrong |= pmem_error_cause(error) != expected(task, turn);
			pmem_error_free(error);
		}
		sem_post(&task->asked);
	}
	return NULL;
}

START_TEST(the_right_error_in_another_thread)
{
	pthread_t threads[2 * TASKS];
	struct task tasks[TASKS];

	for (unsigned i = 0; i < TASKS; i++) {
		tasks[i] = (struct task){ .number = i };
		assert_works(pmem_ctx_new(&tasks[i].ctx));
		sem_init(&tasks[i].called, 0, 0);
		sem_init(&tasks[i].asked, 0, 0);
		pthread_create(&threads[2 * i], NULL, caller, &tasks[i]);
		pthread_create(&threads[2 * i + 1], NULL, asker, &tasks[i]);
	}
	for (unsigned i = 0; i < 2 * TASKS; i++)
		pthread_join(threads[i], NULL);
	for (unsigned i = 0; i < TASKS; i++) {
		ck_assert(!tasks[i].wrong);
		pmem_ctx_unref(tasks[i].ctx);
	}
}
END_TEST

static void complain(void *user, uint32_t level, const char *message)
{
	struct pmem_region *out;

	(void)level;
	(void)message;
	(*(unsigned *)user)++;
	pmem_region_map(ctx, 0, 0, 0, &out); /* fails */
	ck_assert_uint_eq(pmem_error_cause(pmem_error_last()), PMEM_CAUSE_ZERO_SIZE);
}

START_TEST(a_log_callback_that_fails)
{
	struct pmem_region *out;
	unsigned messages = 0;

	assert_works(pmem_ctx_set_log(ctx, complain, &messages));
	play_first.alloc_errnum = play_second.alloc_errnum = EBUSY;
	assert_fails(pmem_region_alloc(ctx, 64, NULL, &out), EBUSY, PMEM_CAUSE_BUSY);
	ck_assert_uint_gt(messages, 0);
	assert_works(pmem_ctx_set_log(ctx, NULL, NULL));
}
END_TEST

/*
 * Cancellation leaves a stack without telling ASan, whose own variables at the thread's end
 * then lie where it still guards ours: UnsetAlternateSignalStack(), sanitizer_posix_libcdep.cpp.
 */
#if SANITIZE_ADDRESS
const char *__asan_default_options(void);

__attribute__((visibility("default"))) const char *__asan_default_options(void)
{
	return "use_sigaltstack=0";
}
#endif

/* Cancelled wherever it is: no lock stays taken, and nothing is lost. */
static void *use_until_cancelled(void *user)
{
	for (;;) {
		struct pmem_ctx *own;
		struct pmem_region *region;
		int ignored;

		/* The program's own part: what a call has returned is its to keep. */
		pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &ignored);
		if (pmem_ctx_new(&own) == 0) {
			pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &ignored);
			pmem_soc_family(own);
			pmem_soc_family(user);
			pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &ignored);
			if (pmem_region_alloc(user, 64, NULL, &region) == 0)
				pmem_region_close(region);
			pmem_ctx_unref(own);
		}
		pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &ignored);
		pthread_testcancel();
	}
	return NULL;
}

START_TEST(cancelled_threads)
{
	alarm(40);
	for (unsigned round = 0; round < 60; round++) {
		pthread_t threads[2];

		for (unsigned i = 0; i < 2; i++)
			ck_assert_int_eq(pthread_create(&threads[i], NULL, use_until_cancelled, ctx), 0);
		usleep(round * 20);
		for (unsigned i = 0; i < 2; i++)
			pthread_cancel(threads[i]);
		for (unsigned i = 0; i < 2; i++)
			pthread_join(threads[i], NULL);
		/* Whoever comes next is not kept waiting. */
		ck_assert_ptr_nonnull(pmem_soc_family(ctx));
		assert_works(pmem_region_close(play_take(ctx, 64, 0)));
	}
	alarm(0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("call");
	TCase *tc = tcase_create("call");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_context_keeps_its_own_error);
	tcase_add_test(tc, the_right_error_in_another_thread);
	tcase_add_test(tc, a_log_callback_that_fails);
	tcase_add_test(tc, cancelled_threads);
	suite_add_tcase(suite, tc);
	return suite;
}
