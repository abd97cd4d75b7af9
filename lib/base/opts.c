/* SPDX-License-Identifier: MIT */
#include "base/opts.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"

/* A wild size must not make us walk through memory; no option struct will grow past this. */
#define OPTS_SIZE_MAX 4096

int opts_copy(const char *operation, const void *opts, size_t first_size, void *known,
	size_t known_size)
{
	const unsigned char *bytes = opts;
	uint32_t size;

	memset(known, 0, known_size);
	if (!opts)
		return 0;
	memcpy(&size, opts, sizeof(size));
	if (size < first_size || size > OPTS_SIZE_MAX)
		return error_set(EINVAL, PMEM_CAUSE_OPTIONS, operation, NULL,
			"set the member size to sizeof the struct",
			"options of %u bytes: not between %zu and %d", size, first_size,
			OPTS_SIZE_MAX);
	for (size_t i = known_size; i < size; i++) {
		if (bytes[i])
			return error_set(E2BIG, PMEM_CAUSE_OPTIONS, operation, NULL,
				"run the program with the libpmem it was compiled for, or newer",
				"options of %u bytes use a field that this library, which knows "
				"%zu bytes, does not have", size, known_size);
	}
	memcpy(known, opts, size < known_size ? size : known_size);
	return 0;
}

int opts_reserved(const char *operation, bool zero)
{
	if (zero)
		return 0;
	return error_set(EINVAL, PMEM_CAUSE_OPTIONS, operation, NULL,
		"clear the whole struct before setting members",
		"a reserved member of the options is not 0");
}
