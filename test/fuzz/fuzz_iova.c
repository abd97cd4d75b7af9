/* SPDX-License-Identifier: MIT */
/* The lives of model_iova.h, at random. */
#include "model_iova.h"
#include "suite.h"

START_TEST(lives)
{
	uint64_t runs = fuzz_begin(1500);

	while (runs--)
		one_life();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("iova");
	TCase *tcase = tcase_create("lives");

	tcase_set_timeout(tcase, 0);
	tcase_add_test(tcase, lives);
	suite_add_tcase(suite, tcase);
	return suite;
}
