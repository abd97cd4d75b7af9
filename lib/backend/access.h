/* SPDX-License-Identifier: MIT */
/* Opening a device node, and telling why it was refused. */
#ifndef BACKEND_ACCESS_H
#define BACKEND_ACCESS_H

#include <stdbool.h>

#include "ctx.h"

struct access_device {
	const char *path;    /* below ctx->root: "/dev/mem" */
	int capability;      /* CAP_* that open() asks for; -1: none */
	const char *capability_name; /* "cap_sys_rawio" */
	bool lockdown;       /* open() is refused by kernel lockdown */
	const char *absent;  /* hint when there is no such device */
	const char *mode;    /* hint when the file's mode forbids it */
};

/*
 * Open it. A descriptor; or a negative errno with the thread's error set: -ENOENT (NO_DEVICE),
 * -EACCES (FILE_MODE), -EPERM (CAPABILITY, LOCKDOWN, or SYSTEM for a container's device rules),
 * else what the kernel said (SYSTEM).
 */
int access_open(struct pmem_ctx *ctx, const struct access_device *device, int flags);

#endif
