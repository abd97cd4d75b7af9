/* SPDX-License-Identifier: MIT */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* MADV_* */
#endif
#include "fragment.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

bool fragment_make(struct fragment *f, size_t length)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), group = 8 * page;

	f->length = length;
	f->at = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (f->at == MAP_FAILED)
		return false;
	madvise(f->at, length, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < length; i += page)
		f->at[i] = 1;
	for (size_t i = 0; i + group <= length; i += group) {
		size_t kept = (size_t)(random() % 8) * page;

		if (kept)
			madvise(f->at + i, kept, MADV_DONTNEED);
		if (kept + page < group)
			madvise(f->at + i + kept + page, group - kept - page, MADV_DONTNEED);
	}
	return true;
}

void fragment_drop(struct fragment *f)
{
	munmap(f->at, f->length);
}

bool fragment_compact(void)
{
	int fd = open("/proc/sys/vm/compact_memory", O_WRONLY | O_CLOEXEC);
	bool done;

	if (fd < 0)
		return false;
	done = write(fd, "1", 1) == 1;
	close(fd);
	return done;
}

size_t fragment_available(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	char line[128];
	size_t kib = 0;

	while (file && kib == 0 && fgets(line, sizeof(line), file))
		if (sscanf(line, "MemAvailable: %zu", &kib) != 1)
			kib = 0;
	if (file)
		fclose(file);
	return kib * 1024;
}
