/* SPDX-License-Identifier: MIT */
#include "device/name.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <bsd/string.h>

#include "os/file.h"
#include "os/os.h"
#include "soc/endpoint.h"
#include "soc/soc.h"

#define PCI      "/sys/bus/pci/devices"
#define PLATFORM "/sys/bus/platform/devices"
#define UIO      "/sys/class/uio"

static bool exists(const struct pmem_ctx *ctx, const char *folder)
{
	char path[PATH_MAX];
	struct os_stat st;

	return file_path(path, ctx->root, folder) == 0 && os->stat(path, &st) == 0;
}

/* Is folder/name there? Then it is the answer. */
static bool is(const struct pmem_ctx *ctx, enum device_bus bus, const char *folder, const char *name,
	struct device_name *out)
{
	out->bus = bus;
	if (strchr(name, '/') ||
		strlcpy(out->name, name, sizeof(out->name)) >= sizeof(out->name) ||
		(size_t)snprintf(out->folder, sizeof(out->folder), "%s/%s", folder, name) >=
			sizeof(out->folder))
		return false;
	return exists(ctx, out->folder);
}

static int last_part(const char *path, char *out, size_t size)
{
	const char *slash = strrchr(path, '/');

	return strlcpy(out, slash ? slash + 1 : path, size) < size ? 0 : -ENAMETOOLONG;
}

int name_link(const struct pmem_ctx *ctx, const struct device_name *name, const char *link, char *out,
	size_t size)
{
	char below[256], path[PATH_MAX], target[PATH_MAX];
	ssize_t n;

	if ((size_t)snprintf(below, sizeof(below), "%s/%s", name->folder, link) >= sizeof(below) ||
		file_path(path, ctx->root, below) < 0)
		return -ENAMETOOLONG;
	n = os->readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return (int)n;
	target[n] = '\0';
	return last_part(target, out, size);
}

struct first {
	char *out;
	size_t size;
};

static int take_first(void *user, const char *name)
{
	struct first *first = user;

	
	return strlcpy(first->out, name, first->size) < first->size ? 1 : 0;
}

int name_first_in(const struct pmem_ctx *ctx, const struct device_name *name, const char *below,
	char *out, size_t size)
{
	char folder[256], path[PATH_MAX];
	struct first first = { out, size };
	int r;

	if ((size_t)snprintf(folder, sizeof(folder), "%s/%s", name->folder, below) >= sizeof(folder) ||
		file_path(path, ctx->root, folder) < 0)
		return -ENAMETOOLONG;
	r = os->list(path, take_first, &first);
	return r == 1 ? 0 : r == 0 ? -ENOENT : r;
}

struct by_node {
	const struct pmem_ctx *ctx;
	const char *node;
	struct device_name *out;
};

/* Does the device's link of_node end with the path of the node? */
static int belongs(void *user, const char *device)
{
	struct by_node *by = user;
	char path[PATH_MAX], below[320], target[PATH_MAX];
	size_t n = strlen(by->node), length;
	ssize_t r;

	if ((size_t)snprintf(below, sizeof(below), PLATFORM "/%s/of_node", device) >= sizeof(below) ||
		file_path(path, by->ctx->root, below) < 0)
		return 0;
	r = os->readlink(path, target, sizeof(target) - 1);
	if (r <= 0)
		return 0;
	target[r] = '\0';
	length = (size_t)r;
	if (length < n || strcmp(target + length - n, by->node) != 0)
		return 0;
	return is(by->ctx, DEVICE_PLATFORM, PLATFORM, device, by->out) ? 1 : 0;
}

static int find_node(struct pmem_ctx *ctx, const char *text, struct device_name *out)
{
	char node[SOC_PATH_MAX], path[PATH_MAX];
	struct by_node by = { ctx, node, out };
	int r = soc_node_path(ctx, text, 0, node);

	if (r == -ENODEV || r == -ENOENT)
		return error_set(ENOENT, PMEM_CAUSE_NO_DEVICE, "device open", PLATFORM,
			"lspci -D lists those of PCI, ls " PLATFORM " the others; a node of the device "
			"tree has one if a driver of the kernel can be bound to it",
			"there is no device called %s", text);
	if (r < 0)
		return r;
	r = file_path(path, ctx->root, PLATFORM);
	if (r == 0)
		r = os->list(path, belongs, &by);
	if (r == 1)
		return 0;
	if (r < 0 && r != -ENOENT)
		return error_set(-r, r == -ENOMEM ? PMEM_CAUSE_NO_MEMORY : PMEM_CAUSE_SYSTEM, "device open", PLATFORM,
			NULL, "the devices of the platform cannot be listed");
	return error_set(ENOENT, PMEM_CAUSE_NO_DEVICE, "device open", node,
		"its status may not be okay, or it is not on a bus of the platform",
		"the node has no platform device");
}

/* "pci:", or nothing, then an address of PCI: as the kernel writes it. */
static bool is_pci(const char *text, char out[32])
{
	char folder[64];

	return endpoint_folder(endpoint_named(text) ? text + strlen(ENDPOINT_PREFIX) : text, folder) &&
		strlcpy(out, strrchr(folder, '/') + 1, 32) < 32;
}

int name_find(struct pmem_ctx *ctx, const char *text, struct device_name *out)
{
	char address[32];

	if (is_pci(text, address)) {
		if (is(ctx, DEVICE_PCI, PCI, address, out))
			return 0;
		return error_set(ENOENT, PMEM_CAUSE_NO_DEVICE, "device open", out->folder,
			"lspci -D lists them", "there is no PCI device %s", address);
	}
	if (strncmp(text, "/dev/uio", 8) == 0 && is(ctx, DEVICE_UIO, UIO, text + 5, out))
		return 0;
	if (is(ctx, DEVICE_PLATFORM, PLATFORM, text, out))
		return 0;
	if (!*text || endpoint_named(text) || strncmp(text, "/dev/", 5) == 0)
		return error_set(*text ? ENOENT : EINVAL,
			*text ? PMEM_CAUSE_NO_DEVICE : PMEM_CAUSE_NOT_FOUND, "device open", *text ? text : NULL,
			"0000:00:04.0 is a name of PCI, fe204000.spi one of a platform device, "
			"/dev/uio0 one of uio", "there is no device called \"%s\"", text);
	return find_node(ctx, text, out);
}
