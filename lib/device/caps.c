/* SPDX-License-Identifier: MIT */
#include "device/caps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "os/os.h"

/* More than any kernel tells of one thing: windows and sparse areas are a few. */
#define LENGTH_MAX 65536u
/* A kernel whose answer grows between two questions would be asked for ever. */
#define TRIES 4

int caps_ask(int fd, unsigned long request, const void *like, size_t size, void **out)
{
	uint32_t length = (uint32_t)size, *info = NULL;
	int r = -EAGAIN;

	for (int i = 0; i < TRIES; i++) {
		free(info);
		info = calloc(1, length);
		if (!info)
			return -ENOMEM;
		if (like)
			memcpy(info, like, size);
		info[0] = length; /* argsz */
		r = os->ioctl(fd, request, info);
		if (r < 0)
			break;
		if (info[0] <= length) {
			info[0] = length;
			*out = info;
			return 0;
		}
		r = -EAGAIN;
		if (info[0] > LENGTH_MAX)
			break;
		length = info[0];
	}
	free(info);
	return r;
}

static int copy(const unsigned char *at, uint32_t length, struct abi_pair **pairs, uint32_t *count)
{
	struct abi_cap_pairs cap;

	if (length < sizeof(cap))
		return 0;
	memcpy(&cap, at, sizeof(cap));
	if ((length - sizeof(cap)) / sizeof(struct abi_pair) < cap.count)
		return 0;
	*pairs = calloc(cap.count ? cap.count : 1, sizeof(**pairs));
	if (!*pairs)
		return -ENOMEM;
	memcpy(*pairs, at + sizeof(cap), cap.count * sizeof(**pairs));
	*count = cap.count;
	return 1;
}

int caps_pairs(const void *info, uint32_t length, uint32_t offset, unsigned id, struct abi_pair **pairs,
	uint32_t *count)
{
	const unsigned char *bytes = info;
	struct abi_cap header;

	/* Each is looked at once at most: a chain that turns back on itself ends too. */
	for (uint32_t left = length / sizeof(header); offset && left; left--) {
		if (!bits_inside(offset, sizeof(header), length))
			return 0;
		memcpy(&header, bytes + offset, sizeof(header));
		if (header.id == id)
			return copy(bytes + offset, length - offset, pairs, count);
		offset = header.next;
	}
	return 0;
}
