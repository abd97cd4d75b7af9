/* SPDX-License-Identifier: MIT */
/*
 * Small files below a root directory. root is "" for the real one; see LIBPMEM_ROOT. None of
 * these sets the thread's error: an absent file is often an answer, and the caller knows.
 */
#ifndef OS_FILE_H
#define OS_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* root + path in out (PATH_MAX bytes). -ENAMETOOLONG */
int file_path(char *out, const char *root, const char *path);

/* os->open() below root. A file descriptor or -errno. */
int file_open(const char *root, const char *path, int flags);

/*
 * The whole file, however many reads it takes (kernfs gives one page a time), in memory that the
 * caller frees; one NUL follows the last byte, not counted. -EFBIG if longer than limit.
 */
int file_read(const char *root, const char *path, size_t limit, char **data, size_t *size);

/* The same for a path that has its root already. */
int file_read_path(const char *full, size_t limit, char **data, size_t *size);

/*
 * The same, of a file that lstat() has just told to be a plain one of that size: spares two calls. A
 * file that says 0 bytes may have more all the same.
 */
int file_read_plain(const char *full, uint64_t expected, size_t limit, char **data, size_t *size);

/* A number in text, decimal or 0x. -EINVAL if it is none. */
int file_read_u64(const char *root, const char *path, uint64_t *value);

/* What a link says (PATH_MAX bytes), as it stands. Its length; -ENOENT also if it is no link. */
int file_link(const char *root, const char *path, char *out);

/*
 * For a descriptor that an ioctl made, close-on-exec: the calls of os.h see to theirs. The same, or another that
 * is none of 0, 1 and 2; or -errno, and it is closed. -EPROTO: it is none that was made: a negative number, which is no
 * errno, or a stream of the program's.
 */
int file_keep(int fd);

/* Is it the machine that this kernel runs on? What never changes of that may be kept for the process. */
bool file_is_this_machine(const char *root);

#endif
