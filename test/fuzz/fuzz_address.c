/* SPDX-License-Identifier: MIT */
/* tools/address.c: the grammar of addresses, with words put together at random and with what was printed. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "fuzz.h"
#include "suite.h"

static const char *const words[] = { "0", "1", "0x", "0x3f200000", "07", "18446744073709551615", "4k", "1G",
	"+", "-", ":", "/", "@", ".", "&", "gpio", "gpio:", "bus:", "dma:", "pci:", "uio:", "reg:", "node:",
	"alias:", "label:", "compatible:", "/soc/gpio@7e200000", "brcm,bcm2835-gpio", "0000:00:04.0", "uio0",
	"GPIO.GPFSEL1", "FSEL17", "31:0", " ", "\x1b", "\xff", "" };

/* What holds for each that is accepted, and nothing but a reason for what is not. */
static void check(const char *text)
{
	struct address address;
	char *exact = strdup(text); /* sanitizers see a read behind its end */
	char why[ADDRESS_MAX + 128] = "";

	if (!address_parse(exact, &address, why, sizeof(why))) {
		ck_assert_msg(why[0], "%s is refused without a reason", text);
	} else {
		ck_assert_uint_le(address.high, 63);
		ck_assert_uint_le(address.low, address.high);
		ck_assert(address.bits || (!address.high && !address.low));
		ck_assert(address.kind != ADDRESS_PCI || address.number <= 5);
		ck_assert(address.kind != ADDRESS_NUMBER || !address.text[0]);
		ck_assert(!(address.bits && address.field[0]));
	}
	free(exact);
}

START_TEST(words_at_random)
{
	uint64_t runs = fuzz_begin(200000);

	while (runs--) {
		char text[ADDRESS_MAX + 64] = "";

		for (size_t n = fuzz_below(9); n > 0; n--)
			strcat(text, words[fuzz_below(ARRAY_SIZE(words))]);
		check(text);
		if (text[0]) {
			fuzz_mutate(text, strlen(text));
			check(text);
		}
	}
}
END_TEST

/* A place with all that may follow it, printed and read back. */
START_TEST(printed)
{
	static const char *const places[] = { "", "gpio:", "/soc/a+b@1", "bus:", "pci:0000:00:04.0/2", "uio:uio0/1",
		"alias:gpio", "maker,x-16550" };
	uint64_t runs = fuzz_begin(100000);

	while (runs--) {
		const char *place = places[fuzz_below(ARRAY_SIZE(places))];
		bool numbered = !place[0] || !strcmp(place, "bus:"), last = fuzz_below(2);
		uint64_t number = fuzz_word(), offset = fuzz_word(), length = 1 + fuzz_below(4096);
		unsigned high = (unsigned)fuzz_below(64), low = (unsigned)fuzz_below(high + 1);
		char text[256], digits[32] = "", why[ADDRESS_MAX + 128];
		struct address address;

		if (numbered)
			snprintf(digits, sizeof(digits), "0x%" PRIx64, number);
		snprintf(text, sizeof(text), "%s%s+%" PRIu64 "%c%" PRIu64 ":%u:%u", place, digits, offset,
			last ? '-' : '+', last ? offset + length - 1 : length, high, low);
		ck_assert_msg(address_parse(text, &address, why, sizeof(why)), "%s: %s", text, why);
		ck_assert_uint_eq(address.offset, offset);
		ck_assert_uint_eq(address.length, length);
		ck_assert_uint_eq(address.high, high);
		ck_assert_uint_eq(address.low, low);
		ck_assert(!numbered || address.number == number);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("address");
	TCase *tcase = tcase_create("address");

	tcase_set_timeout(tcase, 0);
	tcase_add_test(tcase, words_at_random);
	tcase_add_test(tcase, printed);
	suite_add_tcase(suite, tcase);
	return suite;
}
