/* SPDX-License-Identifier: MIT */
/* tools/address.c: the input is the text of an address. What is taken is sound, else there is a reason. */
#include "address.h"
#include "input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char none[] = "\x01";
	char why[ADDRESS_MAX + 128], *text = malloc(size + 1);
	struct address address;

	MUST(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	strcpy(why, none);
	if (!address_parse(text, &address, why, sizeof(why))) {
		MUST(strcmp(why, none) != 0 && why[0]);
	} else {
		MUST(address.high <= 63 && address.low <= address.high);
		MUST(address.bits || (!address.high && !address.low));
		MUST(address.kind != ADDRESS_PCI || address.number <= 5);
		MUST(address.kind != ADDRESS_NUMBER || !address.text[0]);
		MUST(!(address.bits && address.field[0]));
	}
	free(text);
	return 0;
}
