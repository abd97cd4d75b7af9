/* SPDX-License-Identifier: MIT */
/* In a build with --coverage a child that ends with _exit() would not count what it ran. */
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

void __gcov_dump(void);

void _exit(int status)
{
	struct rlimit limit;

	/* Who may write no file cannot count either. */
	if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY)
		__gcov_dump();
	for (;;)
		syscall(SYS_exit_group, status);
}
