/* SPDX-License-Identifier: MIT */
/*
 * Facts about the running kernel that tell the causes of a refusal apart. Asked only after a
 * failure, and for what is shown to people. All below root; none sets the thread's error; an
 * unknown fact is a negative errno.
 */
#ifndef OS_PROBE_H
#define OS_PROBE_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

enum probe_lockdown_level {
	PROBE_LOCKDOWN_NONE,
	PROBE_LOCKDOWN_INTEGRITY,
	PROBE_LOCKDOWN_CONFIDENTIALITY,
};

/* Kernel lockdown, by /sys/kernel/security/lockdown: a level, -ENOENT if the kernel has none. */
int probe_lockdown(const char *root);

/*
 * The last KEY=VALUE of the kernel command line in value. 1; 0 not there.
 */
int probe_cmdline(const char *root, const char *key, char *value, size_t size);

/* Was the kernel booted with iomem=relaxed? 1, 0 */
int probe_iomem_relaxed(const char *root);

/*
 * Is there a block of RAM around phys, by /sys/devices/system/memory? Every user may read that;
 * a block (128 MiB and more) may also hold other things. 1, 0, -ENOENT the kernel does not tell.
 */
int probe_memory_block(const char *root, uint64_t phys);

/*
 * Bits of a physical address, by /proc/cpuinfo: x86 tells them; ARM has 32, 40 with LPAE, and
 * 48 at least in 64-bit kernels. -ENOENT unknown.
 */
int probe_phys_bits(const char *root);

/* In a user namespace of its own, where capabilities do not reach devices? 1, 0 */
int probe_user_namespace(const char *root);

/* Who this program is to the file system, and whether it is in that group. 0 or -errno */
struct probe_credentials {
	unsigned uid;
	bool in_group;
};

int probe_credentials(const char *root, uint32_t group, struct probe_credentials *out);

/* useradd allows half of it; the rest of a longer name is cut off */
#define PROBE_NAME_MAX 64

/*
 * The name of a group, by /etc/group alone: a group of a directory service has none here. 0 or -errno,
 * name then has anything.
 */
int probe_group_name(const char *root, uint32_t group, char name[PROBE_NAME_MAX]);

#endif
