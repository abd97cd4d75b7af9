/* SPDX-License-Identifier: MIT */
/* The constants of the public headers as a table, which the build makes from these headers. */
#include <errno.h>
#include <string.h>

#include <pmem/pmem.h>

#include "api/call.h"
#include "base/attr.h"
#include "base/error.h"

/* Names lie in the table itself: pointers would have to be relocated at each start. */
struct constant {
	char name[40];
	uint64_t value;
};

#define CONSTANT(name) { #name, name },

static const struct constant constants[] = {
#include "constants.inc"
};

static int try_constant_value(const char *name, uint64_t *value)
{
	if (!name || !value)
		return error_null("constant value", name ? "value" : "name");
	for (size_t i = 0; i < ARRAY_SIZE(constants); i++) {
		if (strcmp(constants[i].name, name) == 0) {
			*value = constants[i].value;
			return 0;
		}
	}
	return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, "constant value", NULL, NULL,
		"libpmem %s has no constant %s", pmem_version(), name);
}

int pmem_constant_value(const char *name, uint64_t *value)
{
	CALL(NULL, try_constant_value(name, value));
}

const char *pmem_constant_name(const char *prefix, uint64_t value)
{
	size_t n = prefix ? strlen(prefix) : 0;

	for (size_t i = 0; n && i < ARRAY_SIZE(constants); i++) {
		if (constants[i].value == value && strncmp(constants[i].name, prefix, n) == 0)
			return constants[i].name;
	}
	return NULL;
}

const char *pmem_constant_at(size_t i, uint64_t *value)
{
	if (i >= ARRAY_SIZE(constants))
		return NULL;
	if (value)
		*value = constants[i].value;
	return constants[i].name;
}
