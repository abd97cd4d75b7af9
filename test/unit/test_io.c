/* SPDX-License-Identifier: MIT */
/* lib/base/io.c: widths, blocks, and copies that stay inside their bounds. */
#include <stdlib.h>
#include <string.h>

#include "suite.h"

START_TEST(widths)
{
	_Alignas(8) unsigned char m[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	uint16_t v16;
	uint32_t v32;
	uint64_t v64;

	memcpy(&v16, m, 2);
	memcpy(&v32, m, 4);
	memcpy(&v64, m, 8);
	ck_assert_uint_eq(pmem_io_read8(m + 1), 2);
	ck_assert_uint_eq(pmem_io_read16(m), v16);
	ck_assert_uint_eq(pmem_io_read32(m), v32);
	ck_assert_uint_eq(pmem_io_read64(m), v64);
	pmem_io_write8(m + 8, 0xaa);
	pmem_io_write16(m + 10, 0xbbbb);
	pmem_io_write32(m + 12, 0xcccccccc);
	ck_assert_uint_eq(m[8], 0xaa);
	ck_assert_uint_eq(m[9], 0);
	ck_assert_uint_eq(m[10] & m[11], 0xbb);
	ck_assert_uint_eq(m[12] & m[13] & m[14] & m[15], 0xcc);
	pmem_io_write64(m, ~v64);
	ck_assert_uint_eq(pmem_io_read64(m), ~v64);
	pmem_io_wmb();
	pmem_io_rmb();
	pmem_io_mb();
}
END_TEST

#define BLOCKS(width)                                                        \
	do {                                                                 \
		uint##width##_t from[5], device[6] = { 0 }, back[5];         \
                                                                             \
		for (unsigned i = 0; i < 5; i++)                             \
			from[i] = (uint##width##_t)(i * 77 + 1);             \
		pmem_io_write##width##_block(device, from, 5);               \
		ck_assert_mem_eq(device, from, sizeof(from));                \
		ck_assert_uint_eq(device[5], 0);                             \
		pmem_io_read##width##_block(device, back, 5);                \
		ck_assert_mem_eq(back, from, sizeof(from));                  \
	} while (0)

START_TEST(blocks)
{
	BLOCKS(8);
	BLOCKS(16);
	BLOCKS(32);
	BLOCKS(64);
}
END_TEST

/* Every offset and length around two words: exactly the bytes asked for, no other. */
START_TEST(copies_touch_what_they_should)
{
	unsigned char device[64], memory[64], expected[64];

	for (size_t at = 0; at < 20; at++) {
		for (size_t n = 0; n < 40; n++) {
			for (size_t i = 0; i < 64; i++) {
				device[i] = (unsigned char)i;
				memory[i] = (unsigned char)(200 - i);
			}
			memcpy(expected, device, 64);
			memcpy(expected + at, memory + 3, n);
			pmem_io_copy_to(device + at, memory + 3, n);
			ck_assert_mem_eq(device, expected, 64);

			memcpy(expected, memory, 64);
			memcpy(expected + 5, device + at, n);
			pmem_io_copy_from(memory + 5, device + at, n);
			ck_assert_mem_eq(memory, expected, 64);

			memcpy(expected, device, 64);
			memset(expected + at, 0x5a, n);
			pmem_io_fill(device + at, 0x5a, n);
			ck_assert_mem_eq(device, expected, 64);
		}
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("io");
	TCase *tc = tcase_create("io");

	tcase_add_test(tc, widths);
	tcase_add_test(tc, blocks);
	tcase_add_test(tc, copies_touch_what_they_should);
	suite_add_tcase(suite, tc);
	return suite;
}
