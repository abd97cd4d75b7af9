/* SPDX-License-Identifier: MIT */
/*
 * Descriptors that a child must not have: for as long as one keeps a device of VFIO open, no other driver
 * can have the device, whatever its parent closes. Linux has no flag for that (O_CLOEXEC is for exec), so
 * they are closed in the child as the first thing after fork().
 */
#ifndef OS_INHERIT_H
#define OS_INHERIT_H

/*
 * The descriptor, just opened, is this process's only. 0, or -ENOMEM and nothing is noted. A negative fd is
 * passed on. A thread that forks between its opening and this call lets the child have it.
 */
int inherit_never(int fd);
/* It is about to be closed: before that, for the number may be anybody's after. */
void inherit_forget(int fd);

#endif
