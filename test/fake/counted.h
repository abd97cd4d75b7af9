/* SPDX-License-Identifier: MIT */
/*
 * The calls of the library, counted as the system calls that they are. counted_start() puts itself
 * over the table in use, played or real, until somebody sets another one.
 *
 * A listing of a directory counts as 5 (openat, fstat, getdents64 until there is no more, close), a
 * write() as 2 (the library looks where it is). What the C library does by itself for memory and
 * locks is not counted. Not for several threads.
 */
#ifndef TEST_COUNTED_H
#define TEST_COUNTED_H

struct counted {
	unsigned calls;
	unsigned opens; /* files, directories and devices, whether or not they could be opened */
};

/* So far. */
extern struct counted counted;

void counted_start(void);

#endif
