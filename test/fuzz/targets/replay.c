/* SPDX-License-Identifier: MIT */
/*
 * A target without a fuzzer: replay FILE... gives it each input of packed corpora once. A line is an input, in
 * hexadecimal digits.
 */
#include <stdio.h>
#include <stdlib.h>

#include "figures.h"
#include "input.h"

#define LINE_MAX_BYTES (1u << 17)

static int digit(int c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Of exactly its size, so that sanitizers see a read behind its end. false: that is no line of a corpus. */
static bool replay(const char *line, size_t length)
{
	size_t size = length / 2;
	uint8_t *data = malloc(size + !size);

	for (size_t i = 0; data && i < size; i++) {
		int high = digit(line[2 * i]), low = digit(line[2 * i + 1]);

		if (high < 0 || low < 0) {
			free(data);
			return false;
		}
		data[i] = (uint8_t)(high << 4 | low);
	}
	if (!data || length % 2)
		return false;
	(void)LLVMFuzzerTestOneInput(data, size);
	free(data);
	return true;
}

int main(int argc, char **argv)
{
	static char line[LINE_MAX_BYTES];
	unsigned long count = 0;

	for (int i = 1; i < argc; i++) {
		FILE *file = fopen(argv[i], "re");

		if (!file) {
			perror(argv[i]);
			return 1;
		}
		while (fgets(line, sizeof(line), file)) {
			if (!replay(line, strcspn(line, "\n"))) {
				fprintf(stderr, "%s: input %lu is none\n", argv[i], count);
				return 1;
			}
			count++;
		}
		fclose(file);
	}
	test_figure("fuzz.kept", count);
	printf("%lu inputs\n", count);
	return count == 0;
}
