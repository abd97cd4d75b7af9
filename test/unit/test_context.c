/* SPDX-License-Identifier: MIT */
/* lib/api/context.c, lib/api/version.c, lib/api/backend.c over the real table. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "soc/ctx.h"
#include "suite.h"

START_TEST(life)
{
	struct pmem_ctx *ctx;

	assert_works(pmem_ctx_new(&ctx));
	ck_assert_uint_eq(fake_fds(), 0); /* nothing is opened yet */
	ck_assert_ptr_eq(pmem_ctx_ref(ctx), ctx);
	pmem_ctx_unref(ctx);
	assert_works(pmem_ctx_set_log(ctx, NULL, NULL));
	pmem_ctx_unref(ctx);
	pmem_ctx_unref(NULL);
	ck_assert_ptr_null(pmem_ctx_ref(NULL));
	assert_fails(pmem_ctx_new(NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_ctx_set_log(NULL, NULL, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
}
END_TEST

START_TEST(environment)
{
	char absurd[PATH_MAX + 2];
	struct pmem_ctx *ctx;

	fake_env("LIBPMEM_ROOT", "/some/where//");
	fake_env("LIBPMEM_BACKEND", "pages");
	fake_env("LIBPMEM_RUN_DIR", "/tmp/run");
	fake_env("LIBPMEM_DEBUG", "other,coherence");
	assert_works(pmem_ctx_new(&ctx));
	ck_assert_str_eq(ctx->root, "/some/where");
	ck_assert_str_eq(ctx->backend, "pages");
	ck_assert_str_eq(ctx->run_dir, "/tmp/run");
	ck_assert(ctx->debug_coherence);
	pmem_ctx_unref(ctx);

	fake_env("LIBPMEM_ROOT", "/");
	fake_env("LIBPMEM_BACKEND", "");
	fake_env("LIBPMEM_DEBUG", "coherences");
	assert_works(pmem_ctx_new(&ctx));
	ck_assert_str_eq(ctx->root, "");
	ck_assert_ptr_null(ctx->backend);
	ck_assert(!ctx->debug_coherence);
	pmem_ctx_unref(ctx);

	memset(absurd, 'a', sizeof(absurd) - 1);
	absurd[sizeof(absurd) - 1] = '\0';
	fake_env("LIBPMEM_ROOT", absurd);
	assert_fails(pmem_ctx_new(&ctx), ENAMETOOLONG, PMEM_CAUSE_LIMIT);
}
END_TEST

START_TEST(version)
{
	char text[32];

	snprintf(text, sizeof(text), "%d.%d.%d", PMEM_VERSION_MAJOR, PMEM_VERSION_MINOR,
		PMEM_VERSION_PATCH);
	ck_assert_str_eq(pmem_version(), text);
	ck_assert_uint_eq(pmem_version_number(), PMEM_VERSION_NUMBER);
}
END_TEST

/* Every entry of the table is listed once, with a name of its own and a reason if refused. */
START_TEST(backends_are_listed)
{
	struct pmem_ctx *ctx;
	size_t n;

	assert_works(pmem_ctx_new(&ctx));
	n = pmem_backend_count(ctx);
	for (size_t i = 0; i < n; i++) {
		struct pmem_error *why = NULL;
		const char *name = pmem_backend_name(ctx, i);
		int r = pmem_backend_status(ctx, i, &why);

		ck_assert_ptr_nonnull(name);
		ck_assert_ptr_nonnull(backend_find(name));
		ck_assert_uint_eq(pmem_backend_caps(ctx, i), backend_find(name)->caps);
		for (size_t j = 0; j < i; j++)
			ck_assert_str_ne(name, pmem_backend_name(ctx, j));
		ck_assert_int_eq(r, pmem_error_code(why));
		if (r < 0)
			ck_assert_str_ne(pmem_error_message(why), "");
		pmem_error_free(why);
	}
	ck_assert_ptr_null(pmem_backend_name(ctx, n));
	ck_assert_uint_eq(pmem_backend_caps(ctx, n), 0);
	assert_fails(pmem_backend_status(ctx, n, NULL), EINVAL, PMEM_CAUSE_BOUNDS);
	assert_fails(pmem_backend_status(NULL, 0, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	ck_assert_uint_eq(pmem_backend_count(NULL), 0);
	ck_assert_ptr_null(pmem_backend_name(NULL, 0));
	pmem_ctx_unref(ctx);
}
END_TEST

START_TEST(capabilities_have_names)
{
	for (uint32_t cap = 1; cap && cap <= PMEM_BACKEND_NODE; cap <<= 1)
		ck_assert_ptr_nonnull(pmem_constant_name("PMEM_BACKEND_", cap));
	ck_assert_ptr_null(pmem_constant_name("PMEM_BACKEND_", PMEM_BACKEND_NODE << 1));
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("context");
	TCase *tc = tcase_create("context");

	tcase_add_checked_fixture(tc, fake_start, fake_stop);
	tcase_add_test(tc, life);
	tcase_add_test(tc, environment);
	tcase_add_test(tc, version);
	tcase_add_test(tc, backends_are_listed);
	tcase_add_test(tc, capabilities_have_names);
	suite_add_tcase(suite, tc);
	return suite;
}
