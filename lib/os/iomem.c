/* SPDX-License-Identifier: MIT */
#include "os/iomem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "os/file.h"

#define IOMEM_LIMIT (4u << 20)

struct line {
	unsigned depth;
	uint64_t start, end;
	const char *name;
	size_t name_length;
};

/* "  09000000-09000fff : pl011@9000000", two blanks a level (kernel/resource.c r_show). */
static bool parse(const char *text, size_t length, struct line *line)
{
	const char *p = text, *stop = text + length;
	char *end;

	while (p < stop && *p == ' ')
		p++;
	line->depth = (unsigned)(p - text) / 2;
	line->start = strtoull(p, &end, 16);
	if (end == p || *end != '-')
		return false;
	p = end + 1;
	line->end = strtoull(p, &end, 16);
	if (end == p || end + 3 > stop || memcmp(end, " : ", 3) != 0)
		return false;
	line->name = end + 3;
	line->name_length = (size_t)(stop - line->name);
	return line->start <= line->end;
}

static bool is_ram(const struct line *line)
{
	static const char ram[] = "System RAM";

	return line->name_length >= sizeof(ram) - 1 && memcmp(line->name, ram, sizeof(ram) - 1) == 0;
}

static void take(const struct line *line, bool ram, struct iomem_owner *out)
{
	size_t n = line->name_length < sizeof(out->name) ? line->name_length : sizeof(out->name) - 1;

	out->start = line->start;
	out->end = line->end;
	out->ram = ram;
	memcpy(out->name, line->name, n);
	out->name[n] = '\0';
}

int iomem_owner_in(const char *text, uint64_t phys, uint64_t size, struct iomem_owner *out)
{
	uint64_t last = phys + (size - 1);
	unsigned depth = 0;
	bool shown = false;
	int found = 0;

	while (*text) {
		size_t length = strcspn(text, "\n");
		struct line line;

		if (parse(text, length, &line)) {
			shown |= line.end != 0;
			if (line.start <= last && phys <= line.end && line.end != 0) {
				if (is_ram(&line)) {
					take(&line, true, out);
					return 1;
				}
				if (!found || line.depth > depth) {
					take(&line, false, out);
					depth = line.depth;
					found = 1;
				}
			}
		}
		text += length + (text[length] == '\n');
	}
	return shown ? found : -EACCES;
}

int iomem_owner(const char *root, uint64_t phys, uint64_t size, struct iomem_owner *out)
{
	char *text;
	size_t length;
	int r = file_read(root, "/proc/iomem", IOMEM_LIMIT, &text, &length);

	if (r < 0)
		return r;
	r = iomem_owner_in(text, phys, size, out);
	free(text);
	return r;
}
