/* SPDX-License-Identifier: MIT */
#include "dmabuf/udmabuf_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/bits.h"
#include "os/hole.h"
#include "os/os.h"

struct udmabuf_source {
	int fd;
	uint64_t page;   /* of the memfd: what a mapping of it has whole ones of */
	uint64_t length; /* of all parts */
	size_t count;
	struct memfd_part parts[];
};

struct udmabuf_source *udmabuf_source_new(const struct memfd *memfd, uint64_t huge,
	const struct memfd_part *parts, size_t count)
{
	struct udmabuf_source *source = malloc(sizeof(*source) + count * sizeof(parts[0]));

	if (!source)
		return NULL;
	*source = (struct udmabuf_source){ .page = huge ? huge : os->page_size(), .count = count };
	memcpy(source->parts, parts, count * sizeof(parts[0]));
	for (size_t i = 0; i < count; i++)
		source->length += parts[i].length;
	source->fd = os->fcntl(memfd->fd, F_DUPFD_CLOEXEC, 3);
	if (source->fd >= 0)
		return source;
	free(source);
	return NULL;
}

void udmabuf_source_free(struct udmabuf_source *source, bool child)
{
	if (source && !child)
		os->close(source->fd);
	free(source);
}

/* All parts one after the other, in place of what is there, which is a part of the room: that goes if it fails. */
static int map_parts(const struct udmabuf_source *source, unsigned char *at, void *room, size_t room_length)
{
	void *out;

	for (size_t i = 0; i < source->count; i++) {
		size_t length = (size_t)source->parts[i].length;
		int r = os->mmap(at, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, source->fd,
			source->parts[i].offset, &out);

		if (r < 0) {
			hole_unmap_around(room, room_length, at, length);
			return r;
		}
		at += length;
	}
	return 0;
}

int udmabuf_source_map(const struct udmabuf_source *source, void **base, size_t *length)
{
	size_t page = (size_t)source->page;
	uint64_t whole;
	void *room;
	unsigned char *at;
	int r;

	if (!bits_align_up(source->length, page, &whole) || whole > SIZE_MAX / 2)
		return -EOVERFLOW;
	/* Room for it, with which huge pages can be aligned. */
	r = os->mmap(NULL, (size_t)whole + page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0,
		&room);
	if (r < 0)
		return r;
	at = (unsigned char *)(((uintptr_t)room + page - 1) & ~(uintptr_t)(page - 1));
	r = map_parts(source, at, room, (size_t)whole + page);
	if (r < 0)
		return r;
	r = os->madvise(at, (size_t)whole, MADV_DONTFORK);
	if (r < 0) {
		os->munmap(room, (size_t)whole + page);
		return r;
	}
	/* What is over, on both sides: a huge page is unmapped whole. */
	if (at > (unsigned char *)room)
		os->munmap(room, (size_t)(at - (unsigned char *)room));
	if (at + whole < (unsigned char *)room + whole + page)
		os->munmap(at + whole, (size_t)((unsigned char *)room + page - at));
	*base = at;
	*length = (size_t)whole;
	return 0;
}
