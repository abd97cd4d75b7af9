/* SPDX-License-Identifier: MIT */
#include "dmabuf/ion_abi.h"

#include <errno.h>
#include <linux/ioctl.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "os/again.h"
#include "os/file.h"
#include "os/os.h"

struct legacy_alloc {
	size_t len;
	size_t align;
	uint32_t heap_id_mask;
	uint32_t flags;
	int handle;
};

struct legacy_fd {
	int handle;
	int fd;
};

struct modern_alloc {
	uint64_t len;
	uint32_t heap_id_mask;
	uint32_t flags;
	uint32_t fd;
	uint32_t unused;
};

struct heap_data {
	char name[32];
	uint32_t type;
	uint32_t heap_id;
	uint32_t reserved[3];
};

struct heap_query {
	uint32_t cnt;
	uint32_t reserved0;
	uint64_t heaps;
	uint32_t reserved1;
	uint32_t reserved2;
};

#define ION_ALLOC_LEGACY _IOWR('I', 0, struct legacy_alloc)
#define ION_ALLOC_MODERN _IOWR('I', 0, struct modern_alloc)
#define ION_FREE         _IOWR('I', 1, int)
#define ION_SHARE        _IOWR('I', 4, struct legacy_fd)
#define ION_HEAP_QUERY   _IOWR('I', 8, struct heap_query)
#define ION_ABI_VERSION  _IOR('I', 9, uint32_t)

/* No kernel has as many heaps as bits in the mask; more would be a broken answer. */
#define HEAPS_MAX 32

int ion_abi(int ion)
{
	int none = 0;
	uint32_t version = 0;
	int r = ioctl_again(ion, ION_FREE, &none);

	if (r == -EINVAL || r >= 0)
		return ION_LEGACY;
	if (r != -ENOTTY)
		return error_set(-r, PMEM_CAUSE_SYSTEM, "ioctl ION_IOC_FREE", "/dev/ion", NULL,
			"it cannot be told which ABI this ION has");
	r = ioctl_again(ion, ION_ABI_VERSION, &version);
	return r >= 0 && version >= 2 ? ION_MODULAR : ION_MODERN;
}

int ion_heaps(int ion, struct ion_heap **heaps, size_t *count)
{
	struct heap_data data[HEAPS_MAX];
	struct heap_query query = { .cnt = 0 };
	int r = ioctl_again(ion, ION_HEAP_QUERY, &query);

	if (r < 0)
		return r;
	if (query.cnt > HEAPS_MAX)
		return -EPROTO;
	memset(data, 0, sizeof(data));
	query.heaps = (uintptr_t)data;
	r = ioctl_again(ion, ION_HEAP_QUERY, &query);
	if (r < 0)
		return r;
	if (query.cnt > HEAPS_MAX)
		return -EPROTO;
	*heaps = calloc(query.cnt + 1, sizeof(**heaps));
	if (!*heaps)
		return -ENOMEM;
	for (uint32_t i = 0; i < query.cnt; i++) {
		memcpy((*heaps)[i].name, data[i].name, sizeof(data[i].name) - 1);
		(*heaps)[i].type = data[i].type;
		(*heaps)[i].id = data[i].heap_id;
	}
	*count = query.cnt;
	return 0;
}

static int alloc_legacy(int ion, uint64_t length, uint32_t mask, uint32_t flags,
	struct ion_buffer *buffer)
{
	struct legacy_alloc alloc = {
		.len = (size_t)length,
		.align = os->page_size(),
		.heap_id_mask = mask,
		.flags = flags,
	};
	struct legacy_fd share;
	int r = os->ioctl(ion, ION_ALLOC_LEGACY, &alloc);

	if (r < 0)
		return r;
	buffer->handle = alloc.handle;
	share = (struct legacy_fd){ .handle = alloc.handle, .fd = -1 };
	r = os->ioctl(ion, ION_SHARE, &share);
	if (r >= 0)
		r = file_keep(share.fd);
	if (r < 0) {
		ion_drop_handle(ion, buffer);
		return r;
	}
	buffer->fd = r;
	return 0;
}

int ion_alloc(int ion, enum ion_abi abi, uint64_t length, uint32_t mask, uint32_t flags,
	struct ion_buffer *buffer)
{
	struct modern_alloc alloc = {
		.len = length,
		.heap_id_mask = mask,
		.flags = flags,
		.fd = UINT32_MAX, /* none, unless the driver says one */
	};
	int r;

	*buffer = (struct ion_buffer){ .fd = -1, .handle = -1 };
	if (abi == ION_LEGACY)
		return alloc_legacy(ion, length, mask, flags, buffer);
	r = os->ioctl(ion, ION_ALLOC_MODERN, &alloc);
	if (r >= 0)
		r = file_keep((int)alloc.fd);
	if (r < 0)
		return r;
	buffer->fd = r;
	return 0;
}

void ion_drop_handle(int ion, struct ion_buffer *buffer)
{
	int handle = buffer->handle;

	if (handle < 0)
		return;
	os->ioctl(ion, ION_FREE, &handle);
	buffer->handle = -1;
}
