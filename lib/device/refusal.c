/* SPDX-License-Identifier: MIT */
#include "device/refusal.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/errno_name.h"
#include "device/space.h"
#include "os/file.h"
#include "os/inherit.h"
#include "os/os.h"

int refusal_plain(int r, const char *operation, const char *path, const char *message)
{
	char buffer[ERRNO_NAME_SIZE];

	switch (r) {
	case -ENOMEM:
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, operation, path, NULL,
			"%s: the kernel has no memory", message);
	case -EMFILE:
	case -ENFILE:
		return error_set(-r, PMEM_CAUSE_LIMIT, operation, path,
			NULL, "there are too many open files");
	default:
		return error_set(-r, PMEM_CAUSE_SYSTEM, operation, path, NULL, "%s: %s", message,
			errno_words(-r, buffer));
	}
}

int refusal_device(int r, const char *operation, const struct device_name *name)
{
	if (r == -ENODEV || r == -EIO || r == -ENXIO)
		return error_set(ENODEV, PMEM_CAUSE_DEVICE_GONE, operation, name->folder,
			"close it, and open it again when it is back",
			"the device was unplugged or unbound, or does not answer (errno %d)", -r);
	return refusal_plain(r, operation, name->folder, "the kernel refused");
}

int refusal_unless_held(int fd, const char *operation, const struct device_name *name)
{
	if (inherit_holds(fd))
		return 0;
	return error_set(ENODEV, PMEM_CAUSE_DEVICE_GONE, operation, name->folder,
		"close it, and open it again; of closefrom() leave out what the library opens",
		"the program has closed the device's descriptor %d", fd);
}

int refusal_address(const struct space *space, uint64_t length, uint64_t max_addr, int r)
{
	if (r == -ENOMEM)
		return refusal_plain(r, "device attach", NULL, "no memory to note the address");
	if (r != -ENOSPC)
		return error_set(-r, PMEM_CAUSE_ALIGNMENT, "device attach", space->ops->path, NULL,
			"no address can be had for 0x%" PRIx64 " bytes", length);
	return error_set(ERANGE, PMEM_CAUSE_ADDRESS_LIMIT, "device attach", space->ops->path,
		"detach or close what is not needed, or raise max_addr if the device can reach more",
		"no 0x%" PRIx64 " free addresses are left below 0x%" PRIx64
		": 0x%" PRIx64 " bytes are attached, and the largest hole has 0x%" PRIx64,
		length, max_addr, space->iova.bytes, iova_largest(&space->iova, max_addr));
}

/* The number behind a word of a file in /proc; UINT64_MAX: not told, or unlimited. */
static uint64_t figure(struct pmem_ctx *ctx, const char *path, const char *word)
{
	uint64_t value = UINT64_MAX;
	char *text, *at;
	size_t size;

	if (file_read(ctx->root, path, 65536, &text, &size) < 0)
		return value;
	at = strstr(text, word);
	if (!at || sscanf(at + strlen(word), " %" SCNu64, &value) != 1)
		value = UINT64_MAX;
	free(text);
	return value;
}

/* ENOMEM: an account of locked memory, most often. */
static int no_memory(struct pmem_ctx *ctx, const struct space *space, uint64_t length)
{
	const char *word = space->ops->charges_user ? "VmPin:" : "VmLck:";
	uint64_t limit = figure(ctx, "/proc/self/limits", "Max locked memory");
	uint64_t used = figure(ctx, "/proc/self/status", word);

	if (os->capable(CAP_IPC_LOCK) == 1 || limit == UINT64_MAX)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "device attach", space->ops->path,
			"ask for less, or end other programs",
			"the kernel has no memory to attach %" PRIu64 " bytes", length);
	used = used == UINT64_MAX ? 0 : used * 1024;
	if (space->ops->charges_user)
		return error_set(ENOMEM, PMEM_CAUSE_LIMIT, "device attach", space->ops->path,
			"raise RLIMIT_MEMLOCK (ulimit -l; LimitMEMLOCK= of a service, memlock in "
			"limits.conf). All programs of the user count together, and io_uring too",
			"%" PRIu64 " bytes more exceed the %" PRIu64 " that this user may lock "
			"(RLIMIT_MEMLOCK), of which this program alone uses %" PRIu64,
			length, limit, used);
	return error_set(ENOMEM, PMEM_CAUSE_LIMIT, "device attach", space->ops->path,
		"raise RLIMIT_MEMLOCK (ulimit -l; LimitMEMLOCK= of a service, memlock in limits.conf), "
		"or give the program CAP_IPC_LOCK",
		"%" PRIu64 " bytes more exceed the %" PRIu64 " that this process may lock "
		"(RLIMIT_MEMLOCK), of which it uses %" PRIu64,
		length, limit, used);
}

int refusal_map(struct pmem_ctx *ctx, const struct space *space, uint64_t length, int r)
{
	const char *path = space->ops->path;
	char buffer[ERRNO_NAME_SIZE];

	switch (r) {
	case -ENOMEM:
		return no_memory(ctx, space, length);
	case -ENOSPC:
		return error_set(ENOSPC, PMEM_CAUSE_LIMIT, "device attach", path,
			"attach few large regions, or write a larger number to "
			"/sys/module/vfio_iommu_type1/parameters/dma_entry_limit",
			"the kernel keeps no more attachments than there are");
	case -EFAULT:
		return error_set(EFAULT, PMEM_CAUSE_WRONG_KIND, "device attach", path,
			"memory of pmem_region_alloc() can be attached",
			"the kernel cannot pin these %" PRIu64 " bytes: they are not mapped, not "
			"writable, or no ordinary memory",
			length);
	case -EEXIST:
		return error_set(EEXIST, PMEM_CAUSE_BUSY, "device attach", path,
			"leave mapping into it to one of them",
			"somebody else has mapped memory into the address space of this device");
	default:
		return error_set(-r, PMEM_CAUSE_SYSTEM, "device attach", path, NULL,
			"the kernel does not map %" PRIu64 " bytes: %s", length,
			errno_words(-r, buffer));
	}
}

int refusal_unmap(const struct space *space, int r)
{
	char buffer[ERRNO_NAME_SIZE];

	return error_set(-r, PMEM_CAUSE_SYSTEM, "device detach", space->ops ? space->ops->path : NULL,
		"close the device: its memory and address stay taken until then",
		"the kernel did not take the memory away from the device: %s",
		errno_words(-r, buffer));
}

int refusal_not_bound(struct pmem_ctx *ctx, const struct device_name *name, const char *driver)
{
	char hint[384], now[64], unbind[120] = "";
	const char *bus = name->bus == DEVICE_PCI ? "pci" : "platform";

	if (name_link(ctx, name, "driver", now, sizeof(now)) < 0)
		now[0] = '\0';
	else
		snprintf(unbind, sizeof(unbind), "; echo %.30s > %.60s/driver/unbind", name->name, name->folder);
	snprintf(hint, sizeof(hint),
		"physmem device bind %.30s, or as root: echo %.20s > %.60s/driver_override%s; echo %.30s > "
		"/sys/bus/%s/drivers_probe",
		name->name, driver, name->folder, unbind, name->name, bus);
	return error_set(ENOENT, PMEM_CAUSE_NO_DEVICE, "device open", name->folder, hint,
		"%s%s, not %s", now[0] ? "its driver is " : "it has no driver", now, driver);
}

static bool there(struct pmem_ctx *ctx, const char *name)
{
	char path[PATH_MAX];
	struct os_stat st;

	return file_path(path, ctx->root, name) == 0 && os->stat(path, &st) == 0;
}

static int any(void *user, const char *name)
{
	(void)user;
	(void)name;
	return 1;
}

/* Is an IOMMU on at all? Each has an entry there. */
bool refusal_iommu_on(struct pmem_ctx *ctx)
{
	char path[PATH_MAX];

	return file_path(path, ctx->root, "/sys/class/iommu") == 0 && os->list(path, any, NULL) == 1;
}

int refusal_no_iommu(struct pmem_ctx *ctx, const struct device_name *name)
{
	bool intel = there(ctx, "/sys/firmware/acpi/tables/DMAR");
	bool amd = there(ctx, "/sys/firmware/acpi/tables/IVRS");

	if (refusal_iommu_on(ctx))
		return error_set(ENODEV, PMEM_CAUSE_UNSUPPORTED, "device open", name->folder,
			"PMEM_DEVICE_MAY_BE_UNSAFE opens it without protection",
			"no IOMMU of this machine stands before this device");
	if (intel || amd)
		return error_set(ENODEV, PMEM_CAUSE_UNSUPPORTED, "device open", name->folder,
			intel ? "boot with intel_iommu=on on the kernel command line" :
				"boot without amd_iommu=off and iommu=off on the kernel command line",
			"this machine has an IOMMU (%s), and the kernel has it switched off",
			intel ? "VT-d" : "AMD-Vi");
	return error_set(ENODEV, PMEM_CAUSE_UNSUPPORTED, "device open", name->folder,
		"on a PC switch VT-d or AMD-Vi (\"IOMMU\", SVM) on in its firmware; intel_iommu=on for the "
		"kernel; PMEM_DEVICE_MAY_BE_UNSAFE opens it without protection",
		"the kernel shows no IOMMU");
}

struct neighbour {
	struct pmem_ctx *ctx;
	const struct device_name *self;
	const char *folder;
	char text[128];
};

/* Drivers that a group may have beside vfio's: drivers/vfio/group.c, and bridges (pcieport). */
static bool harmless(const char *driver)
{
	return strncmp(driver, "vfio", 4) == 0 || strcmp(driver, "pcieport") == 0 ||
		strcmp(driver, "pci-stub") == 0;
}

static int look_at(void *user, const char *device)
{
	struct neighbour *n = user;
	struct device_name it = { .bus = DEVICE_PCI };
	char driver[64];

	snprintf(it.folder, sizeof(it.folder), "%.120s/%.60s", n->folder, device);
	if (strcmp(device, n->self->name) == 0 || name_link(n->ctx, &it, "driver", driver,
							  sizeof(driver)) < 0 ||
		harmless(driver))
		return 0;
	snprintf(n->text, sizeof(n->text), "%.60s has the driver %.50s", device, driver);
	return 1;
}

static bool find_neighbour(struct neighbour *n, char folder[96], const char *group)
{
	char path[PATH_MAX];

	snprintf(folder, 96, "/sys/kernel/iommu_groups/%.32s/devices", group);
	return file_path(path, n->ctx->root, folder) == 0 && os->list(path, look_at, n) == 1;
}

bool refusal_has_neighbour(struct pmem_ctx *ctx, const struct device_name *name, const char *group)
{
	char folder[96];
	struct neighbour n = { ctx, name, folder, "" };

	return find_neighbour(&n, folder, group);
}

int refusal_not_viable(struct pmem_ctx *ctx, const struct device_name *name, const char *group)
{
	char folder[96];
	struct neighbour n = { ctx, name, folder, "" };

	if (!find_neighbour(&n, folder, group))
		snprintf(n.text, sizeof(n.text), "a device of it has a driver of the kernel");
	return error_set(EPERM, PMEM_CAUSE_NOT_VIABLE, "device open", folder,
		"unbind that driver, or bind the neighbour to vfio-pci too (physmem device bind); devices of "
		"one group see the same memory",
		"the group is not viable: %s", n.text);
}

int refusal_isolation(const char *path, const char *parameter)
{
	char hint[384];

	snprintf(hint, sizeof(hint),
		"boot with interrupt remapping (intremap=on, the firmware's x2APIC, an ITS on Arm); or "
		"write Y to %s: then a device may forge interrupts of others, and so take over the machine",
		parameter);
	return error_set(EPERM, PMEM_CAUSE_NO_ISOLATION, "device open", path, hint,
		"the IOMMU does not isolate interrupts");
}
