/* SPDX-License-Identifier: MIT */
/* /dev/iommu: drivers/iommu/iommufd/, include/uapi/linux/iommufd.h. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake_vfio_inside.h"

#define NR(nr) (0x3b00ul | (nr))

enum { DESTROY = 0x80, IOAS_ALLOC, ALLOW_IOVAS, COPY, IOVA_RANGES, MAP, UNMAP, MAP_FILE = 0x8f, GET_PA = 0x95 };

/* Of all: their structure as uapi has it. */
union command {
	struct { uint32_t size, id; } destroy;
	struct { uint32_t size, flags, id; } alloc;
	struct { uint32_t size, id, count, reserved; uint64_t array, align; } ranges;
	struct { uint32_t size, id, count, reserved; uint64_t array; } allow;
	struct { uint32_t size, flags, id, reserved; uint64_t va, length, iova; } map;
	struct { uint32_t size, flags, id; int32_t fd; uint64_t start, length, iova; } map_file;
	struct { uint32_t size, id; uint64_t iova, length; } unmap;
	struct { uint32_t size, flags, id, reserved; uint64_t iova, length, phys; } pa;
};

static uint64_t smallest(void)
{
	return vfio.page_sizes & (~vfio.page_sizes + 1);
}

static struct space *find(struct file *file, uint32_t id)
{
	for (size_t i = 0; i < VFIO_SPACES; i++)
		if (file->spaces[i].live && file->spaces[i].id == id)
			return &file->spaces[i];
	return NULL;
}

static bool attached(const struct space *space)
{
	for (size_t i = 0; i < vfio_device_count; i++)
		if (space_of(&vfio_devices[i]) == space)
			return true;
	return false;
}

static int alloc(struct file *file, union command *c)
{
	struct space *space = file->spaces;

	if (c->alloc.flags)
		return -EOPNOTSUPP;
	while (space->live)
		ck_assert_msg(++space < file->spaces + VFIO_SPACES, "too many spaces");
	space_begin(space, true);
	c->alloc.id = space->id = ++file->next_id;
	return 0;
}

static int destroy(struct file *file, const union command *c)
{
	struct space *space = find(file, c->destroy.id);

	if (!space)
		return -ENOENT;
	if (attached(space))
		return -EBUSY;
	space_end(space);
	return 0;
}

static int ranges(struct file *file, union command *c)
{
	struct space *space = find(file, c->ranges.id);
	struct vfio_range windows[VFIO_WINDOWS];
	uint32_t room = c->ranges.count;

	if (!space || c->ranges.reserved)
		return space ? -EOPNOTSUPP : -ENOENT;
	c->ranges.count = (uint32_t)space_windows(space, windows);
	c->ranges.align = attached(space) ? smallest() : 1;
	if (room < c->ranges.count)
		return -EMSGSIZE;
	memcpy((void *)(uintptr_t)c->ranges.array, windows, c->ranges.count * sizeof(windows[0]));
	return 0;
}

static int allow(struct file *file, const union command *c)
{
	struct space *space = find(file, c->allow.id);

	if (!space)
		return -ENOENT;
	ck_assert_uint_le(c->allow.count, VFIO_WINDOWS);
	space->allowed_count = c->allow.count;
	memcpy(space->allowed, (const void *)(uintptr_t)c->allow.array, c->allow.count * sizeof(space->allowed[0]));
	return 0;
}

/* Where the kernel places by itself: the lowest multiple of the size, as far as that is a page's. */
static int place(const struct space *space, uint64_t size, uint64_t *iova)
{
	struct vfio_range windows[VFIO_WINDOWS];
	const struct vfio_range *in = space->allowed;
	size_t count = space->allowed_count;
	uint64_t step = smallest();

	if (count == 0) {
		count = space_windows(space, windows);
		in = windows;
	}
	while (step < size && step < 65536)
		step *= 2;
	for (size_t i = 0; i < count; i++)
		for (uint64_t at = (in[i].first + step - 1) & ~(step - 1);
			at <= in[i].last && size - 1 <= in[i].last - at; at += step)
			if (at && !space_overlaps(space, at, size)) {
				*iova = at;
				return 0;
			}
	return -ENOSPC;
}

static int map_it(struct space *space, struct space_map *map, uint32_t flags, uint64_t *iova)
{
	uint64_t mask = (attached(space) ? smallest() : 1) - 1, last;
	int r;

	vfio.map_calls++;
	if (flags & ~7u)
		return -EOPNOTSUPP;
	if (!(flags & 6) || map->size == 0)
		return -EINVAL;
	map->reads = flags & 4;
	map->writes = flags & 2;
	map->iova = *iova;
	if (!(flags & 1)) {
		r = place(space, map->size, &map->iova);
		if (r < 0)
			return r;
	}
	if (__builtin_add_overflow(map->iova, map->size - 1, &last))
		return -EOVERFLOW;
	if (((map->iova | map->size) & mask) || (map->file < 0 && ((map->pointer & mask))))
		return -EINVAL;
	if (!space_inside(space, map->iova, last))
		return -EINVAL;
	if (space_overlaps(space, map->iova, map->size))
		return -EEXIST;
	r = space_map(space, map, false);
	if (r == 0)
		*iova = map->iova;
	return r;
}

static int map(struct file *file, union command *c)
{
	struct space *space = find(file, c->map.id);
	struct space_map it = { .pointer = (uintptr_t)c->map.va, .size = c->map.length, .file = -1 };
	uint64_t end;

	if (c->map.reserved)
		return -EOPNOTSUPP;
	if (!space)
		return -ENOENT;
	if (c->map.length && (__builtin_add_overflow(c->map.va, c->map.length - 1, &end) || end > UINTPTR_MAX))
		return -EOVERFLOW;
	return map_it(space, &it, c->map.flags, &c->map.iova);
}

/* memfds and other files of tmpfs; dma-bufs only of BARs. */
static int map_file(struct file *file, union command *c)
{
	struct space *space = find(file, c->map_file.id);
	struct space_map it = { .start = c->map_file.start, .size = c->map_file.length };
	int fd = c->map_file.fd, r;
	struct os_stat st;

	if (vfio.kernel < 6013)
		return -ENOTTY;
	if (!space)
		return -ENOENT;
	if (fd < 0 || fd >= MAX_FDS || !f.open[fd])
		return -EBADF;
	if (f.device_of[fd] && (!file_at(fd) || file_at(fd)->kind != FILE_BAR))
		return -EOPNOTSUPP;
	if (os_linux.fstat(fd, &st) < 0 || (st.mode & S_IFMT) != S_IFREG ||
		it.start > st.size || it.size > st.size - it.start)
		return -EINVAL;
	it.file = os_linux.fcntl(fd, F_DUPFD_CLOEXEC, 0);
	ck_assert_int_ge(it.file, 0);
	r = map_it(space, &it, c->map_file.flags, &c->map_file.iova);
	if (r < 0)
		os_linux.close(it.file);
	return r;
}

/* Whole maps only, and there must be one. */
static int unmap(struct file *file, union command *c)
{
	struct space *space = find(file, c->unmap.id);
	uint64_t last;

	vfio.unmap_calls++;
	if (!space)
		return -ENOENT;
	if (c->unmap.iova == 0 && c->unmap.length == UINT64_MAX) {
		c->unmap.length = space_unmap(space, 0, UINT64_MAX);
		return 0;
	}
	if (c->unmap.length == 0)
		return -EINVAL;
	if (__builtin_add_overflow(c->unmap.iova, c->unmap.length - 1, &last))
		return -EOVERFLOW;
	if (space_cuts(space, c->unmap.iova, last) || !space_overlaps(space, c->unmap.iova, c->unmap.length))
		return -ENOENT;
	c->unmap.length = space_unmap(space, c->unmap.iova, last);
	return 0;
}

/* Linux 7.3, without an IOMMU: where the pages are. */
static int get_pa(struct file *file, union command *c)
{
	struct space *space = find(file, c->pa.id);

	if (vfio.kernel < 7003)
		return -ENOTTY;
	if (!(vfio_what & VFIO_PLAY_NOIOMMU))
		return -EOPNOTSUPP;
	if (!may(17)) /* CAP_SYS_RAWIO */
		return -EPERM;
	for (size_t i = 0; space && i < space->count; i++) {
		const struct space_map *m = &space->maps[i];
		uint64_t offset = c->pa.iova - m->iova, left, n = 0;
		uintptr_t at = m->pointer + (uintptr_t)offset;

		if (c->pa.iova < m->iova || offset >= m->size || !vfio.phys)
			continue;
		left = m->size - offset;
		left = left < c->pa.length ? left : c->pa.length;
		c->pa.phys = vfio.phys(at);
		while (n < left && vfio.phys(at + (uintptr_t)n) == c->pa.phys + n)
			n += f.page_size - (at + (uintptr_t)n) % f.page_size;
		c->pa.length = n < left ? n : left;
		return 0;
	}
	return -ENOENT;
}

int iommufd_ioctl(void *user, int fd, unsigned long request, void *arg)
{
	static const unsigned char sizes[] = { [DESTROY - DESTROY] = 8, [IOAS_ALLOC - DESTROY] = 12,
		[ALLOW_IOVAS - DESTROY] = 24, [IOVA_RANGES - DESTROY] = 32, [MAP - DESTROY] = 40,
		[UNMAP - DESTROY] = 24, [MAP_FILE - DESTROY] = 40, [GET_PA - DESTROY] = 40 };
	struct file *file = file_at(fd);
	unsigned nr = (unsigned)(request - NR(DESTROY));
	const unsigned char *bytes = arg;
	uint32_t size;

	(void)user;
	if (request < NR(DESTROY) || nr >= sizeof(sizes) || !sizes[nr])
		return -ENOTTY;
	memcpy(&size, arg, sizeof(size));
	if (size < sizes[nr])
		return -EINVAL;
	for (uint32_t i = sizes[nr]; i < size; i++)
		if (bytes[i])
			return -E2BIG;
	switch (nr + DESTROY) {
	case DESTROY:
		return destroy(file, arg);
	case IOAS_ALLOC:
		return alloc(file, arg);
	case ALLOW_IOVAS:
		return allow(file, arg);
	case IOVA_RANGES:
		return ranges(file, arg);
	case MAP:
		return map(file, arg);
	case UNMAP:
		return unmap(file, arg);
	case MAP_FILE:
		return map_file(file, arg);
	default:
		return get_pa(file, arg);
	}
}
