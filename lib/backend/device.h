/* SPDX-License-Identifier: MIT */
/* Opening a device node, and telling why it was refused. */
#ifndef BACKEND_DEVICE_H
#define BACKEND_DEVICE_H

#include <stdbool.h>

#include "soc/ctx.h"

struct access_device {
	const char *path;    /* below ctx->root: "/dev/mem" */
	int capability;      /* CAP_* that open() asks for; -1: none */
	const char *capability_name; /* "cap_sys_rawio" */
	bool lockdown;       /* open() is refused by kernel lockdown */
	const char *absent;  /* hint when there is no such device */
	const char *mode;    /* hint when the file's mode forbids it */
	const char *busy;    /* hint when it lets in one at a time */
	bool plain_file;     /* a plain file may stand there: sysfs, and what plays /dev/mem */
};

/*
 * Open it: the one way to open a device. It does not wait, and what is opened is a character device
 * and nothing else, whatever a container or a hostile root has under that name. A descriptor; or a
 * negative errno with the thread's error set: -ENOENT (NO_DEVICE), -ENODEV (WRONG_KIND), -EACCES
 * (FILE_MODE, or SYSTEM for a security module), -EPERM (CAPABILITY, LOCKDOWN, or SYSTEM for a
 * container's device rules), -EBUSY (BUSY), else what the kernel said (LIMIT, SYSTEM).
 */
int access_open(struct pmem_ctx *ctx, const struct access_device *device, int flags);

#endif
