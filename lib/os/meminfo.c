/* SPDX-License-Identifier: MIT */
#include "os/meminfo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/file.h"

int meminfo_kib(const char *root, const char *line, uint64_t *kib)
{
	char *text, *at;
	size_t size;
	int r = file_read(root, "/proc/meminfo", 65536, &text, &size);

	if (r < 0)
		return r;
	at = strstr(text, line);
	if (at && (at == text || at[-1] == '\n'))
		*kib = strtoull(at + strlen(line), NULL, 10);
	else
		r = -ENOENT;
	free(text);
	return r;
}

void meminfo_cma(const char *root, char *text, size_t size)
{
	uint64_t total, available;

	if (meminfo_kib(root, "CmaTotal:", &total) < 0 ||
		meminfo_kib(root, "CmaFree:", &available) < 0)
		snprintf(text, size, "this kernel has no CMA area");
	else
		snprintf(text, size, "CmaTotal %llu kB, CmaFree %llu kB",
			(unsigned long long)total, (unsigned long long)available);
}
