/* SPDX-License-Identifier: MIT */
/* An ordinary user: what is refused says what is missing, and the rest works. */
#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "suite.h"

#define NOBODY 65534

static struct pmem_ctx *ctx;
static struct pmem_region *region;

const char *test_skip(void)
{
	return geteuid() == 0 ? NULL : "only root can become another user";
}

/* Each test is a process of its own, and may give its rights away; under CK_FORK=no only once. */
static void become_nobody(int dumpable)
{
	if (geteuid() == 0) {
		ck_assert_int_eq(setgroups(0, NULL), 0);
		ck_assert_int_eq(setresgid(NOBODY, NOBODY, NOBODY), 0);
		ck_assert_int_eq(setresuid(NOBODY, NOBODY, NOBODY), 0);
	}
	ck_assert_int_eq(prctl(PR_SET_DUMPABLE, dumpable), 0);
	assert_works(pmem_ctx_new(&ctx));
}

static int alloc(uint64_t size, uint32_t flags)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = flags, .backend = "pages" };

	return pmem_region_alloc(ctx, size, &opts, &region);
}

static void says(const char *word)
{
	const char *text = pmem_error_text(pmem_error_last());

	ck_assert_msg(strstr(text, word) != NULL, "\"%s\" does not tell of %s", text, word);
}

START_TEST(test_address_refused)
{
	uint64_t phys = 42, many[2];
	char here = 1;

	become_nobody(1);
	assert_fails(alloc(65536, 0), EPERM, PMEM_CAUSE_CAPABILITY);
	says("CAP_SYS_ADMIN");
	says("setcap");
	assert_fails(pmem_vaddr_phys(ctx, &here, &phys), EPERM, PMEM_CAUSE_CAPABILITY);
	ck_assert_uint_eq(phys, 42); /* never a 0 that looks like an address */
	assert_fails(pmem_vaddr_phys_bulk(ctx, &here, 1, many), EPERM, PMEM_CAUSE_CAPABILITY);
	pmem_ctx_unref(ctx);
}
END_TEST

START_TEST(test_not_dumpable)
{
	uint64_t phys;
	char here = 1;

	become_nobody(0);
	assert_fails(pmem_vaddr_phys(ctx, &here, &phys), EACCES, PMEM_CAUSE_FILE_MODE);
	says("PR_SET_DUMPABLE");
	pmem_ctx_unref(ctx);
}
END_TEST

START_TEST(test_memory_without_address)
{
	uint64_t phys;

	become_nobody(1);
	assert_works(alloc(65536, PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_SCATTERED));
	ck_assert(pmem_region_attrs(region) & PMEM_REGION_PINNED);
	memset(pmem_region_data(region), 1, 65536);
	assert_fails(pmem_region_phys(region, &phys), ENXIO, PMEM_CAUSE_CAPABILITY);
	says("CAP_SYS_ADMIN");
	assert_works(pmem_region_close(region));
	assert_fails(alloc(65536, PMEM_ALLOC_NO_ADDRESS), EPERM, PMEM_CAUSE_CAPABILITY);
	says("PMEM_ALLOC_SCATTERED");
	pmem_ctx_unref(ctx);
}
END_TEST

START_TEST(test_many_in_a_row)
{
	become_nobody(1);
	/* The account of locked memory is settled at close, or this would end in ENOMEM. */
	for (unsigned i = 0; i < 500; i++) {
		assert_works(alloc(1 << 20, PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_SCATTERED));
		assert_works(pmem_region_close(region));
	}
	pmem_ctx_unref(ctx);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("rights");
	TCase *tc = tcase_create("rights");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_address_refused);
	tcase_add_test(tc, test_not_dumpable);
	tcase_add_test(tc, test_memory_without_address);
	tcase_add_test(tc, test_many_in_a_row);
	suite_add_tcase(suite, tc);
	return suite;
}
