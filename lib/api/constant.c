/* SPDX-License-Identifier: MIT */
/* The constants of the public headers as a table, which the build makes from these headers. */
#include <errno.h>
#include <string.h>

#include <pmem/pmem.h>

#include "api/call.h"
#include "base/attr.h"
#include "base/error.h"

/* One text, longer than what ISO C asks for: pointers would have to be relocated at each start. */
#pragma GCC diagnostic ignored "-Woverlength-strings"
#define CONSTANT(name) #name "\0"
/* cppcheck-suppress internalAstError ; it does not see what the build makes */
static const char names[] =
#include "constants.inc"
	;

#undef CONSTANT
#define CONSTANT(name) name,
static const uint64_t values[] = {
#include "constants.inc"
};

static const char *next(const char *name)
{
	return name + strlen(name) + 1;
}

static int try_constant_value(const char *wanted, uint64_t *value)
{
	const uint64_t *v = values;

	if (!wanted || !value)
		return error_null("constant value", wanted ? "value" : "name");
	for (const char *name = names; *name; name = next(name), v++) {
		if (strcmp(name, wanted) == 0) {
			*value = *v;
			return 0;
		}
	}
	return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, "constant value", NULL, NULL,
		"libpmem %s has no constant %s", pmem_version(), wanted);
}

int pmem_constant_value(const char *name, uint64_t *value)
{
	CALL(NULL, try_constant_value(name, value));
}

const char *pmem_constant_name(const char *prefix, uint64_t value)
{
	size_t n = prefix ? strlen(prefix) : 0;
	const uint64_t *v = values;

	for (const char *name = names; n && *name; name = next(name), v++) {
		if (*v == value && strncmp(name, prefix, n) == 0)
			return name;
	}
	return NULL;
}

const char *pmem_constant_at(size_t i, uint64_t *value)
{
	const char *name = names;

	if (i >= ARRAY_SIZE(values))
		return NULL;
	for (size_t n = 0; n < i; n++)
		name = next(name);
	if (value)
		*value = values[i];
	return name;
}
