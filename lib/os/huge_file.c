/* SPDX-License-Identifier: MIT */
#include "os/huge_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Linux 5.2 (include/uapi/asm-generic/unistd.h, linux/mount.h); older C libraries lack them. */
#ifndef SYS_fsopen
#define SYS_fsopen   430
#define SYS_fsconfig 431
#define SYS_fsmount  432
#endif
#define OPEN_CLOEXEC  1u /* FSOPEN_CLOEXEC */
#define SET_STRING    1u /* FSCONFIG_SET_STRING */
#define CREATE        6u /* FSCONFIG_CMD_CREATE */
#define MOUNT_CLOEXEC 1u /* FSMOUNT_CLOEXEC */

static int mount_it(void)
{
	int fs = (int)syscall(SYS_fsopen, "tmpfs", OPEN_CLOEXEC), mount = -1, errnum;

	if (fs < 0)
		return -errno;
	if (syscall(SYS_fsconfig, fs, SET_STRING, "huge", "always", 0) == 0 &&
		syscall(SYS_fsconfig, fs, CREATE, NULL, NULL, 0) == 0)
		mount = (int)syscall(SYS_fsmount, fs, MOUNT_CLOEXEC, 0);
	errnum = errno;
	close(fs);
	return mount < 0 ? -errnum : mount;
}

int huge_file_open(void)
{
	int mount = mount_it(), fd, errnum;

	if (mount < 0)
		return mount;
	fd = openat(mount, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	errnum = errno;
	close(mount); /* the file holds what it needs of it */
	return fd < 0 ? -errnum : fd; /* cppcheck-suppress resourceLeak ; it is the caller's */
}

int huge_file_allocate(int fd, int mode, uint64_t offset, uint64_t length)
{
	int r;

	/* What a signal undoes (Linux before 6.10) is for the caller to begin anew: with less, or it never ends. */
	do {
		r = fallocate(fd, mode, (off_t)offset, (off_t)length);
	} while (r < 0 && errno == EINTR && mode != 0);
	return r < 0 ? -errno : 0;
}
