/* SPDX-License-Identifier: MIT */
#include "self.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

/* Linux 5.6 (include/uapi/linux/prctl.h); older C libraries lack them. */
#ifndef PR_SET_IO_FLUSHER
#define PR_SET_IO_FLUSHER 57
#define PR_GET_IO_FLUSHER 58
#endif

int self_capable(unsigned cap)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

	if (cap >= 32 * _LINUX_CAPABILITY_U32S_3)
		return -EINVAL;
	if (syscall(SYS_capget, &header, data) < 0)
		return -errno;
	return (data[cap / 32].effective >> (cap % 32)) & 1;
}

int self_io_flusher(int on)
{
	int r, was = prctl(PR_GET_IO_FLUSHER, 0, 0, 0, 0);

	if (was < 0)
		return -errno;
	r = prctl(PR_SET_IO_FLUSHER, on, 0, 0, 0);
	return r < 0 ? -errno : was;
}

int self_kernel_version(void)
{
	struct utsname u;
	int major, minor;

	if (uname(&u) < 0)
		return -errno;
	if (sscanf(u.release, "%d.%d", &major, &minor) != 2)
		return -EINVAL;
	return major * 1000 + minor;
}
