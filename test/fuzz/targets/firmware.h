/* SPDX-License-Identifier: MIT */
/*
 * The firmware behind /dev/vcio, as vcmailbox(7) of test/fake/vcfw.c has it but without files and forks, and as mad as
 * the input wants: see firmware_mad(). And the machine around it.
 */
#ifndef FUZZ_FIRMWARE_H
#define FUZZ_FIRMWARE_H

#include "answers.h"

#define FIRMWARE_HANDLES 64
#define FIRMWARE_BASE    0x3c000000u
#define FIRMWARE_SIZE    0x2000000u

struct firmware {
	struct firmware_block {
		uint32_t handle, offset, size, locks;
		bool foreign; /* of another program: nobody here may touch it */
	} blocks[FIRMWARE_HANDLES];
	uint32_t next;
	unsigned releases, bad_releases, foreign_touched;
	struct input *mad;
};

extern struct firmware firmware;

/* A board with it, whose program is ANSWERS_PID; in an answers_start(). */
void firmware_start(const char *compatible);
/* From now on answers are what the input says; each takes a byte, which is mostly a sane answer. */
void firmware_mad(struct input *in);
/* A block that is there already. */
void firmware_block(uint32_t handle, uint32_t size, bool locked, bool foreign);

/* The boot and the start of that process. */
#define FIRMWARE_BOOT  "12345678-9abc-4def-8123-456789abcdef"
#define FIRMWARE_START 1000

#endif
