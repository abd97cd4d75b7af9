// SPDX-License-Identifier: GPL-2.0
/*
 * ION before 4.12: an allocation is a handle of the open file. A dma-buf made of it keeps the
 * memory after the handle is gone. The structs have longs, so a 32-bit program on a 64-bit kernel
 * comes with other numbers, which are translated.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "ion.h"
#include "pmem_dmabuf.h"

struct allocation {
	size_t len, align;
	u32 heap_id_mask, flags;
	s32 handle;
};

struct allocation32 {
	u32 len, align, heap_id_mask, flags;
	s32 handle;
};

struct handle_data {
	s32 handle;
};

struct fd_data {
	s32 handle, fd;
};

struct custom32 {
	u32 cmd;
	u32 arg;
};

#define ION_IOC_ALLOC	 _IOWR('I', 0, struct allocation)
#define ION_IOC_ALLOC32	 _IOWR('I', 0, struct allocation32)
#define ION_IOC_FREE	 _IOWR('I', 1, struct handle_data)
#define ION_IOC_MAP	 _IOWR('I', 2, struct fd_data)
#define ION_IOC_SHARE	 _IOWR('I', 4, struct fd_data)
#define ION_IOC_IMPORT	 _IOWR('I', 5, struct fd_data)
#define ION_IOC_SYNC	 _IOWR('I', 7, struct fd_data)
#define ION_IOC_CUSTOM32 _IOWR('I', 6, struct custom32)

struct handle {
	struct dma_buf *buf;
	unsigned int references;
};

/* Takes over the reference to the buffer. The handle's number, or an error. */
static int handle_new(struct ion_client *client, struct dma_buf *buf)
{
	struct handle *h = kzalloc(sizeof(*h), GFP_KERNEL);
	int id = -ENOMEM;

	if (h) {
		h->buf = buf;
		h->references = 1;
		id = idr_alloc(&client->handles, h, 1, 0, GFP_KERNEL);
	}
	if (id < 0) {
		kfree(h);
		dma_buf_put(buf);
	} else {
		atomic_inc(&ion_count.handles);
	}
	return id;
}

static void handle_free(struct handle *h)
{
	dma_buf_put(h->buf);
	kfree(h);
	atomic_dec(&ion_count.handles);
}

static int handle_put(struct ion_client *client, int id)
{
	struct handle *h = idr_find(&client->handles, id);

	if (!h)
		return -EINVAL;
	if (--h->references == 0) {
		idr_remove(&client->handles, id);
		handle_free(h);
	}
	return 0;
}

void ion_client_free(struct ion_client *client)
{
	struct handle *h;
	int id;

	idr_for_each_entry(&client->handles, h, id) handle_free(h);
	idr_destroy(&client->handles);
}

struct dma_buf *ion_handle_buffer(struct ion_client *client, int id)
{
	struct dma_buf *buf = ERR_PTR(-EINVAL);
	struct handle *h;

	mutex_lock(&client->lock);
	h = idr_find(&client->handles, id);
	if (h) {
		buf = h->buf;
		get_dma_buf(buf);
	}
	mutex_unlock(&client->lock);
	return buf;
}

static long legacy_alloc(struct ion_client *client, struct allocation *a)
{
	struct dma_buf *buf = ion_buffer(a->len, a->heap_id_mask, a->flags);

	if (IS_ERR(buf))
		return PTR_ERR(buf);
	mutex_lock(&client->lock);
	a->handle = handle_new(client, buf);
	mutex_unlock(&client->lock);
	return a->handle < 0 ? a->handle : 0;
}

static long legacy_free(struct ion_client *client, int id)
{
	long ret;

	mutex_lock(&client->lock);
	ret = handle_put(client, id);
	mutex_unlock(&client->lock);
	return ret;
}

static long legacy_share(struct ion_client *client, struct fd_data *d)
{
	struct dma_buf *buf = ion_handle_buffer(client, d->handle);

	if (IS_ERR(buf))
		return PTR_ERR(buf);
	d->fd = dma_buf_fd(buf, O_CLOEXEC);
	if (d->fd < 0)
		dma_buf_put(buf);
	return d->fd < 0 ? d->fd : 0;
}

/* A buffer that the client has already keeps its handle, with one reference more. */
static long legacy_import(struct ion_client *client, struct fd_data *d)
{
	struct dma_buf *buf = ion_buffer_get(d->fd);
	struct handle *h;
	int id;

	if (IS_ERR(buf))
		return PTR_ERR(buf);
	mutex_lock(&client->lock);
	idr_for_each_entry(&client->handles, h, id) if (h->buf == buf) break;
	if (h) {
		h->references++;
		dma_buf_put(buf);
		d->handle = id;
	} else {
		d->handle = handle_new(client, buf);
	}
	mutex_unlock(&client->lock);
	return d->handle < 0 ? d->handle : 0;
}

/* of the descriptor; the handle is not looked at */
static long legacy_sync(const struct fd_data *d)
{
	struct dma_buf *buf = ion_buffer_get(d->fd);
	long ret;

	if (IS_ERR(buf))
		return PTR_ERR(buf);
	ret = pmem_buf_clean(buf);
	dma_buf_put(buf);
	atomic_inc(&ion_count.syncs);
	return ret;
}

long ion_legacy_custom(struct ion_client *client, unsigned int cmd, void __user *arg, bool compat)
{
	struct ion_custom custom;
	struct custom32 custom32;

	if (compat && cmd == ION_IOC_CUSTOM32) {
		if (copy_from_user(&custom32, arg, sizeof(custom32)))
			return -EFAULT;
		custom.cmd = custom32.cmd;
		custom.arg = custom32.arg;
	} else if (!compat && cmd == ION_IOC_CUSTOM) {
		if (copy_from_user(&custom, arg, sizeof(custom)))
			return -EFAULT;
	} else {
		return -ENOTTY;
	}
	atomic_inc(&ion_count.customs);
	return ion_vendor(client, custom.cmd, (void __user *)custom.arg, compat);
}

/* Everything whose struct is the same for 32- and 64-bit programs. */
static long legacy_common(struct ion_client *client, unsigned int cmd, void __user *arg)
{
	union {
		struct handle_data handle;
		struct fd_data fd;
		struct ion_query query;
		struct allocation largest;
	} u;
	size_t size = _IOC_SIZE(cmd);
	long ret;

	if (size > sizeof(u)) /* the compat layer never let it through */
		return in_compat_syscall() ? -ENOTTY : -EINVAL;
	if (copy_from_user(&u, arg, size))
		return -EFAULT;
	if (cmd == ION_IOC_FREE)
		ret = legacy_free(client, u.handle.handle);
	else if (cmd == ION_IOC_MAP || cmd == ION_IOC_SHARE)
		ret = legacy_share(client, &u.fd);
	else if (cmd == ION_IOC_IMPORT)
		ret = legacy_import(client, &u.fd);
	else if (cmd == ION_IOC_SYNC)
		ret = legacy_sync(&u.fd);
	else if (cmd == ION_IOC_HEAP_QUERY && ion_legacy_query)
		ret = ion_heap_query(&u.query);
	else
		return -ENOTTY;
	if (ret == 0 && copy_to_user(arg, &u, size))
		ret = -EFAULT;
	return ret;
}

long ion_legacy_ioctl(struct ion_client *client, unsigned int cmd, void __user *arg)
{
	struct allocation a;
	long ret;

	if (cmd == ION_IOC_CUSTOM)
		return ion_legacy_custom(client, cmd, arg, false);
	if (cmd != ION_IOC_ALLOC)
		return legacy_common(client, cmd, arg);
	if (copy_from_user(&a, arg, sizeof(a)))
		return -EFAULT;
	ret = legacy_alloc(client, &a);
	if (ret == 0 && copy_to_user(arg, &a, sizeof(a))) {
		legacy_free(client, a.handle);
		ret = -EFAULT;
	}
	return ret;
}

long ion_legacy_compat_ioctl(struct ion_client *client, unsigned int cmd, void __user *arg)
{
	struct allocation32 a32;
	struct allocation a;
	long ret;

	if (cmd == ION_IOC_CUSTOM32)
		return ion_legacy_custom(client, cmd, arg, true);
	if (cmd != ION_IOC_ALLOC32)
		return legacy_common(client, cmd, arg);
	if (copy_from_user(&a32, arg, sizeof(a32)))
		return -EFAULT;
	a = (struct allocation){.len = a32.len,
		.align = a32.align,
		.heap_id_mask = a32.heap_id_mask,
		.flags = a32.flags};
	ret = legacy_alloc(client, &a);
	a32.handle = a.handle;
	if (ret == 0 && copy_to_user(arg, &a32, sizeof(a32))) {
		legacy_free(client, a.handle);
		ret = -EFAULT;
	}
	return ret;
}
