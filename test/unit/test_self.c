/* SPDX-License-Identifier: MIT */
/* lib/os/self.c: a number for each process. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/self.h"
#include "suite.h"

START_TEST(a_process_keeps_its_number)
{
	uint32_t number = self_process();

	ck_assert_uint_ne(number, 0);
	for (unsigned i = 0; i < 100; i++)
		ck_assert_uint_eq(self_process(), number);
}
END_TEST

static void *ask(void *user)
{
	*(uint32_t *)user = self_process();
	return NULL;
}

START_TEST(threads_of_a_process_have_one_number)
{
	pthread_t threads[8];
	uint32_t numbers[8];

	/* In a child, where the number is not there yet. */
	for (unsigned round = 0; round < 50; round++) {
		pid_t child = fork();
		int status;

		if (child == 0) {
			for (unsigned i = 0; i < 8; i++)
				pthread_create(&threads[i], NULL, ask, &numbers[i]);
			for (unsigned i = 0; i < 8; i++) {
				pthread_join(threads[i], NULL);
				if (numbers[i] != numbers[0] || numbers[0] == 0)
					_exit(1);
			}
			_exit(0);
		}
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert_int_eq(status, 0);
	}
}
END_TEST

/* A child differs from its parent, and a grandchild from both. */
static void descend(unsigned depth, const uint32_t *seen)
{
	uint32_t numbers[8];
	pid_t child;
	int status;

	for (unsigned i = 0; i < depth; i++)
		numbers[i] = seen[i];
	numbers[depth] = self_process();
	for (unsigned i = 0; i < depth; i++) {
		if (numbers[i] == numbers[depth])
			_exit(1);
	}
	if (depth < 7) {
		child = fork();
		if (child == 0)
			descend(depth + 1, numbers);
		if (waitpid(child, &status, 0) != child || status != 0)
			_exit(2);
		if (self_process() != numbers[depth])
			_exit(3);
	}
	if (depth)
		_exit(0);
}

START_TEST(no_ancestor_has_the_same)
{
	descend(0, NULL);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("self");
	TCase *tc = tcase_create("self");

	tcase_add_test(tc, a_process_keeps_its_number);
	tcase_add_test(tc, threads_of_a_process_have_one_number);
	tcase_add_test(tc, no_ancestor_has_the_same);
	suite_add_tcase(suite, tc);
	return suite;
}
