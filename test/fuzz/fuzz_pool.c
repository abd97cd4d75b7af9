/* SPDX-License-Identifier: MIT */
/* The lives of model_pool.h, at random. */
#include "model_pool.h"
#include "suite.h"

START_TEST(lives)
{
	uint64_t runs = fuzz_begin(150);

	while (runs--)
		one_life();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("pool");
	TCase *tcase = tcase_create("lives");

	tcase_set_timeout(tcase, 0);
	tcase_add_test(tcase, lives);
	suite_add_tcase(suite, tcase);
	return suite;
}
