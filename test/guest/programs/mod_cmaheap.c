/* SPDX-License-Identifier: MIT */
/*
 * Proves a heap of pmem_cmaheap.ko by the raw ABI, and that the address calls agree:
 *	mod_cmaheap NAME [scattered] [pages] [nxp] [imx] [ti] [vcsm]
 */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64

#include <fcntl.h>
#include <linux/dma-buf.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "mod_check.h"

/* include/uapi/linux/dma-heap.h, which older systems do not have */
struct heap_data {
	uint64_t len;
	uint32_t fd, fd_flags;
	uint64_t heap_flags;
};
#define HEAP_ALLOC 0xc0184800ul
#define NXP_PHYS   (sizeof(long) == 8 ? 0x4008620aul : 0x4004620aul)
#define IMX_PHYS   0xc0104d20ul
#define TI_CONVERT 0xc0104400ul
#define PROC	   "/proc/pmem_cmaheap"
#define UNKNOWN	   UINT64_MAX

struct fd_phys {
	uint32_t fd;
	uint64_t phys;
} __attribute__((aligned(8)));

static int heap, scattered, pages;
static size_t page;

static int allocate(uint64_t len, uint32_t fd_flags, uint64_t heap_flags, uint32_t fd)
{
	struct heap_data data = {len, fd, fd_flags, heap_flags};

	return ioctl(heap, HEAP_ALLOC, &data) ? -1 : (int)data.fd;
}

static void check_refusals(void)
{
	int read_only;

	CHECK_ERRNO("heap.size-0", allocate(0, O_RDWR, 0, 0), EINVAL);
	CHECK_ERRNO("heap.size-wraps", allocate(UINT64_MAX, O_RDWR, 0, 0), ENOMEM);
	CHECK_ERRNO("heap.fd-set", allocate(page, O_RDWR, 0, 1), EINVAL);
	CHECK_ERRNO("heap.fd-flags", allocate(page, O_RDWR | O_NONBLOCK, 0, 0), EINVAL);
	CHECK_ERRNO("heap.heap-flags", allocate(page, O_RDWR, 1, 0), EINVAL);
	CHECK_ERRNO("heap.other-ioctl", ioctl(heap, HEAP_ALLOC + 1, NULL), EINVAL);
	CHECK_ERRNO("heap.exhausted", allocate(1ull << 34, O_RDWR, 0, 0), ENOMEM);
	read_only = allocate(page, 0, 0, 0);
	CHECK_EQ("heap.read-only-write",
		mmap(NULL, page, PROT_WRITE, MAP_SHARED, read_only, 0) == MAP_FAILED &&
			errno == EACCES,
		1);
	CHECK_EQ("heap.no-cloexec", fcntl(read_only, F_GETFD), 0);
	close(read_only);
}

/* pagemap's frame of a touched page, UNKNOWN when the kernel shows none (VM_PFNMAP) */
static uint64_t frame(const volatile void *p)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entry = 0;

	if (pread(fd, &entry, 8, (off_t)((uintptr_t)p / page * 8)) != 8)
		entry = 0;
	close(fd);
	return entry >> 63 ? (entry & ((1ull << 55) - 1)) * page : UNKNOWN;
}

static volatile uint32_t *check_map(int fd, size_t size)
{
	struct dma_buf_sync sync = {.flags = DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW};
	volatile uint32_t *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	size_t i;

	CHECK_EQ("heap.size", lseek(fd, 0, SEEK_END), size);
	CHECK_EQ("heap.private",
		mmap(NULL, page, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED && errno == EINVAL,
		1);
	if (!check_result("heap.map", p != MAP_FAILED, "%s", strerror(errno)))
		return NULL;
	CHECK_EQ("heap.sync", ioctl(fd, DMA_BUF_IOCTL_SYNC, &sync), 0);
	for (i = 0; i < size / 4 && p[i] == 0; i++)
		p[i] = (uint32_t)i;
	CHECK_EQ("heap.zeroed", i, size / 4);
	for (i = 0; i < size / 4 && p[i] == i; i++)
		;
	CHECK_EQ("heap.kept", i, size / 4);
	return p;
}

static uint64_t ask(const char *way, int fd, int *open_fd)
{
	struct fd_phys request = {.fd = (uint32_t)fd, .phys = UNKNOWN};
	unsigned long direct = (unsigned long)UNKNOWN;
	struct {
		int32_t fd;
		uint32_t cached, name[8];
		int32_t handle;
		uint32_t vc_handle, size, pad;
		uint64_t dma_addr;
	} import = {.fd = fd};

	*open_fd = -1;
	if (strcmp(way, "nxp") == 0)
		return ioctl(fd, NXP_PHYS, &direct) ? UNKNOWN : direct;
	if (strcmp(way, "vcsm") == 0) {
		*open_fd = open("/dev/vcsm-cma", O_RDWR | O_CLOEXEC);
		if (ioctl(*open_fd, 0x80404a5bul, &import))
			return UNKNOWN;
		close(import.handle);
		return import.dma_addr & 0x3fffffff; /* without the bus alias */
	}
	*open_fd = open(
		strcmp(way, "ti") ? "/dev/dmabuf_imx" : "/dev/dma-buf-phys", O_RDWR | O_CLOEXEC);
	return ioctl(*open_fd, strcmp(way, "ti") ? IMX_PHYS : TI_CONVERT, &request) ? UNKNOWN
										    : request.phys;
}

static void check_ways(char **ways, int count, int fd, uint64_t seen)
{
	uint64_t first = seen, phys;
	struct fd_phys again = {.fd = (uint32_t)fd};
	char name[32];
	int i, open_fd;

	for (i = 0; i < count; i++) {
		if (strcmp(ways[i], "scattered") == 0 || strcmp(ways[i], "pages") == 0)
			continue;
		snprintf(name, sizeof(name), "heap.phys-%s", ways[i]);
		phys = ask(ways[i], fd, &open_fd);
		if (first == UNKNOWN)
			first = phys;
		if (scattered)
			CHECK(name, phys == UNKNOWN, "%#llx", (unsigned long long)phys);
		else if (strcmp(ways[i], "vcsm") == 0)
			CHECK_EQ(name, phys, first & 0x3fffffff);
		else
			CHECK(name, phys != UNKNOWN && phys == first, "%#llx %s",
				(unsigned long long)phys, strerror(errno));
		if (strcmp(ways[i], "ti") == 0 && !scattered)
			CHECK_ERRNO("heap.ti-once", ioctl(open_fd, TI_CONVERT, &again), EFAULT);
		close(open_fd);
	}
}

static void check_buffer(char **ways, int count)
{
	size_t size = 64 * page;
	int fd = allocate(size - 5, O_RDWR | O_CLOEXEC, 0, 0);
	volatile uint32_t *p;
	uint64_t phys;

	if (!check_result("heap.alloc", fd >= 0, "%s", strerror(errno)))
		return;
	CHECK_EQ("heap.live", check_counter(PROC, "live"), 1);
	CHECK_EQ("heap.cloexec", fcntl(fd, F_GETFD), FD_CLOEXEC);
	p = check_map(fd, size);
	if (p) {
		phys = frame(p);
		CHECK_EQ("heap.pagemap-shows", phys != UNKNOWN, pages);
		if (phys != UNKNOWN && !scattered)
			CHECK_EQ("heap.contiguous", frame(p + 63 * page / 4) - phys, 63 * page);
		check_ways(ways, count, fd, phys);
		munmap((void *)(uintptr_t)p, size);
	}
	close(fd);
	CHECK_EQ("heap.freed", check_counter(PROC, "live"), 0);
}

int main(int argc, char **argv)
{
	char path[64];
	int i;

	page = (size_t)sysconf(_SC_PAGESIZE);
	snprintf(path, sizeof(path), "/dev/dma_heap/%s", argc > 1 ? argv[1] : "linux,cma");
	for (i = 2; i < argc; i++) {
		scattered |= strcmp(argv[i], "scattered") == 0;
		pages |= strcmp(argv[i], "pages") == 0;
	}
	heap = open(path, O_RDONLY | O_CLOEXEC);
	if (!check_result("heap.open", heap >= 0, "%s: %s", path, strerror(errno)))
		return 1;
	check_refusals();
	check_buffer(argv + 2, argc > 2 ? argc - 2 : 0);
	close(heap);
	return check_end();
}
