/* SPDX-License-Identifier: MIT */
/* An edu device that is driven through struct pmem_device, and what the kernel counts meanwhile. */
#ifndef GUEST_CHECK_VFIO_H
#define GUEST_CHECK_VFIO_H

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "check-edu.h"

#define FOUR_GIB 0x100000000ull

static inline uint64_t vfio_page(void)
{
	return (uint64_t)sysconf(_SC_PAGESIZE);
}

static inline double vfio_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static inline int vfio_bus(const struct pmem_region *region, uint64_t *bus)
{
	return pmem_region_bus(region, bus);
}

/* The last part of a symbolic link in a device's folder in sysfs; "" if there is none. */
static inline const char *vfio_link(const char *bdf, const char *name, char *to, size_t size)
{
	char path[200];
	ssize_t n;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", bdf, name);
	n = readlink(path, to, size - 1);
	to[n > 0 ? n : 0] = '\0';
	return strrchr(to, '/') ? strrchr(to, '/') + 1 : to;
}

/* /dev/vfio/N, or /dev/vfio/noiommu-N. */
static inline void vfio_group_node(const char *bdf, char *node, size_t size)
{
	char link[200];
	const char *group = vfio_link(bdf, "iommu_group", link, sizeof(link));

	snprintf(node, size, "/dev/vfio/%.40s", group);
	if (access(node, F_OK))
		snprintf(node, size, "/dev/vfio/noiommu-%.40s", group);
}

/* /dev/vfio/devices/vfioX; "" on kernels without. */
static inline void vfio_cdev_node(const char *bdf, char *node, size_t size)
{
	char path[200];
	struct dirent *entry;
	DIR *dir;

	node[0] = '\0';
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/vfio-dev", bdf);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			snprintf(node, size, "/dev/vfio/devices/%.40s", entry->d_name);
	if (dir)
		closedir(dir);
}

/* What an administrator does once, by a rule of udev: only the nodes of this one device. */
static inline bool vfio_give(const char *bdf, const char *way, unsigned owner)
{
	char node[100];

	if (!way || strcmp(way, "iommufd")) {
		vfio_group_node(bdf, node, sizeof(node));
		return !chown(node, owner, owner) && !chmod(node, 0600);
	}
	vfio_cdev_node(bdf, node, sizeof(node));
	return !chown(node, owner, owner) && !chown("/dev/iommu", owner, owner);
}

/* The device, its registers mapped, its engine on; checks have the prefix of what it is for. */
static inline int vfio_open(struct edu *edu, struct pmem_ctx *ctx, const char *bdf,
	const struct pmem_device_opts *opts)
{
	int r = pmem_device_open(ctx, bdf, opts, &edu->device);

	edu->registers = NULL;
	edu->dma = (struct dma){ .ctx = ctx, .device_for = edu->device, .address = vfio_bus,
		.copy = edu_copy };
	if (r) {
		edu->device = NULL;
		return r;
	}
	r = pmem_device_map(edu->device, 0, 0, &edu->registers);
	if (r == 0)
		r = pmem_device_enable(edu->device, PMEM_ENABLE_MEMORY | PMEM_ENABLE_MASTER);
	return r;
}

static inline int vfio_close(struct edu *edu)
{
	int r = pmem_region_close(edu->registers), other = pmem_device_close(edu->device);

	edu->registers = NULL;
	edu->device = NULL;
	return r ? r : other;
}

/* Memory that the device sees from the start. */
static inline struct pmem_region *vfio_memory(struct edu *edu, uint64_t size)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .device = edu->device };
	struct pmem_region *region = NULL;

	return pmem_region_alloc(edu->dma.ctx, size, &opts, &region) ? NULL : region;
}

static inline uint64_t vfio_address(const struct pmem_region *region)
{
	uint64_t bus = PMEM_ADDRESS_NONE;

	return region && pmem_region_bus(region, &bus) == 0 ? bus : PMEM_ADDRESS_NONE;
}

/* The program's own small pages, scattered: touched in an order that is not that of addresses. */
static inline unsigned char *vfio_small_pages(uint64_t size)
{
	uint64_t page = vfio_page(), pages = size / page;
	unsigned char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return NULL;
	madvise(memory, size, MADV_NOHUGEPAGE);
	for (uint64_t step = 0; step < 7; step++)
		for (uint64_t i = step; i < pages; i += 7)
			memory[(pages - 1 - i) * page] = 1;
	return memory;
}

static inline bool vfio_all(const void *memory, int value, uint64_t size)
{
	const volatile unsigned char *bytes = memory;

	for (uint64_t i = 0; i < size; i++)
		if (bytes[i] != value)
			return false;
	return true;
}

/* One number of a file of "name value" lines; -1 if it is not there. */
static inline long long vfio_number(const char *path, const char *name)
{
	char line[200];
	long long value = -1;
	size_t n = strlen(name);
	FILE *f = fopen(path, "re");

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, n) && (line[n] == ' ' || line[n] == ':'))
			value = strtoll(line + n + 1, NULL, 0);
	if (f)
		fclose(f);
	return value;
}

static inline unsigned vfio_entries(const char *folder)
{
	DIR *dir = opendir(folder);
	unsigned n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

static inline unsigned vfio_lines(const char *path)
{
	FILE *f = fopen(path, "re");
	unsigned n = 0;

	for (int c; f && (c = fgetc(f)) != EOF;)
		n += c == '\n';
	if (f)
		fclose(f);
	return n;
}

#endif
