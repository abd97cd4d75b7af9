/* SPDX-License-Identifier: MIT */
/* An errno in words that do not depend on the locale; "errno 531" for what has no name. */
#ifndef BASE_ERRNO_NAME_H
#define BASE_ERRNO_NAME_H

#define ERRNO_NAME_SIZE 24

/* "EACCES". The buffer is used for what has no name. */
const char *errno_name(int errnum, char buffer[ERRNO_NAME_SIZE]);

/* "Permission denied"; "EACCES" where the C library has no words for that. */
const char *errno_words(int errnum, char buffer[ERRNO_NAME_SIZE]);

#endif
