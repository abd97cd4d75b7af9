/* SPDX-License-Identifier: MIT */
/* The options of an allocation, checked and completed. */
#ifndef API_REQUEST_H
#define API_REQUEST_H

#include "backend/backend.h"

/* The caller's options as a request that backends can rely on. Sets the error. */
int request_make(uint64_t size, const struct pmem_alloc_opts *opts, struct alloc_request *request);

#endif
