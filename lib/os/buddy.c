/* SPDX-License-Identifier: MIT */
#include "os/buddy.h"

#include <stdlib.h>
#include <string.h>

#include "os/file.h"

/* "Node 0, zone   Normal    659   2337 ...": how many blocks of one page, of two, of four, ... */
static uint64_t of_zone(const char *line, size_t page, size_t block)
{
	const char *at = strstr(line, "zone");
	uint64_t bytes = 0, size = page;
	char *end;

	if (!at)
		return 0;
	at += strcspn(at, " ");
	at += strspn(at, " ");
	at += strcspn(at, " "); /* its name */
	for (;; at = end, size *= 2) {
		uint64_t count = strtoull(at, &end, 10);

		if (end == at)
			return bytes;
		if (size >= block)
			bytes += count * size;
	}
}

uint64_t buddy_free(const char *root, size_t page, size_t block)
{
	char *text, *rest, *line;
	uint64_t bytes = 0;
	size_t size;

	if (file_read(root, "/proc/buddyinfo", 65536, &text, &size) < 0)
		return 0;
	for (rest = text; (line = strsep(&rest, "\n"));)
		bytes += of_zone(line, page, block);
	free(text);
	return bytes;
}
