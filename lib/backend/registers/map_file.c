/* SPDX-License-Identifier: MIT */
/*
 * Any device file (/dev/uio0), or a file that was saved from a board. The mapping survives close(),
 * so a region holds no descriptor. Where it is, is what the caller says.
 */
#include "registers/map_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "backend/device.h"
#include "base/bits.h"
#include "os/file.h"
#include "os/os.h"

static int wrong_kind(const char *path, const char *hint, const char *what)
{
	return error_set(EINVAL, PMEM_CAUSE_WRONG_KIND, "map file", path, hint, "%s", what);
}

/* /dev/mem is none of these: it has checks of its own, and an address. */
static int check_kind(const char *path, const struct os_stat *st)
{
	if (S_ISREG(st->mode))
		return 0;
	if (S_ISCHR(st->mode) && st->rdev == makedev(1, 1))
		return wrong_kind(path, "pmem_region_map() maps it, and refuses RAM that Linux uses",
			"it is the memory device");
	if (S_ISCHR(st->mode))
		return 0;
	return wrong_kind(path, NULL,
		S_ISDIR(st->mode)  ? "it is a folder" :
		S_ISFIFO(st->mode) ? "it is a pipe" :
		S_ISSOCK(st->mode) ? "it is a socket" :
				     "it is neither a plain file nor a character device");
}

/* Looked at before it is opened: opening a pipe would let go somebody who waits for a reader. */
static int check_path(const char *path)
{
	struct os_stat st;
	int r = os->stat(path, &st);

	return r < 0 ? 0 : check_kind(path, &st); /* open() says why not */
}

/* O_SYNC: memory behind a device, such as that of u-dma-buf, is then uncached as registers are. */
static int open_file(struct pmem_ctx *ctx, const struct map_file_request *request,
	const char *path)
{
	const struct access_device device = {
		.path = path,
		.capability = -1,
		.lockdown = true,
		.plain_file = true,
		.absent = "a relative path begins in the current folder, or in LIBPMEM_ROOT",
		.mode = "PMEM_MAP_READONLY needs less; a udev rule can give a device to a group",
	};

	return access_open(ctx, &device, (request->readonly ? O_RDONLY : O_RDWR) | O_SYNC);
}

/* The bytes to map, if they are there. */
static int find_size(const struct map_file_request *request, const char *path,
	const struct os_stat *st, uint64_t *size)
{
	uint64_t last;

	*size = request->size;
	if (!S_ISREG(st->mode)) {
		if (request->size == PMEM_TO_END)
			return wrong_kind(path,
				"/sys/class/uio/uioN/maps/mapM/size tells that of a map",
				"a device does not tell its size");
		if (!bits_add(request->offset, *size - 1, &last))
			return error_set(EOVERFLOW, PMEM_CAUSE_WRAPS, "map file", path, NULL,
				"0x%" PRIx64 " + 0x%" PRIx64 " passes the end of all offsets",
				request->offset, *size);
		return 0;
	}
	if (request->size == PMEM_TO_END && request->offset < st->size)
		*size = st->size - request->offset;
	if (bits_inside(request->offset, *size, st->size))
		return 0;
	return error_set(ERANGE, PMEM_CAUSE_BOUNDS, "map file", path, NULL,
		"offset 0x%" PRIx64 "%s is beyond the end of the file of 0x%" PRIx64 " bytes",
		request->offset, request->size == PMEM_TO_END ? "" : " and the size", st->size);
}

/* mmap() failed: what the driver of a device means by it (uio_mmap() in drivers/uio/uio.c). */
static int why(int errnum, const char *path, const struct map_file_request *request)
{
	if (errnum == ENODEV)
		return error_set(ENODEV, PMEM_CAUSE_UNSUPPORTED, "mmap", path, NULL,
			"this file cannot be mapped");
	return error_set(errnum, PMEM_CAUSE_SYSTEM, "mmap", path,
		"of /dev/uioN map M begins at offset M * page size, and is as long as "
		"/sys/class/uio/uioN/maps/mapM/size",
		"it cannot be mapped at offset 0x%" PRIx64, request->offset);
}

/* Registers are inherited by children as all shared device mappings are; pages of a file are not. */
static int map_open(int fd, const struct map_file_request *request, const char *path,
	struct pmem_region *region)
{
	int prot = request->readonly ? PROT_READ : PROT_READ | PROT_WRITE;
	struct os_stat st;
	uint64_t size = 0, last;
	int r = os->fstat(fd, &st);

	if (r < 0)
		return error_set(-r, PMEM_CAUSE_SYSTEM, "fstat", path, NULL,
			"the system call failed");
	r = check_kind(path, &st);
	if (r == 0)
		r = find_size(request, path, &st, &size);
	if (r < 0)
		return r;
	if (request->phys != PMEM_ADDRESS_NONE && !bits_add(request->phys, size - 1, &last))
		return error_set(EOVERFLOW, PMEM_CAUSE_WRAPS, "map file", path, NULL,
			"0x%" PRIx64 " + 0x%" PRIx64 " passes the end of the address space",
			request->phys, size);
	r = region_mmap(region, fd, request->offset, size, prot, path);
	if (r < 0)
		return error_last()->cause == PMEM_CAUSE_SYSTEM ? why(-r, path, request) : r;
	region->attrs = S_ISREG(st.mode) ? PMEM_REGION_CACHED | PMEM_REGION_COHERENT :
					   PMEM_REGION_DEVICE | PMEM_REGION_COHERENT;
	return S_ISREG(st.mode) ? region_keep_from_children(region) : 0;
}

/* What it stands for, if the caller says so. */
static void set_place(const struct map_file_request *request, struct pmem_region *region)
{
	if (request->readonly)
		region->attrs |= PMEM_REGION_READONLY;
	if (request->phys != PMEM_ADDRESS_NONE) {
		region_set_phys(region, request->phys);
		return;
	}
	error_set(ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN, "map file", request->path,
		"pass the address to pmem_region_map_file()", "no address was given for the file");
	region_set_unknown(region);
}

int map_file(struct pmem_ctx *ctx, const struct map_file_request *request,
	struct pmem_region *region)
{
	const char *joint = ctx->root[0] && request->path[0] != '/' ? "/" : "";
	char path[PATH_MAX], full[PATH_MAX];
	int fd, r;

	if ((size_t)snprintf(path, sizeof(path), "%s%s", joint, request->path) >= sizeof(path) ||
		file_path(full, ctx->root, path) < 0)
		return error_set(ENAMETOOLONG, PMEM_CAUSE_LIMIT, "map file", NULL, NULL,
			"the path is too long");
	r = check_path(full);
	fd = r < 0 ? r : open_file(ctx, request, path);
	if (fd < 0)
		return fd;
	r = map_open(fd, request, full, region);
	os->close(fd);
	if (r == 0)
		set_place(request, region);
	return r;
}

static int file_probe(struct pmem_ctx *ctx)
{
	(void)ctx;
	return 0;
}

static int file_forget(struct pmem_region *region)
{
	return region->attrs & PMEM_REGION_DEVICE ? region_unmap(region) : 0;
}

const struct pmem_backend_ops backend_file = {
	.name = "file",
	.caps = PMEM_BACKEND_MAP | PMEM_BACKEND_PHYS,
	.probe = file_probe,
	.close = region_unmap,
	.forget = file_forget,
};
