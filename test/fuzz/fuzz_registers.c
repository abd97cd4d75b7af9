/* SPDX-License-Identifier: MIT */
/* tools/regfile*.c: files of registers that are damaged. What is read of them is sound, or there is a reason. */
#include <stdio.h>
#include <string.h>

#include "fuzz.h"
#include "regfile.h"
#include "suite.h"

#define SIZE 16384

static char svd[SIZE];
static size_t svd_size;

static const char text[] = "# of rwmem\nTIMING,0x64,32,a comment\nHBP,31,20\nHFP,19,8,rw,0,x\n\nSHORT,2,16\nA,1,0\n";

/* One block with one register and two fields; test/tool/registers.py has the form. */
static const unsigned char regdb[] = { 0x55, 0x15, 0xe1, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0,
	1, 0, 0, 0, 2, 0, 0, 0,
	/* block */ 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x20, 0x3f, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
	1, 4, 1, 4,
	/* register */ 6, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 4,
	/* fields */ 10, 0, 0, 0, 0, 0, 0, 0, 7, 0, 14, 0, 0, 0, 0, 0, 0, 0, 31, 28,
	/* indices */ 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0,
	/* texts */ 0, 'G', 'P', 'I', 'O', 0, 'R', 'E', 'G', 0, 'L', 'O', 'W', 0, 'T', 'O', 'P', 0 };

static void check_register(const struct regfile *file, const struct reg *reg)
{
	ck_assert_uint_lt(reg->block, file->block_count);
	ck_assert_ptr_nonnull(file->blocks[reg->block].name);
	ck_assert_ptr_nonnull(reg->name);
	ck_assert(reg->width && reg->width <= 64 && reg->width % 8 == 0);
	for (size_t i = 0; i < reg->count; i++) {
		const struct reg_field *field = &reg->fields[i];

		ck_assert_ptr_nonnull(field->name);
		ck_assert_uint_lt(field->high, reg->width);
		ck_assert_uint_le(field->low, field->high);
		for (size_t n = 0; n < field->count; n++)
			ck_assert_ptr_nonnull(field->values[n].name);
	}
}

/* 1: it was read. */
static int check(const void *data, size_t size)
{
	struct regfile *file = regfile_new();
	char *exact = malloc(size + !size);
	struct reg_match match;
	bool ok;

	memcpy(exact, data, size);
	ok = regfile_parse(file, "name", exact, size);
	free(exact);
	if (ok) {
		ck_assert_uint_ge(file->reg_count, 1);
		for (size_t i = 0; i < file->reg_count; i++)
			check_register(file, &file->regs[i]);
		(void)regfile_find(file, "GPIO.CHA.CS.GO", &match);
	} else {
		ck_assert_msg(file->why[0], "refused without a reason");
	}
	regfile_free(file);
	return ok;
}

static void damage(const void *good, size_t size, uint64_t runs, uint64_t some)
{
	unsigned char data[SIZE];
	uint64_t count = fuzz_begin(runs), read = 0, all = count;

	ck_assert_int_eq(check(good, size), 1);
	while (count--) {
		memcpy(data, good, size);
		for (size_t n = fuzz_below(4); n > 0; n--)
			fuzz_mutate(data, size);
		read += (uint64_t)check(data, fuzz_below(4) ? size : fuzz_below(size));
	}
	ck_assert_uint_ge(read, all / some); /* else nothing behind the first check is seen */
	ck_assert_uint_lt(read, all);
}

START_TEST(damaged_svd)
{
	damage(svd, svd_size, 1500, 20);
}
END_TEST

START_TEST(damaged_text)
{
	damage(text, sizeof(text) - 1, 20000, 10);
}
END_TEST

START_TEST(damaged_regdb)
{
	damage(regdb, sizeof(regdb), 50000, 10);
}
END_TEST

/* Elements where they do not belong: whole lines of the file in another order. */
START_TEST(shuffled_svd)
{
	uint64_t runs = fuzz_begin(1500);

	while (runs--) {
		char data[2 * SIZE];
		size_t size = 0, lines = 0;
		const char *at = svd, *starts[1024];

		for (; at && *at && lines < 1024; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
			starts[lines++] = at;
		for (size_t i = 0; i < lines; i++) {
			const char *line = starts[fuzz_below(8) ? i : fuzz_below(lines)];
			size_t length = strcspn(line, "\n") + 1;

			if (!fuzz_below(30) || size + length > sizeof(data))
				continue;
			memcpy(data + size, line, length);
			size += length;
		}
		(void)check(data, size);
	}
}
END_TEST

static void read_svd(void)
{
	FILE *file = fopen(BOARD_SVD, "r");

	if (file) {
		svd_size = fread(svd, 1, sizeof(svd) - 1, file);
		(void)fclose(file);
	}
}

Suite *test_suite(void)
{
	Suite *suite = suite_create("registers");
	TCase *tcase = tcase_create("registers");

	read_svd();
	tcase_set_timeout(tcase, 0);
	tcase_add_test(tcase, damaged_svd);
	tcase_add_test(tcase, shuffled_svd);
	tcase_add_test(tcase, damaged_text);
	tcase_add_test(tcase, damaged_regdb);
	suite_add_tcase(suite, tcase);
	return suite;
}
