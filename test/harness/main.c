/* SPDX-License-Identifier: MIT */
/* Runs one suite: zero tests is a failure, and the exit status is 0, 1 or 77. */
#include <stdio.h>
#include <stdlib.h>

#include "suite.h"

const char *addresses_are_hidden(void)
{
	static char why[512];
	struct pmem_ctx *ctx = NULL;
	uint64_t phys;
	char here = 1;
	int r = pmem_ctx_new(&ctx);

	if (r == 0)
		r = pmem_vaddr_phys(ctx, &here, &phys);
	snprintf(why, sizeof(why), "%s", pmem_error_text(pmem_error_last()));
	pmem_ctx_unref(ctx);
	return r == 0 ? NULL : why;
}

__attribute__((weak)) const char *test_skip(void)
{
	return NULL;
}

int main(void)
{
	const char *why = test_skip();
	SRunner *runner;
	int run, failed;

	if (why) {
		printf("SKIP: %s\n", why);
		return 77;
	}
	runner = srunner_create(test_suite());
	srunner_run_all(runner, CK_ENV);
	run = srunner_ntests_run(runner);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	if (run == 0)
		printf("no test ran\n");
	return run == 0 || failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
