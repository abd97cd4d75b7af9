/* SPDX-License-Identifier: MIT */
/* What a machine would lose with a device: a disk that is in use, the way to the network. */
#include "devices.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct use {
	char below[PATH_MAX]; /* the device's real folder, and a stroke */
	json_object *found;
	unsigned depth;
};

static void found(struct use *use, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void found(struct use *use, const char *format, ...)
{
	char text[300];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	for (size_t i = 0; i < json_object_array_length(use->found); i++) /* two routes, one way */
		if (!strcmp(json_object_get_string(json_object_array_get_idx(use->found, i)), text))
			return;
	json_add(use->found, json_text(text));
}

/* Where a path below /sys really is, below the root too. */
static bool real(const char *path, char out[PATH_MAX])
{
	char full[4096];

	if (!root_path(full, sizeof(full), path))
		return false;
	if (realpath(full, out))
		return true;
	unread(path);
	return false;
}

static bool is_below(const struct use *use, const char *path)
{
	char where[PATH_MAX];

	return real(path, where) && !strncmp(where, use->below, strlen(use->below));
}

/* Calls fn for each line of a file of the kernel; true stops. */
static bool any_line(const char *path, bool (*fn)(char *text, void *user), void *user)
{
	char text[8192];
	bool stop = false;
	FILE *file = root_open(path);

	while (file && !stop && fgets(text, sizeof(text), file))
		stop = fn(text, user);
	(void)root_close(file, path);
	return stop;
}

/* --- disks --------------------------------------------------------------------------------- */

struct disk {
	const char *name;
	char number[32]; /* "8:1" */
	char where[160]; /* out: where it is mounted */
};

/* "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw": proc_pid_mountinfo(5) */
static bool is_mount(char *text, void *user)
{
	struct disk *disk = user;
	char number[32], point[128], *rest = strstr(text, " - "), source[128] = "";

	if (sscanf(text, "%*s %*s %31s %*s %127s", number, point) != 2)
		return false;
	if (rest)
		(void)sscanf(rest, " - %*s %127s", source);
	/* btrfs has numbers of its own, but names the device. */
	if (strcmp(number, disk->number) != 0 &&
		(strncmp(source, "/dev/", 5) != 0 || strcmp(source + 5, disk->name) != 0))
		return false;
	(void)snprintf(disk->where, sizeof(disk->where), "%s", point);
	return true;
}

static bool is_swap(char *text, void *user)
{
	const struct disk *disk = user;
	char source[128];

	return sscanf(text, "%127s", source) == 1 && !strncmp(source, "/dev/", 5) &&
		!strcmp(source + 5, disk->name);
}

static void hold(void *user, const char *folder, const char *name)
{
	char *out = user;

	(void)folder;
	if (!*out)
		(void)snprintf(out, 64, "%.63s", name);
}

struct pool {
	const char *disk;
	bool is_in;
};

/* Mounted file systems of btrfs name all their devices. */
static void in_btrfs(void *user, const char *folder, const char *name)
{
	struct pool *pool = user;
	char path[512], where[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s/devices/%s", folder, name, pool->disk);
	pool->is_in |= real(path, where);
}

/* Whoever has it for himself: mounts of other namespaces, ZFS, programs. */
static bool is_taken(const char *name)
{
	char path[300], full[4096];
	int fd;

	(void)snprintf(path, sizeof(path), "/dev/%s", name);
	if (!root_path(full, sizeof(full), path))
		return false;
	fd = open(full, O_RDONLY | O_EXCL | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0)
		(void)close(fd);
	if (fd >= 0 || errno == EBUSY)
		return fd < 0;
	if (errno != ENOMEDIUM)
		unread(path);
	return false;
}

static void look_at_disk(struct use *use, const char *folder, const char *name)
{
	struct disk disk = { .name = name };
	struct pool pool = { .disk = name };
	char path[512], holder[64] = "";

	(void)snprintf(path, sizeof(path), "%s/%s/dev", folder, name);
	if (!root_line(path, disk.number, sizeof(disk.number)))
		disk.number[0] = '\0';
	if (any_line("/proc/self/mountinfo", is_mount, &disk)) {
		found(use, "/dev/%s is mounted on %s", name, disk.where);
		return;
	}
	if (any_line("/proc/swaps", is_swap, &disk)) {
		found(use, "/dev/%s is swap", name);
		return;
	}
	(void)snprintf(path, sizeof(path), "%s/%s/holders", folder, name);
	each_name(path, hold, holder);
	each_name("/sys/fs/btrfs", in_btrfs, &pool);
	if (*holder)
		found(use, "/dev/%s is part of %s", name, holder);
	else if (pool.is_in)
		found(use, "/dev/%s is part of a btrfs that is mounted", name);
	else if (is_taken(name))
		found(use, "/dev/%s is in use", name);
}

struct subsystem {
	const struct use *use;
	bool reached;
};

static void is_controller(void *user, const char *folder, const char *name)
{
	struct subsystem *subsystem = user;
	char path[PATH_MAX];

	if (strncmp(name, "nvme", 4) != 0)
		return;
	(void)snprintf(path, sizeof(path), "/sys/class/nvme/%.64s", name);
	(void)folder;
	subsystem->reached |= is_below(subsystem->use, path);
}

/* An NVMe drive with several ways to it is below none of them: its subsystem names them. */
static bool is_by_subsystem(const struct use *use, const char *path)
{
	struct subsystem subsystem = { .use = use };
	char where[PATH_MAX], *name, *end, folder[PATH_MAX];

	if (!real(path, where))
		return false;
	name = strstr(where, "/nvme-subsystem/");
	if (!name)
		return false;
	name += strlen("/nvme-subsystem/");
	end = strchr(name, '/');
	if (end)
		*end = '\0';
	(void)snprintf(folder, sizeof(folder), "/sys/class/nvme-subsystem/%.64s", name);
	each_name(folder, is_controller, &subsystem);
	return subsystem.reached;
}

static void look_at_block(void *user, const char *folder, const char *name)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (is_below(user, path) || is_by_subsystem(user, path))
		look_at_disk(user, folder, name);
}

/* --- network ------------------------------------------------------------------------------- */

struct lower {
	struct use *use;
	const char *top; /* the interface that the route names */
};

static void look_at_interface(struct use *use, const char *top, const char *name);

static void is_lower(void *user, const char *folder, const char *name)
{
	const struct lower *lower = user;

	(void)folder;
	if (!strncmp(name, "lower_", 6))
		look_at_interface(lower->use, lower->top, name + 6);
}

/* Bridges, bonds and VLANs have the device below them. */
static void look_at_interface(struct use *use, const char *top, const char *name)
{
	struct lower lower = { .use = use, .top = top };
	char path[512];

	if (use->depth == 8 || strchr(name, '/'))
		return;
	(void)snprintf(path, sizeof(path), "/sys/class/net/%.64s", name);
	if (is_below(use, path)) {
		found(use, "the default route goes through %s%s%s%s", top, strcmp(top, name) ? " (" : "",
			strcmp(top, name) ? name : "", strcmp(top, name) ? ")" : "");
		return;
	}
	use->depth++;
	each_name(path, is_lower, &lower);
	use->depth--;
}

/* /proc/net/route: interface, destination, gateway, flags, three numbers, mask */
static bool is_route4(char *text, void *user)
{
	char name[65], destination[16], mask[16];

	if (sscanf(text, "%64s %15s %*s %*s %*s %*s %*s %15s", name, destination, mask) == 3 &&
		!strcmp(destination, "00000000") && !strcmp(mask, "00000000"))
		look_at_interface(user, name, name);
	return false;
}

/* /proc/net/ipv6_route: destination, its bits, seven others, interface */
static bool is_route6(char *text, void *user)
{
	char name[65], destination[40], bits[8];

	if (sscanf(text, "%39s %7s %*s %*s %*s %*s %*s %*s %*s %64s", destination, bits, name) == 3 &&
		!strcmp(bits, "00") && strspn(destination, "0") == 32 && strcmp(name, "lo") != 0)
		look_at_interface(user, name, name);
	return false;
}

json_object *device_in_use(const struct device *device)
{
	struct use use = { .found = json_list() };
	size_t n;

	if (!real(device->folder, use.below))
		return use.found;
	n = strlen(use.below);
	if (n + 2 > sizeof(use.below))
		return use.found;
	memcpy(use.below + n, "/", 2);
	each_name("/sys/class/block", look_at_block, &use);
	(void)any_line("/proc/net/route", is_route4, &use);
	(void)any_line("/proc/net/ipv6_route", is_route6, &use);
	return use.found;
}
