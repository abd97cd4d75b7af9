/* SPDX-License-Identifier: MIT */
/* lib/os/fork_lock.c: a child that is forked while another thread has the lock; cancellation. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/fork_lock.h"
#include "suite.h"

static struct fork_lock lock;
static unsigned guarded;
static atomic_bool stop;

static void setup(void)
{
	memset(&lock, 0, sizeof(lock));
	guarded = 0;
	atomic_store(&stop, false);
}

static void count(void)
{
	if (fork_lock_take(&lock))
		guarded = 0;
	guarded++;
	fork_lock_give(&lock);
}

static void *count_on(void *user)
{
	for (unsigned i = 0; user ? i < 100000 : !atomic_load(&stop); i++)
		count();
	return NULL;
}

/* How the thread may be cancelled is as it was, whatever that was. */
START_TEST(cancelling_is_as_before)
{
	static const int states[] = { PTHREAD_CANCEL_ENABLE, PTHREAD_CANCEL_DISABLE };

	for (size_t i = 0; i < 2; i++) {
		int state = -1;

		pthread_setcancelstate(states[i], &state);
		fork_lock_take(&lock);
		fork_lock_give(&lock);
		pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &state);
		ck_assert_int_eq(state, states[i]);
	}
}
END_TEST

START_TEST(threads_take_turns)
{
	pthread_t threads[4];

	for (unsigned i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, count_on, &lock), 0);
	for (unsigned i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	ck_assert_uint_eq(guarded, 400000);
}
END_TEST

START_TEST(a_child_finds_it_free)
{
	pthread_t threads[2];

	for (unsigned i = 0; i < 2; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, count_on, NULL), 0);
	for (unsigned round = 0; round < 400; round++) {
		pid_t child = fork();
		int status;

		if (child == 0) {
			alarm(5);
			count();
			if (guarded != 1)
				_exit(1);
			count();
			_exit(guarded == 2 ? 0 : 2);
		}
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert_int_eq(status, 0);
	}
	atomic_store(&stop, true);
	for (unsigned i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
}
END_TEST

static void *hold_and_sleep(void *user)
{
	fork_lock_take(&lock);
	usleep(1000); /* a cancellation point */
	guarded = 77;
	fork_lock_give(&lock);
	pthread_testcancel();
	return user;
}

START_TEST(nobody_is_cancelled_under_it)
{
	for (unsigned round = 0; round < 50; round++) {
		pthread_t thread;
		void *result;

		guarded = 0;
		ck_assert_int_eq(pthread_create(&thread, NULL, hold_and_sleep, &lock), 0);
		usleep((useconds_t)(round * 30));
		pthread_cancel(thread);
		pthread_join(thread, &result);
		/* Cancelled before it ran, or after it had given the lock back. */
		ck_assert(guarded == 0 || guarded == 77);
		count();
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("fork_lock");
	TCase *tc = tcase_create("fork_lock");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, threads_take_turns);
	tcase_add_test(tc, cancelling_is_as_before);
	tcase_add_test(tc, a_child_finds_it_free);
	tcase_add_test(tc, nobody_is_cancelled_under_it);
	suite_add_tcase(suite, tc);
	return suite;
}
