/* SPDX-License-Identifier: MIT */
/*
 * An ioctl that only asks, or takes away and tells how much: it may be asked again when a signal came between; not those
 * that make something.
 */
#ifndef OS_AGAIN_H
#define OS_AGAIN_H

#include <errno.h>

#include "os/os.h"

/* Nobody is interrupted as often as that; a kernel that says so for ever is believed in the end. */
#define AGAIN_TRIES 100

static inline int ioctl_again(int fd, unsigned long request, void *arg)
{
	int r = -EINTR;

	for (int n = 0; r == -EINTR && n < AGAIN_TRIES; n++)
		r = os->ioctl(fd, request, arg);
	return r;
}

#endif
