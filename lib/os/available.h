/* SPDX-License-Identifier: MIT */
/*
 * How much memory this process can have: the least that the machine and each memory cgroup above
 * the process leave. Whoever takes more inside a cgroup is not refused but killed.
 */
#ifndef OS_AVAILABLE_H
#define OS_AVAILABLE_H

#include <stdint.h>

struct available {
	uint64_t bytes;   /* UINT64_MAX: nothing tells */
	uint64_t limit;   /* of that cgroup */
	char cgroup[256]; /* the one that leaves the least, its folder; "": the machine does */
};

/* By /proc/meminfo, /proc/self/cgroup and /sys/fs/cgroup (v1 and v2) below root. */
void available_memory(const char *root, struct available *out);

#endif
