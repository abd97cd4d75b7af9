/* SPDX-License-Identifier: MIT */
#include "videocore/property.h"

#include <errno.h>
#include <string.h>

#define STATUS_REQUEST 0u
#define STATUS_SUCCESS 0x80000000u
#define TAG_ANSWERED   0x80000000u

#define HEADER_WORDS 2 /* total bytes, status */
#define TAG_WORDS    3 /* id, value bytes, reply word */

size_t property_build(uint32_t *words, size_t room, uint32_t tag, const uint32_t *request,
	size_t request_words, size_t reply_words)
{
	size_t value = request_words > reply_words ? request_words : reply_words;
	size_t total;

	if (room < HEADER_WORDS + TAG_WORDS + 1 || value > room - HEADER_WORDS - TAG_WORDS - 1)
		return 0;
	total = HEADER_WORDS + TAG_WORDS + value + 1;
	memset(words, 0, total * sizeof(*words));
	words[0] = (uint32_t)(total * sizeof(*words));
	words[1] = STATUS_REQUEST;
	words[2] = tag;
	words[3] = (uint32_t)(value * sizeof(*words));
	words[4] = (uint32_t)(request_words * sizeof(*words));
	if (request_words)
		memcpy(words + HEADER_WORDS + TAG_WORDS, request, request_words * sizeof(*words));
	return total;
}

/* Words of the message that are really there; 0 if the header is not one. */
static size_t message_words(const uint32_t *words, size_t room)
{
	size_t bytes = room ? words[0] : 0;

	if (bytes % sizeof(*words) || bytes / sizeof(*words) > room ||
		bytes / sizeof(*words) < HEADER_WORDS + 1)
		return 0;
	return bytes / sizeof(*words);
}

/* The tag's first word; NULL if it is not in the message, or not whole. */
static const uint32_t *find_tag(const uint32_t *words, size_t count, uint32_t tag)
{
	size_t at = HEADER_WORDS;

	while (at < count && words[at] != 0 && count - at >= TAG_WORDS) {
		size_t value = words[at + 1] / sizeof(*words) + (words[at + 1] % 4 != 0);

		if (value > count - at - TAG_WORDS)
			return NULL;
		if (words[at] == tag)
			return words + at;
		at += TAG_WORDS + value;
	}
	return NULL;
}

int property_parse(const uint32_t *words, size_t room, uint32_t tag, uint32_t *reply,
	size_t reply_words)
{
	size_t count = message_words(words, room);
	const uint32_t *found = tag ? find_tag(words, count, tag) : NULL;
	size_t wanted = reply_words * sizeof(*words);

	if (!found)
		return -EBADMSG;
	if (words[1] == STATUS_REQUEST)
		return -EAGAIN;
	if (words[1] != STATUS_SUCCESS)
		return -EPROTO;
	if (!(found[2] & TAG_ANSWERED))
		return -EOPNOTSUPP;
	/* The length told may exceed the value buffer: the reply was cut, which wanted is not. */
	if ((found[2] & ~TAG_ANSWERED) < wanted || found[1] < wanted)
		return -ENODATA;
	if (wanted)
		memcpy(reply, found + TAG_WORDS, wanted);
	return 0;
}
