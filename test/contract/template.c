/* SPDX-License-Identifier: MIT */
/*
 * The template for a new backend, and the floor of the contract in lib/backend/backend.h: it
 * implements what is mandatory and nothing else, and the suite holds for it as for those in the
 * table. Copy it, and take out the fixture, which goes to a file of its own.
 */
#include <errno.h>

#include "contract.h"

static int template_probe(struct pmem_ctx *ctx)
{
	(void)ctx;
	return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "probe", NULL, NULL,
		"the template gives nothing");
}

const struct pmem_backend_ops backend_template = {
	.name = "template",
	.caps = 0,
	.probe = template_probe,
};

const struct contract_fixture fixture_template = { .name = "template" };
