/* SPDX-License-Identifier: MIT */
/* Figures of /proc/meminfo below a root. */
#ifndef OS_MEMINFO_H
#define OS_MEMINFO_H

#include <stddef.h>
#include <stdint.h>

/* The value of a line such as "CmaFree:" in KiB. -ENOENT if there is no such line. */
int meminfo_kib(const char *root, const char *line, uint64_t *kib);

/* "CmaTotal 65536 kB, CmaFree 1024 kB", or that there is no CMA area. */
void meminfo_cma(const char *root, char *text, size_t size);

#endif
