/* SPDX-License-Identifier: MIT */
/*
 * Proves pmem_ion.ko with its default heaps by the raw ABI:
 *	mod_ion legacy|modern|modular VENDOR
 */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "mod_check.h"

#define PROC   "/proc/pmem_ion"
#define SYSTEM (1u << 0) /* the masks of the module's default heaps */
#define CMA    (1u << 4)
#define CACHED 1u
#define SIZE   (256u << 10)

struct old_alloc {
	size_t len, align;
	uint32_t mask, flags;
	int32_t handle;
};
struct new_alloc {
	uint64_t len;
	uint32_t mask, flags, fd, unused;
};
struct query {
	uint32_t cnt, reserved0;
	uint64_t heaps;
	uint32_t reserved1, reserved2;
};
struct record {
	char name[32];
	uint32_t type, id, reserved[3];
};
struct fd_data {
	int32_t handle, fd;
};
struct custom {
	uint32_t cmd;
	unsigned long arg;
};

#define OLD_ALLOC _IOWR('I', 0, struct old_alloc)
#define NEW_ALLOC _IOWR('I', 0, struct new_alloc)
#define FREE	  _IOWR('I', 1, int32_t)
#define MAP	  _IOWR('I', 2, struct fd_data)
#define SHARE	  _IOWR('I', 4, struct fd_data)
#define IMPORT	  _IOWR('I', 5, struct fd_data)
#define CUSTOM	  _IOWR('I', 6, struct custom)
#define SYNC	  _IOWR('I', 7, struct fd_data)
#define QUERY	  _IOWR('I', 8, struct query)
#define VERSION	  _IOR('I', 9, uint32_t)

static int ion;
static const char *vendor;

static int old_alloc(uint32_t mask, uint32_t flags, size_t len)
{
	struct old_alloc a = {.len = len, .align = 4096, .mask = mask, .flags = flags};

	return ioctl(ion, OLD_ALLOC, &a) ? -1 : a.handle;
}

static int new_alloc(uint32_t mask, uint32_t flags, uint64_t len)
{
	struct new_alloc a = {.len = len, .mask = mask, .flags = flags};

	return ioctl(ion, NEW_ALLOC, &a) ? -1 : (int)a.fd;
}

static int old_free(int handle)
{
	return ioctl(ion, FREE, &handle);
}

static int share(unsigned long number, int handle)
{
	struct fd_data d = {handle, -1};

	return ioctl(ion, number, &d) ? -1 : d.fd;
}

static void check_memory(int fd)
{
	volatile uint32_t *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	CHECK_EQ("ion.size", lseek(fd, 0, SEEK_END), SIZE);
	CHECK_EQ("ion.cloexec", fcntl(fd, F_GETFD), FD_CLOEXEC);
	if (!check_result("ion.map", p != MAP_FAILED, "%s", strerror(errno)))
		return;
	CHECK_EQ("ion.zeroed", p[0] | p[SIZE / 4 - 1], 0);
	p[SIZE / 4 - 1] = 7;
	CHECK_EQ("ion.kept", p[SIZE / 4 - 1], 7);
	munmap((void *)(uintptr_t)p, SIZE);
}

/* One vendor call; the address, or 0 with errno set. */
static uint64_t ask(int handle, int fd)
{
	union {
		struct {
			int32_t handle;
			uint32_t phys, size;
		} small;
		struct {
			int32_t handle;
			unsigned long phys, size;
		} rockchip;
		struct {
			unsigned long phys;
			size_t size;
			int32_t fd;
		} nxp;
		struct {
			int32_t fd;
			uint32_t size, low, high;
		} hisilicon;
	} u;
	struct custom c = {.arg = (unsigned long)(uintptr_t)&u};

	memset(&u, 0, sizeof(u));
	if (strcmp(vendor, "rockchip") == 0 || strcmp(vendor, "rockchip-old") == 0) {
		c.cmd = (uint32_t)_IOC(
			_IOC_READ | _IOC_WRITE, 'R', vendor[8] ? 3u : 0u, sizeof(u.rockchip));
		u.rockchip.handle = handle;
		return ioctl(ion, CUSTOM, &c) || u.rockchip.size != SIZE ? 0 : u.rockchip.phys;
	}
	if (strcmp(vendor, "nxp") == 0) {
		c.cmd = (uint32_t)_IOC(_IOC_READ | _IOC_WRITE, 'I', 9, sizeof(u.nxp));
		u.nxp.fd = fd;
		return ioctl(ion, CUSTOM, &c) || u.nxp.size != SIZE ? 0 : u.nxp.phys;
	}
	if (strcmp(vendor, "hisilicon") == 0) {
		u.hisilicon.fd = fd;
		return ioctl(ion, CUSTOM, &c) || u.hisilicon.size != SIZE
			       ? 0
			       : (uint64_t)u.hisilicon.high << 32 | u.hisilicon.low;
	}
	c.cmd = strcmp(vendor, "amlogic") == 0 ? 8 : 7;
	u.small.handle = strcmp(vendor, "amlogic") == 0 ? fd : handle;
	return ioctl(ion, CUSTOM, &c) || u.small.size != SIZE ? 0 : u.small.phys;
}

/* NXP has a second call, by handle: both must agree. */
static void check_nxp_handle(int handle, uint64_t phys)
{
	struct {
		int32_t handle;
		unsigned long phys;
	} p = {handle, 0};
	struct custom c = {(uint32_t)_IOC(_IOC_READ | _IOC_WRITE, 'I', 8, sizeof(p)),
		(unsigned long)(uintptr_t)&p};

	CHECK_EQ("ion.nxp-phys", ioctl(ion, CUSTOM, &c), 0);
	CHECK_EQ("ion.nxp-phys-agrees", p.phys, phys);
}

static void check_vendor(int handle, int fd, int system_handle, int system_fd)
{
	uint64_t phys = ask(handle, fd);

	if (strcmp(vendor, "none") == 0) {
		CHECK_EQ("ion.no-vendor", phys == 0 && errno == ENOTTY, 1);
		return;
	}
	CHECK("ion.phys", phys && phys % 4096 == 0, "%#llx %s", (unsigned long long)phys,
		strerror(errno));
	CHECK_EQ("ion.phys-again", ask(handle, fd), phys);
	errno = 0;
	CHECK_EQ("ion.system-no-phys", ask(system_handle, system_fd), 0);
	CHECK("ion.system-no-phys-errno", errno == EINVAL || errno == ENODEV, "%s",
		strerror(errno));
	CHECK_EQ("ion.phys-bad", ask(9999, -1), 0);
	if (strcmp(vendor, "nxp") == 0)
		check_nxp_handle(handle, phys);
}

static void check_legacy(void)
{
	int handle = old_alloc(CMA, CACHED, SIZE - 5), system = old_alloc(SYSTEM, 0, SIZE), fd, fd2;
	struct fd_data again;

	CHECK_ERRNO("ion.free-0", old_free(0), EINVAL);
	CHECK_ERRNO("ion.modern-alloc", new_alloc(CMA, 0, SIZE), ENOTTY);
	if (!check_result("ion.alloc", handle > 0 && system > 0, "%s", strerror(errno)))
		return;
	CHECK_ERRNO("ion.size-0", old_alloc(CMA, 0, 0), EINVAL);
	CHECK_ERRNO("ion.no-heap", old_alloc(1u << 9, 0, SIZE), ENODEV);
	CHECK_ERRNO("ion.exhausted", old_alloc(CMA, 0, 0xf0000000u), ENOMEM);
	CHECK_EQ("ion.handles", check_counter(PROC, "handles"), 2);
	fd = share(SHARE, handle);
	fd2 = share(MAP, system);
	if (!check_result("ion.share", fd >= 0 && fd2 >= 0, "%s", strerror(errno)))
		return;
	check_memory(fd);
	check_memory(fd2);
	check_vendor(handle, fd, system, fd2);
	again = (struct fd_data){0, fd};
	CHECK_EQ("ion.import", ioctl(ion, IMPORT, &again), 0);
	CHECK_EQ("ion.import-same-handle", again.handle, handle);
	CHECK_EQ("ion.sync", ioctl(ion, SYNC, &again), 0);
	again.fd = ion;
	CHECK_ERRNO("ion.import-no-dmabuf", ioctl(ion, IMPORT, &again), EINVAL);
	CHECK_EQ("ion.free", old_free(handle), 0);
	CHECK_EQ("ion.free-reference", old_free(handle), 0);
	CHECK_ERRNO("ion.free-again", old_free(handle), EINVAL);
	CHECK_EQ("ion.fd-keeps", check_counter(PROC, "live"), 2);
	close(fd);
	close(fd2);
	CHECK_EQ("ion.fd-closed", check_counter(PROC, "live"), 1);
	close(ion); /* and with it the system buffer's handle */
	CHECK_EQ("ion.handles-after", check_counter(PROC, "handles"), 0);
}

static void check_query(void)
{
	struct record r[8] = {{.type = 99}};
	struct query q = {.cnt = 0};

	CHECK_EQ("ion.query", ioctl(ion, QUERY, &q), 0);
	CHECK_EQ("ion.query-count", q.cnt, 2);
	q.heaps = (uintptr_t)r;
	CHECK_EQ("ion.query-heaps", ioctl(ion, QUERY, &q), 0);
	CHECK("ion.query-records",
		r[0].id == 4 && r[0].type == 4 && strcmp(r[0].name, "linux,cma") == 0 &&
			r[1].id == 0 && r[1].type == 0,
		"%s %u %u", r[0].name, r[0].type, r[0].id);
	q.reserved1 = 1;
	CHECK_ERRNO("ion.query-reserved", ioctl(ion, QUERY, &q), EINVAL);
}

static void check_modern(int modular)
{
	uint32_t version = 0;
	int fd = new_alloc(CMA, CACHED, SIZE - 5), system = new_alloc(SYSTEM, 0, SIZE);

	CHECK_ERRNO("ion.free-0", old_free(0), ENOTTY);
	/* on 64 bits the number says more bytes than any struct has, which is looked at first */
	CHECK_ERRNO(
		"ion.legacy-alloc", old_alloc(CMA, 0, SIZE), sizeof(long) == 8 ? EINVAL : ENOTTY);
	if (!check_result("ion.alloc", fd >= 0 && system >= 0, "%s", strerror(errno)))
		return;
	CHECK_ERRNO("ion.size-0", new_alloc(CMA, 0, 0), EINVAL);
	CHECK_ERRNO("ion.no-heap", new_alloc(1u << 9, 0, SIZE), ENODEV);
	CHECK_ERRNO("ion.exhausted", new_alloc(CMA, 0, 1ull << 33), ENOMEM);
	check_memory(fd);
	check_memory(system);
	check_query();
	check_vendor(-1, fd, -1, system);
	if (modular) {
		CHECK_EQ("ion.version", ioctl(ion, VERSION, &version), 0);
		CHECK_EQ("ion.version-2", version, 2);
	} else {
		CHECK_ERRNO("ion.version", ioctl(ion, VERSION, &version), ENOTTY);
	}
	close(fd);
	close(system);
	close(ion);
}

int main(int argc, char **argv)
{
	const char *abi = argc > 1 ? argv[1] : "modern";

	vendor = argc > 2 ? argv[2] : "none";
	ion = open("/dev/ion", O_RDONLY | O_CLOEXEC);
	if (!check_result("ion.open", ion >= 0, "%s", strerror(errno)))
		return 1;
	if (strcmp(abi, "legacy") == 0)
		check_legacy();
	else
		check_modern(strcmp(abi, "modular") == 0);
	CHECK_EQ("ion.live-after", check_counter(PROC, "live"), 0);
	return check_end();
}
