/* SPDX-License-Identifier: MIT */
/* The least that a program does for one physical address; with libbsd, which libpmem needs too. */
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

#include <bsd/string.h>

int main(int argc, char **argv)
{
	uint64_t entry = 0;
	char path[64];
	int fd;

	(void)argc;
	strlcpy(path, "/proc/self/pagemap", sizeof(path));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || pread(fd, &entry, 8, (off_t)((uintptr_t)argv / (uintptr_t)getpagesize() * 8)) != 8)
		return 1;
	close(fd);
	return entry >> 63 ? 0 : 1;
}
