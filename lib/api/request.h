/* SPDX-License-Identifier: MIT */
/* The options of an allocation, checked and completed. */
#ifndef API_REQUEST_H
#define API_REQUEST_H

#include "backend/backend.h"

/*
 * The caller's options as a request that backends can rely on. *master, whom the request names, is
 * the caller's to free. Sets the error.
 */
int request_make(struct pmem_ctx *ctx, uint64_t size, const struct pmem_alloc_opts *opts,
	struct alloc_request *request, struct soc_master **master);

#endif
