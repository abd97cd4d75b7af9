/* SPDX-License-Identifier: MIT */
/*
 * Where the library keeps what must outlive a process that is killed: LIBPMEM_RUN_DIR, or else
 * /run/libpmem, or else $XDG_RUNTIME_DIR/libpmem. None of these sets the thread's error.
 */
#ifndef OS_RUN_DIR_H
#define OS_RUN_DIR_H

#include <stdbool.h>
#include <stdint.h>

/* Folder number i to look in, in out (PATH_MAX bytes); false after the last. set: LIBPMEM_RUN_DIR or NULL. */
bool run_dir_path(const char *root, const char *set, unsigned i, char *out);

/*
 * Open that folder, to be used by its descriptor only. -EACCES: it is not root's nor this user's
 * own, or others may write into it: names in it could be links to anybody's files. -ENOENT,
 * -ENOTDIR and -ELOOP (a link) as open().
 */
int run_dir_open(const char *path);

/* The user that owns what this program makes (fsuid). 0 or -errno. */
int run_dir_owner(uint32_t *uid);

#endif
