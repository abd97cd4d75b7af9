/* SPDX-License-Identifier: MIT */
#include <pmem/version.h>

#define TEXT(x)  TEXT_(x)
#define TEXT_(x) #x

const char *pmem_version(void)
{
	return TEXT(PMEM_VERSION_MAJOR) "." TEXT(PMEM_VERSION_MINOR) "." TEXT(PMEM_VERSION_PATCH);
}

uint32_t pmem_version_number(void)
{
	return PMEM_VERSION_NUMBER;
}
