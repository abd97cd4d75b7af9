/* SPDX-License-Identifier: MIT */
#include "access.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#include "error.h"
#include "file.h"
#include "os.h"
#include "probe.h"

static const char *wanted(int flags)
{
	return (flags & O_ACCMODE) == O_RDONLY ? "reading" : "reading and writing";
}

static int refused_by_mode(const char *path, const struct access_device *device, int flags)
{
	struct os_stat st;

	if (os->stat(path, &st) < 0)
		return error_set(EACCES, PMEM_CAUSE_FILE_MODE, "open", path, device->mode,
			"a directory above it, or a security module, forbids %s", wanted(flags));
	return error_set(EACCES, PMEM_CAUSE_FILE_MODE, "open", path, device->mode,
		"its mode %04o (owner %u, group %u) forbids %s to this program", st.mode & 07777,
		st.uid, st.gid, wanted(flags));
}

/*
 * open() gave EPERM, which has four causes. The order is the kernel's: the capability is asked
 * for first, lockdown next (drivers/char/mem.c open_port); a container's rules stand before both
 * but are told apart only by everything else being in order.
 */
static int refused_by_kernel(struct pmem_ctx *ctx, const char *path,
	const struct access_device *device)
{
	char hint[256];

	if (device->capability >= 0 && os->capable((unsigned)device->capability) != 1) {
		snprintf(hint, sizeof(hint),
			"setcap %s+ep PROGRAM, AmbientCapabilities= of its systemd service, or "
			"--cap-add of its container",
			device->capability_name);
		return error_set(EPERM, PMEM_CAUSE_CAPABILITY, "open", path, hint,
			"this program does not have %s", device->capability_name);
	}
	if (device->lockdown && probe_lockdown(ctx->root) > PROBE_LOCKDOWN_NONE)
		return error_set(EPERM, PMEM_CAUSE_LOCKDOWN, "open", path,
			"lockdown is set by Secure Boot or lockdown= on the kernel command line: "
			"boot without it, or use a device that lockdown allows",
			"kernel lockdown forbids it to everybody");
	if (device->capability >= 0 && probe_user_namespace(ctx->root) == 1)
		return error_set(EPERM, PMEM_CAUSE_CAPABILITY, "open", path,
			"start it outside the container, or in one without a user namespace",
			"%s is held only inside a user namespace, where it opens no device",
			device->capability_name);
	return error_set(EPERM, PMEM_CAUSE_SYSTEM, "open", path,
		"allow the device: --device of the container, DeviceAllow= of the systemd service",
		"the device rules of a container or service, or a security module, refuse it");
}

int access_open(struct pmem_ctx *ctx, const struct access_device *device, int flags)
{
	char path[PATH_MAX];
	int fd = file_path(path, ctx->root, device->path);

	if (fd == 0)
		fd = os->open(path, flags, 0);
	switch (fd) {
	case -ENOENT:
	case -ENXIO: /* a node without a driver behind it */
	case -ENODEV:
		return error_set(ENOENT, PMEM_CAUSE_NO_DEVICE, "open", path, device->absent,
			fd == -ENOENT ? "there is no such device" :
					"the node is there, but no driver answers");
	case -EACCES:
		return refused_by_mode(path, device, flags);
	case -EPERM:
		return refused_by_kernel(ctx, path, device);
	default:
		if (fd < 0)
			return error_set(-fd, PMEM_CAUSE_SYSTEM, "open", path, NULL,
				"the system call failed");
		return fd;
	}
}
