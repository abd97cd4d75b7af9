/* SPDX-License-Identifier: MIT */
/* What devices there are, who has them, and whether this program could have them. Nothing is opened. */
#include "devices.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GROUPS "/sys/kernel/iommu_groups/"

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

void each_name(const char *folder, name_fn *fn, void *user)
{
	struct dirent **names;
	char full[4096];
	int count;

	if (!root_path(full, sizeof(full), folder))
		return;
	count = scandir(full, &names, visible, versionsort);
	if (count < 0) {
		unread(folder);
		return;
	}
	for (int i = 0; i < count; i++) {
		fn(user, folder, names[i]->d_name);
		free(names[i]);
	}
	free(names);
}

static bool is_there(const char *path)
{
	struct stat st;
	char full[4096];

	if (!root_path(full, sizeof(full), path))
		return false;
	if (stat(full, &st) == 0)
		return true;
	unread(path);
	return false;
}

static bool try_name(const char *bus, const char *name, struct device *out)
{
	if (!*name || strchr(name, '/') || name[0] == '.' || strlen(name) >= sizeof(out->name))
		return false;
	(void)snprintf(out->bus, sizeof(out->bus), "%s", bus);
	(void)snprintf(out->name, sizeof(out->name), "%s", name);
	(void)snprintf(out->folder, sizeof(out->folder), "/sys/bus/%s/devices/%s", bus, name);
	return is_there(out->folder);
}

bool device_find(const char *text, struct device *out)
{
	char with_domain[128];

	if (!strncmp(text, "pci:", 4))
		text += 4;
	(void)snprintf(with_domain, sizeof(with_domain), "0000:%.100s", text);
	return try_name("pci", text, out) || try_name("pci", with_domain, out) ||
		try_name("platform", text, out);
}

bool device_link(const struct device *device, const char *name, char *out, size_t size)
{
	char path[512], full[4096], target[4096];
	const char *last;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "%s/%s", device->folder, name);
	if (!root_path(full, sizeof(full), path))
		return false;
	n = readlink(full, target, sizeof(target) - 1);
	if (n < 0) {
		unread(path);
		return false;
	}
	target[n] = '\0';
	last = strrchr(target, '/');
	return (size_t)snprintf(out, size, "%s", last ? last + 1 : target) < size;
}

bool for_programs(const char *driver)
{
	static const char *const names[] = { "vfio-pci", "vfio-platform", "vfio-amba", "uio_pci_generic",
		"uio_pdrv_genirq", "igb_uio", "pci-stub" };
	const char *vfio = strstr(driver, "vfio");

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(driver, names[i]))
			return true;
	/* Those for one kind of device: mlx5_vfio_pci, nvgrace_gpu_vfio_pci. */
	return vfio && (!strcmp(vfio, "vfio_pci") || !strcmp(vfio, "vfio-pci"));
}

static void set_file(json_object *facts, const char *key, const struct device *device, const char *name)
{
	char path[512], text[64];

	(void)snprintf(path, sizeof(path), "%s/%s", device->folder, name);
	json_set(facts, key, root_line(path, text, sizeof(text)) ? json_text(text) : NULL);
}

/* "1234:11e8" */
static void set_id(json_object *facts, const struct device *device)
{
	char path[512], text[16];
	uint64_t vendor, number;
	bool known;

	(void)snprintf(path, sizeof(path), "%s/vendor", device->folder);
	known = root_number(path, &vendor);
	(void)snprintf(path, sizeof(path), "%s/device", device->folder);
	known = known && root_number(path, &number);
	if (known)
		(void)snprintf(text, sizeof(text), "%04x:%04x", (unsigned)(vendor & 0xffff),
			(unsigned)(number & 0xffff));
	json_set(facts, "id", known ? json_text(text) : NULL);
}

/* --- its group ----------------------------------------------------------------------------- */

struct group {
	const struct device *device;
	json_object *neighbours;
};

static void add_neighbour(void *user, const char *folder, const char *name)
{
	struct group *group = user;
	struct device other = { .bus = "" };
	json_object *one;
	char driver[128];

	if (!strcmp(name, group->device->name))
		return;
	(void)snprintf(other.folder, sizeof(other.folder), "%.100s/%.150s", folder, name);
	one = json_new();
	json_set_text(one, "name", name);
	json_set(one, "driver", device_link(&other, "driver", driver, sizeof(driver)) ? json_text(driver) : NULL);
	json_add(group->neighbours, one);
}

static void set_group(json_object *facts, const struct device *device)
{
	struct group group = { .device = device, .neighbours = json_list() };
	char number[32], path[128], type[64];
	uint64_t value;
	bool known = device_link(device, "iommu_group", number, sizeof(number)) &&
		parse_number(number, &value);

	json_set(facts, "group", known ? json_number(value) : NULL);
	json_set(facts, "neighbours", group.neighbours);
	if (!known) {
		json_set(facts, "group_type", NULL);
		return;
	}
	(void)snprintf(path, sizeof(path), GROUPS "%s/type", number);
	json_set(facts, "group_type", root_line(path, type, sizeof(type)) ? json_text(type) : NULL);
	(void)snprintf(path, sizeof(path), GROUPS "%s/devices", number);
	each_name(path, add_neighbour, &group);
}

/* Drivers that do no DMA of their own: drivers/iommu/iommu.c, driver_managed_dma. */
static bool harmless(const char *driver)
{
	return strstr(driver, "vfio") || !strcmp(driver, "pcieport") || !strcmp(driver, "pci-stub");
}

json_object *device_in_the_way(json_object *facts)
{
	json_object *list = json_list(), *all = member(facts, "neighbours");

	for (size_t i = 0; i < json_object_array_length(all); i++) {
		json_object *one = json_object_array_get_idx(all, i);
		const char *driver = text_of(one, "driver");
		char text[300];

		if (!*driver || harmless(driver))
			continue;
		(void)snprintf(text, sizeof(text), "%.128s (%.128s)", text_of(one, "name"), driver);
		json_add(list, json_text(text));
	}
	return list;
}

/* --- could this program open it? -------------------------------------------------------------- */

static void first_name(void *user, const char *folder, const char *name)
{
	char *out = user;

	(void)folder;
	if (!*out)
		(void)snprintf(out, 64, "%.63s", name);
}

static bool may_open(const char *path)
{
	char full[4096];

	return root_path(full, sizeof(full), path) && faccessat(AT_FDCWD, full, R_OK | W_OK, AT_EACCESS) == 0;
}

static void set_reason(json_object *facts, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void set_reason(json_object *facts, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	json_set_text(facts, "reason", text);
}

/* "/dev/vfio/2 is root:root 0600", or that it is not there. */
static void set_refused(json_object *facts, const char *path)
{
	const struct passwd *user;
	char full[4096];
	struct stat st;

	if (!root_path(full, sizeof(full), path) || stat(full, &st) < 0) {
		set_reason(facts, "%s: %s", path, strerror(errno));
		return;
	}
	user = getpwuid(st.st_uid);
	set_reason(facts, "%s belongs to %s, mode %04o", path, user ? user->pw_name : "somebody",
		(unsigned)(st.st_mode & 07777));
}

static void set_way(json_object *facts, const char *way)
{
	bool safe = !strcmp(way, "iommufd") || !strcmp(way, "vfio");

	json_set_text(facts, "way", way);
	json_set_bool(facts, "protected", safe);
}

/* A node and the one that goes with it. */
static bool set_open(json_object *facts, const char *way, const char *node, const char *other)
{
	json_set_text(facts, "node", node);
	if (may_open(node) && may_open(other)) {
		set_way(facts, way);
		json_set(facts, "reason", NULL);
		return true;
	}
	set_refused(facts, may_open(node) ? other : node);
	return false;
}

static void try_vfio(json_object *facts, const struct device *device)
{
	json_object *others = device_in_the_way(facts);
	char path[512], node[128], name[64] = "";
	bool none, done = false;

	if (json_object_array_length(others)) {
		set_reason(facts, "a driver of the kernel has its neighbour %s", joined(others));
		done = true;
	}
	json_object_put(others);
	(void)snprintf(path, sizeof(path), "%s/vfio-dev", device->folder);
	each_name(path, first_name, name);
	if (*name && !done) {
		(void)snprintf(node, sizeof(node), "/dev/vfio/devices/%s", name);
		done = set_open(facts, strncmp(name, "noiommu-", 8) ? "iommufd" : "noiommu", node,
			"/dev/iommu");
	}
	if (!member(facts, "group")) {
		if (!*name)
			set_reason(facts, "it is in no IOMMU group");
		return;
	}
	/* Such a group has no domain: its type is unknown. */
	none = !strcmp(text_of(facts, "group_type"), "unknown");
	(void)snprintf(node, sizeof(node), "/dev/vfio/%s%llu", none ? "noiommu-" : "",
		(unsigned long long)number_of(facts, "group"));
	if (!*name || (!done && is_there(node))) {
		if (done)
			json_set_text(facts, "node", node);
		else
			(void)set_open(facts, none ? "noiommu" : "vfio", node, "/dev/vfio/vfio");
	}
}

static void try_uio(json_object *facts, const struct device *device)
{
	char path[512], node[128], name[64] = "";

	(void)snprintf(path, sizeof(path), "%s/uio", device->folder);
	each_name(path, first_name, name);
	if (!*name) {
		set_reason(facts, "its driver made no /dev/uio");
		return;
	}
	(void)snprintf(node, sizeof(node), "/dev/%s", name);
	(void)set_open(facts, "uio", node, node);
}

static void try_sysfs(json_object *facts, const struct device *device)
{
	char path[512];

	set_reason(facts, "it has no driver");
	for (unsigned i = 0; i < 6; i++) {
		(void)snprintf(path, sizeof(path), "%s/resource%u", device->folder, i);
		if (may_open(path)) {
			set_way(facts, "sysfs");
			json_set_text(facts, "node", path);
			json_set(facts, "reason", NULL);
			return;
		}
	}
}

json_object *facts_device(const struct device *device)
{
	json_object *facts = json_new();
	char driver[128] = "";
	bool bound = device_link(device, "driver", driver, sizeof(driver));

	json_set_text(facts, "name", device->name);
	json_set_text(facts, "bus", device->bus);
	set_id(facts, device);
	set_file(facts, "class", device, "class");
	json_set(facts, "driver", bound ? json_text(driver) : NULL);
	set_group(facts, device);
	json_set(facts, "node", NULL);
	json_set(facts, "way", NULL);
	json_set_bool(facts, "protected", false);
	json_set(facts, "reason", NULL);
	if (!bound)
		try_sysfs(facts, device);
	else if (strstr(driver, "vfio"))
		try_vfio(facts, device);
	else if (strstr(driver, "uio") && for_programs(driver))
		try_uio(facts, device);
	else
		set_reason(facts, "the driver %s has it", driver);
	return facts;
}

/* --- all ----------------------------------------------------------------------------------- */

struct every {
	json_object *list;
	const char *bus;
	bool all;
};

static void add_device(void *user, const char *folder, const char *name)
{
	struct every *every = user;
	struct device device;
	json_object *facts;

	(void)folder;
	if (!try_name(every->bus, name, &device))
		return;
	facts = facts_device(&device);
	/* A board has hundreds. */
	if (!every->all && !strcmp(every->bus, "platform") && !member(facts, "group") &&
		!*text_of(facts, "way")) {
		json_object_put(facts);
		return;
	}
	json_add(every->list, facts);
}

json_object *facts_devices(bool all)
{
	struct every every = { .list = json_list(), .bus = "pci", .all = all };

	each_name("/sys/bus/pci/devices", add_device, &every);
	every.bus = "platform";
	each_name("/sys/bus/platform/devices", add_device, &every);
	return every.list;
}
