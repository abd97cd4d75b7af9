/* SPDX-License-Identifier: MIT */
/* What the files of the played VFIO share. */
#ifndef TEST_FAKE_VFIO_INSIDE_H
#define TEST_FAKE_VFIO_INSIDE_H

#include "fake_vfio.h"
#include "state.h"

#define VFIO_DEVICES 6
#define VFIO_GROUPS  6
#define VFIO_WINDOWS 8
#define VFIO_SPACES  8
#define VFIO_MEMORY  (16u << 20) /* of all BARs of a device together */

/* struct vfio_info_cap_header, and of those that are an array its length */
struct capability {
	uint16_t id, version;
	uint32_t next, count, pad;
};

/* An address space: of a container, or an IOAS. */
struct space_map {
	uint64_t iova, size;
	uintptr_t pointer;
	int file;          /* a duplicate that is not counted; -1: pointer counts */
	uint64_t start;    /* in the file */
	bool reads, writes; /* the device may */
};

struct space {
	uint32_t id;       /* of an IOAS; 0: a container's, or free */
	bool live, user;   /* user: charged to the user, not to the process */
	struct space_map *maps;
	size_t count, room;
	struct vfio_range allowed[VFIO_WINDOWS]; /* where an IOAS places by itself; none: anywhere */
	size_t allowed_count;
};

enum file_kind { FILE_CONTAINER = 1, FILE_GROUP, FILE_DEVICE, FILE_CDEV, FILE_IOMMUFD, FILE_BAR };

/* An open file: descriptors, maps and other files keep it. */
struct file {
	enum file_kind kind;
	unsigned refs;
	struct vfio_device *device;
	struct group *group;
	struct file *keeps;       /* a device keeps its group's file, a group its container, a cdev its iommufd */
	unsigned type;            /* of a container: SET_IOMMU */
	unsigned groups;          /* in a container */
	struct space *space;      /* of a container */
	struct space spaces[VFIO_SPACES]; /* of an iommufd */
	uint32_t next_id;
};

struct group {
	unsigned number;
	bool used;
	struct file *file;        /* that has it open */
	struct file *container;
	unsigned cdevs;           /* bound by cdev */
	char node[32];
	struct fake_device fake;
	struct vfio_range windows[VFIO_WINDOWS];
	size_t window_count;
};

extern unsigned vfio_what;
extern struct vfio_device vfio_devices[VFIO_DEVICES];
extern struct group vfio_groups[VFIO_GROUPS];

extern size_t vfio_device_count;

/* files */
void files_begin(void);
void files_end(void);
int container_opened(void *user, int fd);
int iommufd_opened(void *user, int fd);
int group_opened(void *user, int fd);
int cdev_opened(void *user, int fd);
struct file *file_at(int fd);                      /* NULL: not one of ours */
struct file *file_new(enum file_kind kind);
int file_give(struct file *file, const struct fake_device *device); /* a new descriptor of it */
void file_note(int fd, struct file *file);
void file_put(struct file *file);
void file_closed(void *user, int fd);
void file_duplicated(void *user, int from, int to);

/* groups */
struct group *group_of(const struct vfio_device *device);
bool group_viable(const struct group *group);
bool may(unsigned capability);
void leave_container(struct group *group);

/* address spaces; flags of the device: reads, writes */
void space_begin(struct space *space, bool user);
void space_end(struct space *space);
bool space_overlaps(const struct space *space, uint64_t iova, uint64_t size);
/* 0, -EFAULT, -ENOMEM (memlock) */
int space_map(struct space *space, const struct space_map *map, bool registers);
/* Of the maps inside [first, last]: all of them. Bytes. */
uint64_t space_unmap(struct space *space, uint64_t first, uint64_t last);
/* A map that reaches into the range from outside of it? */
bool space_cuts(const struct space *space, uint64_t first, uint64_t last);
/* The windows of the groups that use the space; whole: there is none. */
size_t space_windows(const struct space *space, struct vfio_range windows[VFIO_WINDOWS]);
bool space_inside(const struct space *space, uint64_t first, uint64_t last);
/* Does a map lie outside of the windows that a group has? */
bool space_conflicts(const struct space *space, const struct group *group);
/* The space that a device is in, or NULL. */
struct space *space_of(const struct vfio_device *device);

/* ioctls */
int container_ioctl(void *user, int fd, unsigned long request, void *arg);
int group_ioctl(void *user, int fd, unsigned long request, void *arg);
int device_ioctl(void *user, int fd, unsigned long request, void *arg);
int iommufd_ioctl(void *user, int fd, unsigned long request, void *arg);
extern const struct fake_device device_fake; /* the calls of any device */
const struct fake_device *device_calls(const struct vfio_device *device);
void device_first(struct vfio_device *device); /* opened by the first; closed by the last */
void device_last(struct vfio_device *device);

#endif
