/* SPDX-License-Identifier: MIT */
/*
 * The backend that gives nothing: the template for new ones, and the floor of the contract in
 * backend.h. Copy it, name it in table.c, add its fixture to test/contract.
 *
 * It lists no capability, so select.c never asks it for memory.
 */
#include <errno.h>

#include "backend/backend.h"

static int null_probe(struct pmem_ctx *ctx)
{
	(void)ctx;
	return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "probe", NULL, NULL,
		"the null backend gives nothing; it is a template");
}

const struct pmem_backend_ops backend_null = {
	.name = "null",
	.caps = 0,
	.probe = null_probe,
};
