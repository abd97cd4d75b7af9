/* SPDX-License-Identifier: MIT */
/* A life of model_pool.h, by the input. */
#define FUZZ_FROM_INPUT
#include "model_pool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_input = (struct input){ data, size };
	one_life();
	return 0;
}
