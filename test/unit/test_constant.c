/* SPDX-License-Identifier: MIT */
/* lib/api/constant.c: the constants of the headers by name and by number. */
#include <errno.h>
#include <string.h>

#include "suite.h"

START_TEST(a_number_by_its_name)
{
	uint64_t value = 77;

	ck_assert_int_eq(pmem_constant_value("PMEM_CAUSE_LOCKDOWN", &value), 0);
	ck_assert_uint_eq(value, PMEM_CAUSE_LOCKDOWN);
	ck_assert_int_eq(pmem_constant_value("PMEM_ALLOC_DMABUF", &value), 0);
	ck_assert_uint_eq(value, PMEM_ALLOC_DMABUF);
	ck_assert_int_eq(pmem_constant_value("PMEM_PAGEMAP_PRESENT", &value), 0);
	ck_assert_uint_eq(value, 1ull << 63);
	ck_assert_int_eq(pmem_constant_value("PMEM_VERSION_MAJOR", &value), 0);
	ck_assert_uint_eq(value, pmem_version_number() / 1000000);
}
END_TEST

START_TEST(an_unknown_name_is_an_error)
{
	uint64_t value = 77;

	assert_fails(pmem_constant_value("PMEM_CAUSE_", &value), ENOENT, PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_constant_value("", &value), ENOENT, PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_constant_value(NULL, &value), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_constant_value("PMEM_CAUSE_NONE", NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	ck_assert_uint_eq(value, 77);
}
END_TEST

START_TEST(a_name_by_its_number)
{
	ck_assert_str_eq(pmem_constant_name("PMEM_CAUSE_", 11), "PMEM_CAUSE_LOCKDOWN");
	ck_assert_str_eq(pmem_constant_name("PMEM_DIR_", 3), "PMEM_DIR_BOTH");
	ck_assert_str_eq(pmem_constant_name("PMEM_REGION_", PMEM_REGION_DMABUF), "PMEM_REGION_DMABUF");
	ck_assert_ptr_null(pmem_constant_name("PMEM_CAUSE_", 4711));
	ck_assert_ptr_null(pmem_constant_name("PMEM_NOTHING_", 1));
	ck_assert_ptr_null(pmem_constant_name("", 1));
	ck_assert_ptr_null(pmem_constant_name(NULL, 1));
}
END_TEST

START_TEST(the_ends)
{
	uint64_t value = 77;

	ck_assert_int_eq(pmem_constant_value("PMEM_TO_END", &value), 0);
	ck_assert_uint_eq(value, UINT64_MAX);
	value = 77;
	ck_assert_int_eq(pmem_constant_value("PMEM_ADDRESS_NONE", &value), 0);
	ck_assert_uint_eq(value, UINT64_MAX);
	ck_assert_str_eq(pmem_constant_name("PMEM_ADDRESS_", UINT64_MAX), "PMEM_ADDRESS_NONE");
}
END_TEST

/* How much of a name is that of its family: "PMEM_CAUSE_" of "PMEM_CAUSE_BUSY". */
static size_t family_of(const char *name)
{
	return (size_t)(strchr(name + strlen("PMEM_"), '_') - name) + 1;
}

/* Inside a family a number has one name: pmem_constant_name() has no choice to make. */
START_TEST(one_name_each)
{
	const char *name, *other;
	uint64_t value, same;

	for (size_t i = 0; (name = pmem_constant_at(i, &value)); i++) {
		if (strncmp(name, "PMEM_VERSION_", 13) == 0)
			continue;
		for (size_t k = 0; k < i && (other = pmem_constant_at(k, &same)); k++)
			ck_assert_msg(value != same || strncmp(name, other, family_of(name)) != 0,
				"%s and %s are both %llu", name, other, (unsigned long long)value);
	}
}
END_TEST

/* Every name finds its own number, and no other name is found by it. */
START_TEST(all_of_them)
{
	const char *name;
	size_t i = 0;

	for (uint64_t listed, asked; (name = pmem_constant_at(i, &listed)); i++) {
		ck_assert_int_eq(strncmp(name, "PMEM_", 5), 0);
		ck_assert_int_eq(pmem_constant_value(name, &asked), 0);
		ck_assert_uint_eq(asked, listed);
		ck_assert_str_eq(pmem_constant_name(name, listed), name);
		ck_assert_ptr_eq(pmem_constant_at(i, NULL), name);
	}
	ck_assert_uint_gt(i, 90);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("constant");
	TCase *tc = tcase_create("constant");

	tcase_add_test(tc, a_number_by_its_name);
	tcase_add_test(tc, an_unknown_name_is_an_error);
	tcase_add_test(tc, a_name_by_its_number);
	tcase_add_test(tc, the_ends);
	tcase_add_test(tc, one_name_each);
	tcase_add_test(tc, all_of_them);
	suite_add_tcase(suite, tc);
	return suite;
}
