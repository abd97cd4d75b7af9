/* SPDX-License-Identifier: MIT */
#include "backend/device.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/error.h"
#include "os/file.h"
#include "os/os.h"
#include "os/probe.h"

static const char *wanted(int flags)
{
	return (flags & O_ACCMODE) == O_RDONLY ? "reading" : "reading and writing";
}

enum verdict {
	MODE_UNKNOWN, /* who the program is cannot be told */
	MODE_ALLOWS,
	MODE_FORBIDS,
	MODE_FOR_GROUP, /* it would allow it to a member of its group */
};

/*
 * What owner, group or others' part of the mode says to this program. Looked at to explain a refusal,
 * never to refuse.
 */
static enum verdict ask_mode(struct pmem_ctx *ctx, const struct os_stat *st, int flags)
{
	uint32_t want = (flags & O_ACCMODE) == O_RDONLY ? S_IROTH : S_IROTH | S_IWOTH;
	struct probe_credentials self;
	unsigned part;

	if (probe_credentials(ctx->root, st->gid, &self) < 0)
		return MODE_UNKNOWN;
	part = self.uid == st->uid ? 6 : self.in_group ? 3 : 0;
	if ((st->mode >> part & want) == want || os->capable(CAP_DAC_OVERRIDE) == 1)
		return MODE_ALLOWS;
	/* Nobody is told to join root's group. */
	return !part && st->gid && (st->mode >> 3 & want) == want ? MODE_FOR_GROUP : MODE_FORBIDS;
}

static int refused_by_mode(struct pmem_ctx *ctx, const char *path,
	const struct access_device *device, int flags)
{
	char name[PROBE_NAME_MAX], join[PROBE_NAME_MAX + 40];
	const char *hint = device->mode;
	enum verdict verdict;
	struct os_stat st;

	if (os->stat(path, &st) < 0)
		return error_set(EACCES, PMEM_CAUSE_FILE_MODE, "open", path, hint,
			"a directory above it, or a security module, forbids %s", wanted(flags));
	verdict = ask_mode(ctx, &st, flags);
	if (verdict == MODE_ALLOWS)
		hint = "look at the log of the security module (ausearch, dmesg), and at the mount "
		       "(findmnt -T): it must not have nodev";
	if (verdict == MODE_FOR_GROUP) {
		/* usermod takes a number too, where the name is not in /etc/group. */
		if (probe_group_name(ctx->root, st.gid, name) < 0)
			snprintf(name, sizeof(name), "%u", st.gid);
		snprintf(join, sizeof(join), "usermod -aG %s USER, then log in again", name);
		hint = join;
	}
	return error_set(EACCES,
		verdict == MODE_ALLOWS ? PMEM_CAUSE_SYSTEM : PMEM_CAUSE_FILE_MODE, "open", path, hint,
		"its mode %04o (owner %u, group %u) %s %s%s", st.mode & 07777, st.uid, st.gid,
		verdict == MODE_ALLOWS ? "allows" : "forbids", wanted(flags),
		verdict == MODE_ALLOWS ? ", so a security module or a mount with nodev forbids it" :
					 " to this program");
}

/*
 * open() gave EPERM, which has four causes. The order is the kernel's: the capability is asked
 * for first, lockdown next (drivers/char/mem.c open_port); a container's rules stand before both
 * but are told apart only by everything else being in order.
 */
static int refused_by_kernel(struct pmem_ctx *ctx, const char *path,
	const struct access_device *device)
{
	int lockdown = probe_lockdown(ctx->root);
	char hint[256];

	if (device->capability >= 0 && os->capable((unsigned)device->capability) != 1) {
		snprintf(hint, sizeof(hint),
			"setcap %s+ep PROGRAM, AmbientCapabilities= of its systemd service, or "
			"--cap-add of its container",
			device->capability_name);
		return error_set(EPERM, PMEM_CAUSE_CAPABILITY, "open", path, hint,
			"this program does not have %s", device->capability_name);
	}
	if (device->lockdown && lockdown > PROBE_LOCKDOWN_NONE)
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
		"the device rules of a container or service, or a security module%s, refuse it",
		device->lockdown && lockdown < 0 ?
			", or kernel lockdown, which cannot be seen without securityfs" : "");
}

/* Under its name there is something, but not the device. */
static int wrong_kind(const char *path, uint32_t mode)
{
	return error_set(ENODEV, PMEM_CAUSE_WRONG_KIND, "open", path,
		"a container is given a device with --device, not with -v; remove the file otherwise",
		"it is %s, not a device",
		S_ISDIR(mode)  ? "a folder" :
		S_ISREG(mode)  ? "a plain file" :
		S_ISFIFO(mode) ? "a pipe" :
				 "something else");
}

static int check_kind(const struct access_device *device, const char *path, int fd)
{
	struct os_stat st;
	int r = os->fstat(fd, &st);

	if (r < 0)
		r = error_set(-r, PMEM_CAUSE_SYSTEM, "fstat", path, NULL, "the system call failed");
	else if (S_ISCHR(st.mode) || (device->plain_file && S_ISREG(st.mode)))
		return fd;
	else
		r = wrong_kind(path, st.mode);
	os->close(fd);
	return r;
}

int access_open(struct pmem_ctx *ctx, const struct access_device *device, int flags)
{
	char path[PATH_MAX];
	int fd = file_path(path, ctx->root, device->path);

	/* What is no device may make the opener wait, or become its terminal. */
	if (fd == 0)
		fd = os->open(path, flags | O_NONBLOCK | O_NOCTTY, 0);
	switch (fd) {
	case -ENOENT:
	case -ENXIO: /* a node without a driver behind it */
	case -ENODEV:
		return error_set(ENOENT, PMEM_CAUSE_NO_DEVICE, "open", path, device->absent,
			fd == -ENOENT ? "there is no such device" :
					"the node is there, but no driver answers");
	case -EACCES:
		return refused_by_mode(ctx, path, device, flags);
	case -EPERM:
		return refused_by_kernel(ctx, path, device);
	case -EISDIR:
		return wrong_kind(path, S_IFDIR);
	case -EBUSY:
		return error_set(EBUSY, PMEM_CAUSE_BUSY, "open", path, device->busy,
			"another program has it open");
	case -EMFILE:
	case -ENFILE:
		return error_set(-fd, PMEM_CAUSE_LIMIT, "open", path,
			NULL, "there are too many open files");
	default:
		if (fd < 0)
			return error_set(-fd, PMEM_CAUSE_SYSTEM, "open", path, NULL,
				"the system call failed");
		return check_kind(device, path, fd);
	}
}
