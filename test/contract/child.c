/* SPDX-License-Identifier: MIT */
#include "child.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* In a child: memory is not there, and nothing is called that could reach the parent. */
static void forget(enum way way, struct pmem_region *region)
{
	unsigned char *page = (unsigned char *)((uintptr_t)region->data & ~(uintptr_t)4095);
	bool there = msync(page, 4096, MS_ASYNC) == 0;

	if (there != (way == WAY_MAP || way == WAY_MAKE))
		_exit(1);
	fake_fail(1, EIO);
	if (ops->forget)
		ops->forget(region);
	if (fake_failed() && (!there || strcmp(fake_failed(), "munmap") != 0))
		_exit(2);
	_exit(0);
}

void child_forgets(enum way way, struct pmem_region *region)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		forget(way, region);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(status == 0, "%s: a child %s", ops->name,
		WEXITSTATUS(status) == 1 ? "inherits memory, or not a mapping" :
					   "does more than to free");
}
