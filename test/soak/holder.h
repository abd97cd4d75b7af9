/* SPDX-License-Identifier: MIT */
#ifndef SOAK_HOLDER_H
#define SOAK_HOLDER_H

/* Runs until soak->look_last. The exit status of its process. */
int holder_run(unsigned warm_ms);

#endif
