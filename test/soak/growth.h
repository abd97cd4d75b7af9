/* SPDX-License-Identifier: MIT */
/* What the process that holds has of the kernel and of malloc(), in two equal states. */
#ifndef SOAK_GROWTH_H
#define SOAK_GROWTH_H

#include <stdint.h>

#define GROWTH_FIGURES 9

struct growth {
	uint64_t figures[GROWTH_FIGURES];
};

void growth_measure(struct growth *out);
/* soak_fault() if one has grown by more than it may; all go to soak->growth as a table. */
void growth_compare(const struct growth *first);

/* Pages that are pinned on the whole machine. */
uint64_t growth_machine_pins(void);

/* What the kernel did since the first call of this, as a line; the first returns "". */
const char *growth_effects(void);

#endif
