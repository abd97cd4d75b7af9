/* SPDX-License-Identifier: MIT */
/*
 * Descriptors that a child must not have: for as long as one keeps a device of VFIO open, no other driver
 * can have the device, whatever its parent closes. Linux has no flag for that (O_CLOEXEC is for exec), so
 * they are closed in the child as the first thing after fork().
 *
 * A program may close numbers that are not its own, as daemons do (closefrom()), and open files of its own under
 * them. So it is noted which file a number was, and that is looked at before the number is closed or read. The very same
 * node, opened again under that number, is taken for ours: nothing that every kernel has tells two openings of a node
 * apart (kcmp() is an option of it), and the mark of files without a name (F_SETSIG) is not for those that send signals.
 */
#ifndef OS_INHERIT_H
#define OS_INHERIT_H

#include <stdbool.h>

/*
 * The descriptor, just opened, is this process's only: fd; or a plain -errno, and it is closed. A negative fd is
 * passed on. A thread that forks between its opening and this call lets the child have it.
 */
int inherit_never(int fd);
/* Is it still the file that was noted? */
bool inherit_holds(int fd);
/* Forget it and close it, if it is still that file. What close() said, or -EBADF. A negative fd is none: 0. */
int inherit_close(int fd);

#endif
