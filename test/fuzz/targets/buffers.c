/* SPDX-License-Identifier: MIT */
#include "buffers.h"

#include <errno.h>
#include <linux/ioctl.h>

const char *const buffers_names[BUFFERS_NAMES] = { "system", "linux,cma", "reserved", "system-uncached", "secure-x",
	"vidbuf_cached", "default_cma_region", "mtk_mm-uncached", "udmabuf0", "u-dma-buf1", "carveout", "dma" };

static struct input *in;
static uint32_t machine;

static int buffer_ioctl(int fd, unsigned long request, void *arg);

static int64_t buffer_end(int fd)
{
	int64_t size = 65536;
	int r = answers_damage(in, &size, sizeof(size));

	(void)fd;
	return r < 0 ? r : size & INT64_MAX;
}

static int buffer_mmap(int fd, size_t length, uint64_t offset)
{
	(void)fd, (void)length, (void)offset;
	return answers_damage(in, NULL, 0);
}

static const struct answers_device buffer = { .ioctl = buffer_ioctl, .end = buffer_end, .mmap = buffer_mmap,
	.memory = 65536, .dmabuf = true };

int buffers_foreign(void)
{
	return answers_fd(&buffer);
}

/* The number of a new dma-buf; in a mad kernel any. */
static int give(void)
{
	int fd = answers_fd(&buffer), r = fd;

	if (fd >= 0 && (machine & BUFFERS_MAD) && answers_damage(in, &r, sizeof(r)) < 0)
		return fd;
	return r;
}

/* Calls of the dma-buf itself: sync, its name, NXP's address. */
static int buffer_ioctl(int fd, unsigned long request, void *arg)
{
	uint64_t *value = arg;

	(void)fd;
	switch (_IOC_NR(request)) {
	case 0:
		return *value & 3 ? answers_damage(in, NULL, 0) : -EINVAL;
	case 10:
		if (!(machine & BUFFERS_TELLERS))
			return -ENOTTY;
		*value = 0x40000000;
		return answers_damage(in, value, sizeof(*value));
	default:
		return 0;
	}
}

/* An answer of that many bytes, in which a descriptor is at a place that is damaged apart. */
static int reply(void *arg, size_t size, size_t at)
{
	int r = answers_damage(in, arg, size), fd;

	if (r < 0)
		return r;
	fd = give();
	if (fd < 0 && !(machine & BUFFERS_MAD))
		return fd;
	memcpy((char *)arg + at, &fd, sizeof(fd));
	return r;
}

static int heap_ioctl(int fd, unsigned long request, void *arg)
{
	(void)fd;
	return _IOC_NR(request) ? -ENOTTY : reply(arg, _IOC_SIZE(request), 8);
}

/* The struct behind a vendor's command, as ion_address.c has them. */
static int custom(void *arg)
{
	struct { unsigned cmd; unsigned long arg; } call;
	size_t size;

	memcpy(&call, arg, sizeof(call));
	size = call.cmd > 255 ? _IOC_SIZE(call.cmd) : call.cmd == 0 ? 16 : 12;
	return answers_damage(in, (void *)call.arg, size);
}

/* struct ion_heap_data: name, type, id. */
static int query(uint32_t *words)
{
	static const char *const names[] = { "dma", "carveout", "system", "linux,cma" };
	uint64_t at;
	int r;

	memcpy(&at, words + 2, sizeof(at));
	for (uint32_t i = 0; at && i < words[0] && i < 4; i++) {
		uint32_t *heap = (uint32_t *)(uintptr_t)at + 13 * i;

		strcpy((char *)heap, names[i]);
		heap[8] = i == 0 ? 4 : i == 1 ? 2 : 0;
		heap[9] = i;
		r = answers_damage(in, heap, 40);
		if (r < 0)
			return r;
	}
	words[0] = 4;
	return answers_damage(in, words, 4);
}

static int ion_ioctl(int fd, unsigned long request, void *arg)
{
	uint32_t *words = arg;

	(void)fd;
	switch (_IOC_NR(request)) {
	case 0:
		if ((_IOC_SIZE(request) == 24) == ((machine & BUFFERS_LEGACY) != 0))
			return -ENOTTY; /* of the other age */
		if (!(machine & BUFFERS_LEGACY))
			return reply(arg, 16, 16);
		words[_IOC_SIZE(request) / 4 - (sizeof(long) == 8 ? 2 : 1)] = 7;
		return answers_damage(in, arg, _IOC_SIZE(request));
	case 1:
		return machine & BUFFERS_LEGACY ? -EINVAL : -ENOTTY;
	case 4:
		return machine & BUFFERS_LEGACY ? reply(arg, 4, 4) : -ENOTTY;
	case 6:
		return custom(arg);
	case 8:
		return query(words);
	case 9:
		words[0] = 2;
		return answers_damage(in, arg, 4);
	default:
		return -ENOTTY;
	}
}

static int udmabuf_ioctl(int fd, unsigned long request, void *arg)
{
	int r = answers_damage(in, NULL, 0);

	(void)fd, (void)request, (void)arg;
	return r < 0 ? r : give();
}

/* struct vcsm_alloc, struct vcsm_import */
static int vcsm_ioctl(int fd, unsigned long request, void *arg)
{
	uint64_t bus = 0xc0100000;

	(void)fd;
	memcpy((char *)arg + 56, &bus, sizeof(bus));
	return reply(arg, 64, _IOC_NR(request) == 0x5a ? 48 : 40);
}

static int kmod_ioctl(int fd, unsigned long request, void *arg)
{
	(void)fd;
	return _IOC_NR(request) == 10 ? reply(arg, 32, 32) : answers_damage(in, NULL, 0);
}

/* struct convert: the dma-buf's number, then its address at byte 8. */
static int teller_ioctl(int fd, unsigned long request, void *arg)
{
	uint64_t phys = 0x50000000;

	(void)fd;
	memcpy((char *)arg + _IOC_SIZE(request) - 8, &phys, _IOC_SIZE(request) >= 16 ? 8 : 4);
	return answers_damage(in, arg, _IOC_SIZE(request));
}

static const struct answers_device heap = { .ioctl = heap_ioctl };
static const struct answers_device ion = { .ioctl = ion_ioctl };
static const struct answers_device udmabuf = { .ioctl = udmabuf_ioctl };
static const struct answers_device vcsm = { .ioctl = vcsm_ioctl };
static const struct answers_device teller = { .ioctl = teller_ioctl };
static const struct answers_device kmod = { .ioctl = kmod_ioctl, .end = buffer_end, .mmap = buffer_mmap,
	.memory = 65536 };

/* One file of sysfs: what it should say, or what the input does. */
static void figure(const char *folder, const char *name, const char *text)
{
	uint8_t how = in_byte(in);
	char path[256];
	size_t size = how & 15;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (how < 0xc0) {
		answers_text(path, text);
	} else if (how < 0xf0) {
		const uint8_t *own = in_bytes(in, &size);

		answers_file(path, own, size);
	}
}

static void kmod_start(void)
{
	static const char *const figures[][2] = { { "size", "65536\n" }, { "sync_mode", "0\n" }, { "dma_coherent", "0\n" },
		{ "ioctl_version", "2\n" }, { "phys_addr", "0x0000000030000000\n" }, { "dev", "0:291\n" },
		{ "sync_for_cpu", "" }, { "sync_for_device", "" } };
	char folder[128], path[128];

	for (int i = 0; i < 2; i++) {
		const char *name = buffers_names[8 + i];

		snprintf(folder, sizeof(folder), ANSWERS_ROOT "/sys/class/u-dma-buf/%s", name);
		for (size_t k = 0; k < sizeof(figures) / sizeof(figures[0]); k++)
			figure(folder, figures[k][0], figures[k][1]);
		snprintf(path, sizeof(path), ANSWERS_ROOT "/dev/%s", name);
		answers_device(path, &kmod);
	}
}

void buffers_start(struct input *input, uint32_t bits)
{
	char path[128];

	in = input;
	machine = bits;
	if (bits & BUFFERS_MAD)
		answers_mad_fds();
	for (uint8_t which = bits & BUFFERS_HEAPS ? in_byte(in) : 0, i = 0; i < 8; i++) {
		if (!(which & (1u << i)))
			continue;
		snprintf(path, sizeof(path), ANSWERS_ROOT "/dev/dma_heap/%s", buffers_names[i]);
		answers_device(path, &heap);
	}
	if (bits & BUFFERS_ION)
		answers_device(ANSWERS_ROOT "/dev/ion", &ion);
	if (bits & BUFFERS_UDMABUF)
		answers_device(ANSWERS_ROOT "/dev/udmabuf", &udmabuf);
	if (bits & BUFFERS_VCSM)
		answers_device(ANSWERS_ROOT "/dev/vcsm-cma", &vcsm);
	if (bits & BUFFERS_KMOD)
		kmod_start();
	if (bits & BUFFERS_TELLERS) {
		answers_device(ANSWERS_ROOT "/dev/dmabuf_imx", &teller);
		answers_device(ANSWERS_ROOT "/dev/dma-buf-phys", &teller);
	}
}
