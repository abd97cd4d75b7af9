/* SPDX-License-Identifier: MIT */
#include "soc/endpoint.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <bsd/string.h>

#include "base/errno_name.h"
#include "base/error.h"
#include "os/file.h"

#define DEVICES "/sys/bus/pci/devices"

bool endpoint_named(const char *name)
{
	return strncmp(name, ENDPOINT_PREFIX, sizeof(ENDPOINT_PREFIX) - 1) == 0;
}

/* Hexadecimal digits up to a separator; -1 if there are none, or the value is above limit. */
static long number(const char **text, char separator, unsigned long limit)
{
	const char *p = *text;
	unsigned long value = 0;

	for (; isxdigit((unsigned char)*p); p++) {
		value = value * 16 + (unsigned long)(isdigit((unsigned char)*p) ?
			*p - '0' : (*p | 0x20) - 'a' + 10);
		if (value > limit)
			return -1;
	}
	if (p == *text || *p != separator)
		return -1;
	*text = p + (separator != '\0');
	return (long)value;
}

/* As the kernel writes it (pci_setup_device()): the domain may be left out. */
bool endpoint_folder(const char *bdf, char out[64])
{
	const char *colon = strchr(bdf, ':'), *p = bdf;
	long domain = 0, bus, device, function;

	if (colon && strchr(colon + 1, ':'))
		domain = number(&p, ':', 0x7fffffff);
	bus = domain < 0 ? -1 : number(&p, ':', 0xff);
	device = bus < 0 ? -1 : number(&p, '.', 0x1f);
	function = device < 0 ? -1 : number(&p, '\0', 7);
	return function >= 0 && snprintf(out, 64, DEVICES "/%04lx:%02lx:%02lx.%lx", domain, bus,
		device, function) < 64;
}

int endpoint_node_of(const char *root, const char *folder, char node[DT_PATH_MAX])
{
	static const char base[] = "/firmware/devicetree/base";
	char path[PATH_MAX], target[PATH_MAX];
	const char *at;
	int r;

	if (snprintf(path, sizeof(path), "%s/of_node", folder) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	r = file_link(root, path, target);
	if (r < 0)
		return r;
	at = strstr(target, base);
	if (!at)
		return -ENOENT;
	at += sizeof(base) - 1;
	return strlcpy(node, *at ? at : "/", DT_PATH_MAX) < DT_PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* "pci0001:00", the folder of a root bus: what is above it is the host bridge. */
static bool is_root_bus(const char *component)
{
	const char *p = component + 3;

	return strncmp(component, "pci", 3) == 0 && number(&p, ':', 0x7fffffff) >= 0 &&
		number(&p, '\0', 0xff) >= 0;
}

/*
 * The host bridge's folder, from the link of the device: the one above the last root bus. A link
 * says ../../../devices/platform/.../pci0001:00/0001:00:00.0/0001:01:00.0
 */
static bool bridge_folder(const char *target, char out[PATH_MAX])
{
	const char *at = strstr(target, "/devices/");
	char *last;

	if (!at || snprintf(out, PATH_MAX, "/sys%s", at) >= PATH_MAX)
		return false;
	while ((last = strrchr(out, '/')) && last > out) {
		*last = '\0';
		if (is_root_bus(last + 1))
			return true;
	}
	return false;
}

static int find(const struct pmem_ctx *ctx, struct endpoint *out)
{
	char target[PATH_MAX], folder[PATH_MAX];
	int r = file_link(ctx->root, out->device, target);

	if (r < 0)
		return r;
	if (!bridge_folder(target, folder))
		return 0;
	r = endpoint_node_of(ctx->root, folder, out->bridge);
	if (r < 0)
		out->bridge[0] = '\0';
	return r == -ENOENT ? 0 : r;
}

int endpoint_find(const struct pmem_ctx *ctx, const char *operation, const char *name,
	struct endpoint *out)
{
	char path[PATH_MAX], words[ERRNO_NAME_SIZE];
	int r;

	out->bridge[0] = '\0';
	if (!endpoint_folder(name + sizeof(ENDPOINT_PREFIX) - 1, out->device))
		return error_set(EINVAL, PMEM_CAUSE_NOT_FOUND, operation, NULL,
			"write it as lspci -D does: " ENDPOINT_PREFIX "0000:00:04.0",
			"%s is no address of a PCI device", name);
	r = find(ctx, out);
	if (r == 0)
		return 0;
	file_path(path, ctx->root, out->device);
	if (r == -ENOENT)
		return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, operation, path,
			"lspci -D lists them", "there is no such PCI device");
	return error_set(-r, PMEM_CAUSE_SYSTEM, operation, path, NULL,
		"where the device is cannot be read: %s", errno_words(-r, words));
}
