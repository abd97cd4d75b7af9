/* SPDX-License-Identifier: MIT */
/* In place of regfile_svd.c where there is no expat (PMEM_SVD=OFF). */
#include "regfile.h"

bool regfile_svd(struct regfile *file, const char *data, size_t size)
{
	(void)data;
	(void)size;
	return regfile_refuse(file, "this physmem was built without CMSIS-SVD (PMEM_SVD=OFF)");
}
