/* SPDX-License-Identifier: MIT */
#include "played_group.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device/vfio_abi.h"
#include "os/fork_lock.h"
#include "os/os.h"
#include "vfio_answers.h"

#define FDS 1024

static struct fork_lock kernel;
static atomic_bool played[FDS];
static char root[] = "/tmp/pmem-threads.XXXXXX";

_Thread_local bool group_is_root = true;

static const char *play_getenv(const char *name)
{
	return group_is_root && strcmp(name, "LIBPMEM_ROOT") == 0 ? root : os_linux.getenv(name);
}

static int play_open(const char *path, int flags, uint32_t mode)
{
	int fd;

	if (!strstr(path, "/dev/vfio/"))
		return os_linux.open(path, flags, mode);
	fd = os_linux.eventfd();
	CHECK(fd >= 0 && fd < FDS);
	played[fd] = true;
	return fd;
}

static int play_close(int fd)
{
	if (fd >= 0 && fd < FDS)
		played[fd] = false;
	return os_linux.close(fd);
}

static int play_fstat(int fd, struct os_stat *out)
{
	int r = os_linux.fstat(fd, out);

	if (r == 0 && fd < FDS && played[fd])
		out->mode = S_IFCHR | 0600;
	return r;
}

/* A played dma-buf is a memfd with a mode that no other has; it refuses what a real one does. */
#define DMA_BUF_SYNC 0x40086200ul /* include/uapi/linux/dma-buf.h */
#define MODE         01600

int group_dmabuf(size_t size)
{
	int fd = os_linux.memfd_create("dmabuf", 0);

	CHECK(fd >= 0 && ftruncate(fd, (off_t)size) == 0 && fchmod(fd, MODE) == 0);
	return fd;
}

static bool is_dmabuf(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 07777) == MODE;
}

static int64_t play_lseek(int fd, int64_t offset, int whence)
{
	return whence == SEEK_CUR && is_dmabuf(fd) ? -EINVAL : os_linux.lseek(fd, offset, whence);
}

/* What is mapped is there, and stays there. */
static void touch(unsigned char *byte)
{
	*(volatile unsigned char *)byte += 1;
}

static int map(int fd, struct abi_dma_map *m)
{
	unsigned char *memory = (unsigned char *)(uintptr_t)m->vaddr;
	int r = vfio_answer(fd, ABI_IOMMU_MAP_DMA, m);

	CHECK(m->iova);
	touch(memory);
	touch(memory + m->size - 1);
	return r;
}

static int vfio_call(int fd, unsigned long request, void *arg)
{
	struct vfio_mapping *mapping;

	switch (request) {
	case ABI_GROUP_GET_DEVICE_FD:
		return eventfd(0, EFD_CLOEXEC);
	case ABI_IOMMU_MAP_DMA:
		return map(fd, arg);
	case ABI_IOMMU_UNMAP_DMA:
		mapping = vfio_mapping_at(fd, ((struct abi_dma_unmap *)arg)->iova);
		touch(mapping->memory + mapping->size - 1);
		return vfio_answer(fd, request, arg);
	default:
		return vfio_answer(fd, request, arg);
	}
}

static int play_ioctl(int fd, unsigned long request, void *arg)
{
	int r;

	if (request == DMA_BUF_SYNC && is_dmabuf(fd))
		return *(uint64_t *)arg ? 0 : -EINVAL;
	if ((request & ~0xfful) != 0x3b00)
		return os_linux.ioctl(fd, request, arg);
	if (fork_lock_take(&kernel))
		vfio_mapped_count = 0; /* the parent's */
	r = vfio_call(fd, request, arg);
	fork_lock_give(&kernel);
	return r;
}

static int play_capable(unsigned capability)
{
	(void)capability;
	return 1;
}

static void below_root(const char *name, const char *text, bool is_link)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s%s", root, name);
	for (char *p = path + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(path, 0700);
		*p = '/';
	}
	if (is_link) {
		CHECK(symlink(text, path) == 0);
		return;
	}
	file = fopen(path, "w");
	CHECK(file && fputs(text, file) >= 0);
	CHECK(fclose(file) == 0);
}

void group_play(void)
{
	static struct os_calls calls;
	char name[64], group[64];

	calls = os_linux;
	calls.open = play_open;
	calls.close = play_close;
	calls.fstat = play_fstat;
	calls.ioctl = play_ioctl;
	calls.lseek = play_lseek;
	calls.getenv = play_getenv;
	calls.capable = play_capable;
	os = &calls;
	CHECK(mkdtemp(root));
	for (int i = 0; i < DEVICES; i++) {
		snprintf(name, sizeof(name), "/sys/bus/platform/devices/dev%d/iommu_group", i);
		snprintf(group, sizeof(group), "../../../kernel/iommu_groups/%d", i < 3 ? i : 3);
		below_root(name, group, true);
	}
	below_root("/sys/bus/platform/devices/" UNSAFE "/iommu_group", "../../../kernel/iommu_groups/4", true);
	below_root("/sys/kernel/iommu_groups/4/name", "vfio-noiommu\n", false);
}

size_t group_mappings(void)
{
	return vfio_mapped_count;
}

void group_end(void)
{
	char command[64];

	CHECK(vfio_mapped_count == 0);
	for (int fd = 0; fd < FDS; fd++)
		CHECK(!played[fd]);
	snprintf(command, sizeof(command), "rm -r '%s'", root);
	CHECK(system(command) == 0);
	os = &os_linux;
}

