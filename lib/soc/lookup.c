/* SPDX-License-Identifier: MIT */
#include "soc/lookup.h"

#include <errno.h>
#include <string.h>

#include <bsd/string.h>

#include "base/errno_name.h"
#include "base/error.h"
#include "dt/find.h"

#define HINT_HIDDEN "a container hides /sys/firmware: start it with " \
	"--security-opt systempaths=unconfined (Docker) or unmask=/sys/firmware (Podman)"
#define HINT_NO_TREE "this machine is described by ACPI or not at all; give the address itself"

int lookup_tree(const struct pmem_ctx *ctx, const char *operation, const struct dt **dt)
{
	int r;
	const struct soc *soc = identify(ctx, &r);

	if (!soc)
		return lookup_error(NULL, operation, "/proc/device-tree", r, NULL);
	if (!soc->has_tree)
		return error_set(ENODEV, PMEM_CAUSE_DEVICE_TREE, operation, soc->dt.base,
			soc->hidden ? HINT_HIDDEN : HINT_NO_TREE, "%s",
			soc->hidden ? "the device tree is hidden from this process" :
			"this machine has no device tree");
	*dt = &soc->dt;
	return 0;
}

int lookup_node(const struct pmem_ctx *ctx, const char *operation, const char *node,
	const struct dt **dt, char *path)
{
	int r = lookup_tree(ctx, operation, dt);

	if (r < 0)
		return r;
	r = find_node(*dt, node, 0, path);
	return r < 0 ? lookup_error(*dt, operation, node, r, NULL) : 0;
}

/* The file system's name of a node, cut to what an error holds. */
static void name(char out[PATH_MAX], const struct dt *dt, const char *node)
{
	strlcpy(out, dt && node[0] == '/' ? dt->base : "", PATH_MAX);
	strlcat(out, dt && strcmp(node, "/") == 0 ? "" : node, PATH_MAX);
}

int lookup_error(const struct dt *dt, const char *operation, const char *node, int r,
	const struct translate_why *why)
{
	char path[PATH_MAX], buffer[ERRNO_NAME_SIZE], target[DT_PATH_MAX];

	name(path, dt, why && why->text ? why->node : node);
	switch (-r) {
	case ENOENT:
		if (dt && find_link(dt, node, target))
			return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, operation, path,
				"the tree was put together wrongly: an overlay that is missing, perhaps",
				"%s leads to %s, and the device tree has no such node", node,
				target);
		return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, operation, path,
			"name it by path, alias, \"&label\" or compatible string",
			"the device tree has no such node");
	case ENXIO:
		return error_set(ENXIO, PMEM_CAUSE_DEVICE_TREE, operation, path, NULL, "%s: %s",
			node, why && why->text ? why->text : "the address cannot be translated");
	case ELOOP:
		return error_set(ENXIO, PMEM_CAUSE_DEVICE_TREE, operation, path, NULL,
			"the tree holds a link, a circle or something that is no plain file");
	case EFBIG:
	case ENAMETOOLONG:
		return error_set(ENXIO, PMEM_CAUSE_DEVICE_TREE, operation, path, NULL,
			"a property or path is longer than any in a device tree");
	case E2BIG:
		return error_set(ENXIO, PMEM_CAUSE_DEVICE_TREE, operation, path, NULL,
			"a node has more nodes below it than any in a device tree");
	case ENOMEM:
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, operation, path, NULL,
			"no memory to read the device tree");
	case EACCES:
	case EPERM:
		return error_set(-r, PMEM_CAUSE_FILE_MODE, operation, path, NULL,
			"the file may not be read");
	default:
		return error_set(-r, PMEM_CAUSE_SYSTEM, operation, path, NULL, "cannot be read: %s",
			errno_words(-r, buffer));
	}
}

/*
 * A PCI function's "reg" begins with its configuration space, which has no address of its own, and
 * "assigned-addresses" is often left out (IEEE 1275 PCI bus binding, section 4.1.1).
 */
static bool is_pci_function(const struct dt *dt, const char *node)
{
	char parent[DT_PATH_MAX];

	strlcpy(parent, node, sizeof(parent));
	return dt_parent(parent) && translate_is_pci(dt, parent) == 1 && dt_has(dt, node, "reg") == 1;
}

int lookup_no_entry(const struct dt *dt, const char *node, unsigned index)
{
	char path[PATH_MAX];

	name(path, dt, node);
	if (is_pci_function(dt, node))
		return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, "node address", path,
			"it is mapped by its place on the bus: pmem_region_map_pci(), or lspci and "
			"then physmem read pci:DOMAIN:BUS:DEVICE.FUNCTION/BAR",
			"its reg names a PCI function; the tree does not say where BAR entry %u is",
			index);
	return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, "node address", path, NULL,
		"the node has no register entry %u", index);
}

int lookup_no_property(const struct dt *dt, const char *node, const char *property, int r)
{
	char path[PATH_MAX];

	if (r != -ENOENT)
		return lookup_error(dt, "node property", node, r, NULL);
	name(path, dt, node);
	return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, "node property", path, NULL,
		"the node has no property \"%s\"", property);
}

int lookup_no_gpio(const struct dt *dt)
{
	return error_set(ENODEV, PMEM_CAUSE_DEVICE_TREE, "find GPIO", dt->base,
		"name the controller's node, or give its address",
		"no available node is a GPIO controller with registers");
}
