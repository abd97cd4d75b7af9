/* SPDX-License-Identifier: MIT */
#ifndef SOAK_KEEPER_H
#define SOAK_KEEPER_H

#include "disturb.h"

/* After remember() of all, before anything is done. */
bool keeper_start(const struct disturbance *const *all, size_t count);
/* When no other process is left: undoes all, the last first. false: not all could be undone. */
bool keeper_end(void);

#endif
