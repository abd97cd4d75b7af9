/* SPDX-License-Identifier: MIT */
/* The machines with devices that the program drives: of test/unit/played_device.h and played_unsafe.h. */
#ifndef TEST_DEVICES_H
#define TEST_DEVICES_H

#include "engine.h"

/* What is different from machine to machine. */
struct device_machine {
	const char *name;          /* for messages */
	const char *way;           /* by which the device must be opened */
	const char *device;        /* its name */
	const char *second;        /* of one that can share its address space; NULL: none */
	const char *node;          /* whose descriptor the program may give; NULL: none */
	bool node_is_group;
	bool physical;             /* memory for it must be in one piece */
	bool line;                 /* it has an interrupt, at least INTx */
	void (*play)(void);
	void (*settled)(const char *what);
};

extern const int device_grounds;

/* Machine i of so many, without a context; and its end. */
const struct ground *device_start(int i);
void device_stop(void);

/* The one that is played. */
extern const struct device_machine *device_machine;

/* What its device got to know: its command register, -1: it has none; resets; times that uio's line was let go. */
int device_command(void);
unsigned device_resets(void);
unsigned device_unmasked(void);

#endif
