/* SPDX-License-Identifier: MIT */
/* Address spaces: what is mapped where, what it costs, and what the device finds there. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake_vfio_inside.h"

#define CAP_LOCK 14 /* CAP_IPC_LOCK */

void space_begin(struct space *space, bool user)
{
	*space = (struct space){ .live = true, .user = user };
	vfio.spaces++;
}

static void uncharge(const struct space *space, uint64_t size)
{
	vfio.maps--;
	vfio.pinned -= size;
	if (space->user)
		vfio.user_locked -= size;
	else
		vfio.mm_locked -= size;
}

static void forget(struct space *space, size_t i)
{
	uncharge(space, space->maps[i].size);
	if (space->maps[i].file >= 0)
		os_linux.close(space->maps[i].file);
	space->maps[i] = space->maps[--space->count];
}

void space_end(struct space *space)
{
	while (space->count)
		forget(space, 0);
	free(space->maps);
	*space = (struct space){ 0 };
	vfio.spaces--;
}

/* Both ends are inclusive, so that nothing wraps. */
static bool meets(const struct space_map *map, uint64_t first, uint64_t last)
{
	return map->iova <= last && first <= map->iova + (map->size - 1);
}

static bool within(const struct space_map *map, uint64_t first, uint64_t last)
{
	return first <= map->iova && map->iova + (map->size - 1) <= last;
}

bool space_overlaps(const struct space *space, uint64_t iova, uint64_t size)
{
	for (size_t i = 0; i < space->count; i++)
		if (meets(&space->maps[i], iova, iova + (size - 1)))
			return true;
	return false;
}

bool space_cuts(const struct space *space, uint64_t first, uint64_t last)
{
	for (size_t i = 0; i < space->count; i++)
		if (meets(&space->maps[i], first, last) && !within(&space->maps[i], first, last))
			return true;
	return false;
}

uint64_t space_unmap(struct space *space, uint64_t first, uint64_t last)
{
	uint64_t bytes = 0;

	for (size_t i = space->count; i-- > 0;) {
		if (within(&space->maps[i], first, last)) {
			bytes += space->maps[i].size;
			forget(space, i);
		}
	}
	return bytes;
}

/* Is all of it memory whose pages the kernel can find, and may write? As the real kernel's list says. */
static int memory_is_there(uintptr_t pointer, uint64_t size, bool writes, bool registers)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	uintptr_t at = pointer, end = pointer + (uintptr_t)size;
	char line[4400];

	ck_assert_ptr_nonnull(maps);
	while (at < end && fgets(line, sizeof(line), maps)) {
		uint64_t first, last;
		char mode[8];

		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s", &first, &last, mode) != 3 || last <= at)
			continue;
		/* Played dma-bufs and /dev/mem are called "fake": pages without a struct page that counts. */
		if (first > at || mode[0] != 'r' || (writes && mode[1] != 'w') ||
			strstr(line, "/memfd:fake") || (!registers && strstr(line, "/memfd:vfio-bar")))
			break;
		at = (uintptr_t)last;
	}
	fclose(maps);
	return at < end ? -EFAULT : 0;
}

int space_map(struct space *space, const struct space_map *map, bool registers)
{
	uint64_t *locked = space->user ? &vfio.user_locked : &vfio.mm_locked;
	int r = 0;

	if (map->file < 0)
		r = memory_is_there(map->pointer, map->size, map->writes, registers);
	if (r < 0)
		return r;
	if (!may(CAP_LOCK) && (*locked > vfio.memlock || map->size > vfio.memlock - *locked))
		return -ENOMEM;
	if (space->count == space->room) {
		space->room = space->room ? 2 * space->room : 16;
		space->maps = realloc(space->maps, space->room * sizeof(*space->maps));
		ck_assert_ptr_nonnull(space->maps);
	}
	space->maps[space->count++] = *map;
	*locked += map->size;
	vfio.maps++;
	vfio.pinned += map->size;
	return 0;
}

/* --- windows ------------------------------------------------------------------------------- */

/* What of the windows is in those of the group as well. */
static size_t narrow(struct vfio_range windows[VFIO_WINDOWS], size_t count, const struct group *group)
{
	struct vfio_range both[VFIO_WINDOWS];
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < group->window_count; k++) {
			const struct vfio_range *a = &windows[i], *b = &group->windows[k];

			if (a->last < b->first || b->last < a->first)
				continue;
			ck_assert_uint_lt(n, VFIO_WINDOWS);
			both[n].first = a->first > b->first ? a->first : b->first;
			both[n++].last = a->last < b->last ? a->last : b->last;
		}
	}
	memcpy(windows, both, n * sizeof(both[0]));
	return n;
}

static bool uses(const struct space *space, const struct group *group)
{
	if (group->container && group->container->type)
		return group->container->space == space;
	for (size_t i = 0; i < vfio_device_count; i++)
		if (group_of(&vfio_devices[i]) == group && space_of(&vfio_devices[i]) == space)
			return true;
	return false;
}

size_t space_windows(const struct space *space, struct vfio_range windows[VFIO_WINDOWS])
{
	size_t count = 1;

	windows[0] = (struct vfio_range){ 0, UINT64_MAX };
	for (size_t i = 0; i < VFIO_GROUPS; i++)
		if (vfio_groups[i].used && !(vfio_what & VFIO_PLAY_NOIOMMU) && uses(space, &vfio_groups[i]))
			count = narrow(windows, count, &vfio_groups[i]);
	return count;
}

bool space_inside(const struct space *space, uint64_t first, uint64_t last)
{
	struct vfio_range windows[VFIO_WINDOWS];
	size_t count = space_windows(space, windows);

	for (size_t i = 0; i < count; i++)
		if (windows[i].first <= first && last <= windows[i].last)
			return true;
	return false;
}

bool space_conflicts(const struct space *space, const struct group *group)
{
	for (size_t i = 0; i < space->count; i++) {
		const struct space_map *map = &space->maps[i];
		bool inside = false;

		for (size_t k = 0; k < group->window_count; k++)
			inside |= group->windows[k].first <= map->iova &&
				map->iova + (map->size - 1) <= group->windows[k].last;
		if (!inside)
			return true;
	}
	return false;
}

/* --- the device reaches -------------------------------------------------------------------- */

static void copy(const struct space_map *map, uint64_t offset, void *buf, size_t size, bool writes)
{
	ssize_t n;

	if (map->file < 0) {
		/* The kernel keeps the pages; the library promised to take them from the device first. */
		ck_assert_msg(memory_is_there(map->pointer + (uintptr_t)offset, size, writes, true) == 0,
			"the device reaches memory that the program has unmapped");
		if (writes)
			memcpy((void *)(map->pointer + (uintptr_t)offset), buf, size);
		else
			memcpy(buf, (void *)(map->pointer + (uintptr_t)offset), size);
		return;
	}
	n = writes ? pwrite(map->file, buf, size, (off_t)(map->start + offset)) :
		pread(map->file, buf, size, (off_t)(map->start + offset));
	ck_assert_int_eq(n, (ssize_t)size);
}

bool vfio_dma(struct vfio_device *device, uint64_t iova, void *buf, size_t size, bool writes)
{
	struct space *space = space_of(device);

	iova &= device->mask;
	if (!device->no_master && !(device->config[4] & 4))
		space = NULL;
	for (size_t i = 0; space && i < space->count; i++) {
		const struct space_map *map = &space->maps[i];

		if (iova < map->iova || iova - map->iova >= map->size)
			continue;
		if (size > map->size - (iova - map->iova) || (writes ? !map->writes : !map->reads))
			break;
		copy(map, iova - map->iova, buf, size, writes);
		return true;
	}
	vfio.dropped++;
	return false;
}
