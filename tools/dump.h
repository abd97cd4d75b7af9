/* SPDX-License-Identifier: MIT */
/* physmem dump in two files: bytes of a range, and the registers of a block by their names. */
#ifndef DUMP_H
#define DUMP_H

#include "registers.h"

struct dump_options {
	struct registers common;
	bool raw, side_effects;
	uint64_t length;
};

/* --- dump_block.c: what knows registers by their names; it calls nothing of cmd_dump.c ------------- */

/* Whether a register is read only if --side-effects asks for it. */
bool is_shy(const struct reg *reg);
/* Tell on stderr how many were left out, and how they can be had. */
void tell_left_out(uint64_t count, const char *what);
int dump_block(struct job *job, const struct dump_options *options);

#endif
