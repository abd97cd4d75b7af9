/* SPDX-License-Identifier: MIT */
/* Answers of VFIO that are longer than their structure: a chain of capabilities follows it. */
#ifndef DEVICE_CAPS_H
#define DEVICE_CAPS_H

#include <stddef.h>
#include <stdint.h>

#include "device/vfio_abi.h"

/*
 * An answer of at least size bytes, which begins with argsz; like has what the question says, or is NULL. It is
 * asked for again if the kernel has more to tell. In memory that the caller frees. A plain result.
 */
int caps_ask(int fd, unsigned long request, const void *like, size_t size, void **out);

/*
 * The pairs of the capability of that id: 1, and a copy that the caller frees; 0 there is none, or it is not whole
 * inside the length bytes; -ENOMEM. Before Linux 6.6 one may begin in the middle of 8 bytes.
 */
int caps_pairs(const void *info, uint32_t length, uint32_t offset, unsigned id, struct abi_pair **pairs,
	uint32_t *count);

#endif
