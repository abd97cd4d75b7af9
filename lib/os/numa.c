/* SPDX-License-Identifier: MIT */
#include "os/numa.h"

#include <errno.h>
#include <linux/mempolicy.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/attr.h"

#define RESULT(r) ((r) < 0 ? -errno : (r))

int numa_prefer(uint32_t node, struct os_numa *was)
{
	unsigned long wanted[ARRAY_SIZE(was->nodes)] = { 0 };
	const unsigned bits = 8 * sizeof(wanted[0]);
	long r;

	if (node >= OS_NODES_MAX - 1)
		return -EINVAL;
	memset(was, 0, sizeof(*was));
	r = syscall(SYS_get_mempolicy, &was->mode, was->nodes, OS_NODES_MAX, NULL, 0);
	if (r == 0) {
		wanted[node / bits] = 1ul << node % bits;
		r = syscall(SYS_set_mempolicy, MPOL_PREFERRED, wanted, OS_NODES_MAX);
	}
	return RESULT((int)r);
}

int numa_restore(const struct os_numa *was)
{
	long r = syscall(SYS_set_mempolicy, was->mode, was->nodes, OS_NODES_MAX);

	return RESULT((int)r);
}

int numa_page_nodes(const void *const *pages, size_t count, int *nodes)
{
	long r = syscall(SYS_move_pages, 0, count, pages, NULL, nodes, 0);

	return RESULT((int)r);
}
