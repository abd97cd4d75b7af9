/* SPDX-License-Identifier: MIT */
/* An errno in words that do not depend on the locale; "errno 13" where the C library has none. */
#ifndef BASE_ERRNO_NAME_H
#define BASE_ERRNO_NAME_H

#define ERRNO_NAME_SIZE 24

/* "EACCES". The buffer is used for what has no name. */
const char *errno_name(int errnum, char buffer[ERRNO_NAME_SIZE]);

/* "Permission denied" */
const char *errno_words(int errnum, char buffer[ERRNO_NAME_SIZE]);

#endif
