/* SPDX-License-Identifier: MIT */
/*
 * One suite over every entry of backend_table, and over the template for new ones: does it keep the
 * contract of lib/backend/backend.h?
 *
 * A new backend adds a file fixture_NAME.c with one struct contract_fixture, and its line in
 * fixtures.c. An entry of the table without a fixture fails the suite.
 */
#ifndef TEST_CONTRACT_H
#define TEST_CONTRACT_H

#include "backend/backend.h"
#include "suite.h"

struct contract_fixture {
	const char *name; /* of the backend */

	/*
	 * Play a machine without it, in the empty fake root; NULL: that is enough. And one that
	 * has it, all calls working; NULL: there is no such machine (the template). Called
	 * after fake_start(), before the context exists.
	 */
	void (*absent)(void);
	void (*usable)(void);

	/* Undo what those two did besides the fake root; NULL: nothing. */
	void (*stop)(void);

	/* MAP: a range that it serves, and the start of one of 4 bytes that it does not. */
	uint64_t phys, size;
	uint64_t outside;

	/* MAP without a map operation: its own way to make a region of that phys and size. */
	int (*make)(struct pmem_ctx *ctx, uint32_t flags, struct pmem_region *region);

	/* ALLOC: flags that the played machine needs (PMEM_ALLOC_NO_ADDRESS, ...). */
	uint32_t alloc_flags;

	/* IMPORT: a dma-buf made elsewhere, of two pages; closed by the suite. */
	int (*import_fd)(void);

	/* Regions are memory that may be read and written; registers are not. */
	bool touchable;
};

/* NULL ended. */
extern const struct contract_fixture *const contract_fixtures[];

extern const struct contract_fixture fixture_template;
extern const struct pmem_backend_ops backend_template;
extern const struct contract_fixture fixture_devmem;
extern const struct contract_fixture fixture_gpiomem;
extern const struct contract_fixture fixture_pci;
extern const struct contract_fixture fixture_dmaheap;
extern const struct contract_fixture fixture_ion;
extern const struct contract_fixture fixture_udmabuf;
extern const struct contract_fixture fixture_udmabuf_kmod;
extern const struct contract_fixture fixture_pages;
extern const struct contract_fixture fixture_vcsm;
extern const struct contract_fixture fixture_videocore;

/* --- rules.c: what must hold of results ------------------------------------------------------ */

/* A refusal that explains itself. */
void rule_error(const char *backend, const char *what, int result);
/* A region that is what its backend's capabilities and attributes say. */
void rule_region(const struct pmem_region *region, uint64_t size);
/* All pieces of a region: they cover it, and each is where the other functions say. */
void rule_pieces(const struct pmem_region *region);

#endif
