/* SPDX-License-Identifier: MIT */
#include "pages/node.h"

#include <errno.h>

#include "base/attr.h"
#include "base/error.h"

int node_prefer(uint32_t node, struct os_numa *was)
{
	int r = os->numa_prefer(node, was);

	switch (r) {
	case 0:
		return 0;
	case -EINVAL:
		return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, "set_mempolicy", NULL,
			"/sys/devices/system/node lists those there are; opts.node counts from 1",
			"there is no NUMA node %u with memory", node);
	case -ENOSYS:
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "set_mempolicy", NULL, NULL,
			"this kernel has no NUMA");
	default:
		return error_set(-r, PMEM_CAUSE_SYSTEM, "set_mempolicy", NULL, NULL,
			"memory of NUMA node %u cannot be asked for", node);
	}
}

int node_check(uint32_t node, const void *addr, size_t length)
{
	size_t page = os->page_size(), count = length / page;
	const void *pages[512];
	int nodes[512], r;

	for (size_t done = 0, n; done < count; done += n) {
		n = count - done < ARRAY_SIZE(pages) ? count - done : ARRAY_SIZE(pages);
		for (size_t i = 0; i < n; i++)
			pages[i] = (const unsigned char *)addr + (done + i) * page;
		r = os->page_nodes(pages, n, nodes);
		if (r < 0)
			return error_set(-r, PMEM_CAUSE_SYSTEM, "move_pages", NULL, NULL,
				"on which NUMA node memory is cannot be told");
		for (size_t i = 0; i < n; i++) {
			if (nodes[i] != (int)node)
				return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "alloc", NULL,
					"ask for less, or for any node",
					"NUMA node %u had too little left: page %zu came from node %d",
					node, done + i, nodes[i]);
		}
	}
	return 0;
}
