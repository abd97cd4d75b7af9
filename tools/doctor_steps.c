/* SPDX-License-Identifier: MIT */
/* From why it was refused to the command that mends it: docs/permissions.md. */
#include "doctor.h"

#include <grp.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bsd/string.h>

#define LOCAL_RULES "/etc/udev/rules.d/70-local.rules"

void step(json_object *check, const char *kind, const char *format, ...)
{
	json_object *steps = member(check, "steps"), *object = json_new();
	va_list args;
	char *text;

	va_start(args, format);
	text = vformatted(format, args);
	va_end(args);
	json_set_text(object, "kind", kind);
	json_set_text(object, "text", text);
	free(text);
	json_add(steps, object);
}

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

/* Without the root that is played. */
static const char *plain_path(const char *path)
{
	const char *root = secure_getenv("LIBPMEM_ROOT");

	return root && begins(path, root) ? path + strlen(root) : path;
}

/* Whom the package libpmem-udev, or udev itself, gives a node to; NULL: nobody but root has it. */
static const char *group_for(const char *path)
{
	if (begins(path, "/dev/dma_heap/") || begins(path, "/dev/vcsm-cma"))
		return "dmamem";
	if (begins(path, "/dev/gpiomem"))
		return "gpio";
	if (begins(path, "/dev/udmabuf"))
		return "kvm";
	return NULL;
}

/* The user is in the group already, but was not when this session began. */
static bool listed(const struct group *group, const char *user)
{
	for (char **name = group->gr_mem; name && *name; name++) {
		if (!strcmp(*name, user))
			return true;
	}
	return false;
}

static void step_group(struct doctor *doctor, json_object *check, const char *name)
{
	const struct group *group = getgrnam(name); /* cppcheck-suppress getgrnamCalled ; one thread */

	if (!group || !listed(group, doctor->user))
		step(check, "run", "usermod -aG %s %s", name, doctor->user);
	step(check, "login", "the group holds from the next login on, or in: newgrp %s", name);
}

static void step_rule(struct doctor *doctor, json_object *check, const char *rule, const char *group)
{
	step(check, "run", "echo '%s' >> " LOCAL_RULES, rule);
	step(check, "run", "udevadm control --reload");
	step(check, "run", "udevadm trigger");
	step_group(doctor, check, group);
}

static bool rules_are_there(void)
{
	static const char *const places[] = { "/lib/udev/rules.d/05-libpmem.rules",
		"/usr/lib/udev/rules.d/05-libpmem.rules", "/etc/udev/rules.d/05-libpmem.rules" };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (root_there(places[i]))
			return true;
	}
	return false;
}

static void add_capability(struct doctor *doctor, const char *name)
{
	if (strstr(doctor->caps, name))
		return;
	if (doctor->caps[0])
		(void)strlcat(doctor->caps, ",", sizeof(doctor->caps));
	(void)strlcat(doctor->caps, name, sizeof(doctor->caps));
}

static bool in_user_namespace(void)
{
	char line[80];
	unsigned inside = 0, outside = 0, count = 0;

	return root_line("/proc/self/uid_map", line, sizeof(line)) &&
		sscanf(line, "%u %u %u", &inside, &outside, &count) == 3 && count != UINT32_MAX;
}

/* A number of /proc/self/status that is written in hexadecimal; all bits if it is not to be had. */
static uint64_t status_bits(const char *key)
{
	char line[128];
	uint64_t bits = UINT64_MAX;
	FILE *file = root_open("/proc/self/status");

	while (file && fgets(line, sizeof(line), file)) {
		if (begins(line, key))
			bits = strtoull(line + strlen(key), NULL, 16);
	}
	(void)root_close(file, "/proc/self/status");
	return bits;
}

#define BIT_SYS_RAWIO 17 /* linux/capability.h */
#define BIT_SYS_ADMIN 21

static void step_capability(struct doctor *doctor, json_object *check, bool rawio, const char *hint)
{
	uint64_t bounding = status_bits("CapBnd:");

	if (in_user_namespace()) {
		step(check, "advice", "capabilities of a user namespace do not count: run it outside of one "
			"(rootless containers are inside)");
	} else if (!(bounding >> (rawio ? BIT_SYS_RAWIO : BIT_SYS_ADMIN) & 1)) {
		if (doctor->contained)
			step(check, "container", "--cap-add %s", rawio ? "SYS_RAWIO" : "SYS_ADMIN");
		else
			step(check, "advice", "this session may not have that capability: its bounding set "
				"lacks it");
	} else if (geteuid() == 0) {
		step(check, "advice", "this root lacks a capability: %s", hint);
	} else {
		if (rawio) {
			add_capability(doctor, "cap_sys_rawio");
		} else {
			add_capability(doctor, "cap_sys_admin");
			add_capability(doctor, "cap_dac_read_search");
		}
		step(check, "setcap", "%s", "");
	}
}

/* Owner and mode of a file forbid it to this user. */
void step_file(struct doctor *doctor, json_object *check, const char *path)
{
	const char *known;
	const struct group *group;
	char full[4200], rule[128];
	struct stat st;

	path = plain_path(path);
	known = group_for(path);
	if (!strcmp(path, "/proc/self/pagemap")) { /* a program with capabilities is root's own */
		step_capability(doctor, check, false, "CAP_DAC_READ_SEARCH");
		return;
	}
	if (!root_path(full, sizeof(full), path) || stat(full, &st))
		return;
	group = st.st_gid ? getgrgid(st.st_gid) : NULL;
	if (group && (st.st_mode & 0060) == 0060) {
		step_group(doctor, check, group->gr_name);
	} else if (begins(path, "/dev/vfio/")) {
		(void)snprintf(rule, sizeof(rule), "SUBSYSTEM==\"vfio\", KERNEL==\"%.20s\", "
			"GROUP=\"dmamem\", MODE=\"0660\"", path + strlen("/dev/vfio/"));
		step_rule(doctor, check, rule, "dmamem");
	} else if (!strcmp(path, "/dev/mem")) {
		step_rule(doctor, check,
			"SUBSYSTEM==\"mem\", KERNEL==\"mem\", GROUP=\"kmem\", MODE=\"0660\"", "kmem");
	} else if (known && strcmp(known, "kvm") != 0) {
		if (rules_are_there())
			step(check, "run", "udevadm trigger");
		else
			step(check, "run", "apt install libpmem-udev");
		step_group(doctor, check, known);
	} else {
		step(check, "advice", "%s belongs to root alone: run it as root, or let a rule of udev give "
			"it to a group", path);
	}
}

/* What the program has already would be lost: setcap replaces. */
static void keep_capabilities(struct doctor *doctor)
{
	static const struct {
		unsigned bit;
		const char *name;
	} known[] = { { 2, "cap_dac_read_search" }, { 14, "cap_ipc_lock" }, { 17, "cap_sys_rawio" },
		{ 21, "cap_sys_admin" }, { 24, "cap_sys_resource" } };
	uint64_t has = status_bits("CapPrm:");

	if (has == UINT64_MAX)
		return;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (has >> known[i].bit & 1)
			add_capability(doctor, known[i].name);
	}
}

void finish_steps(struct doctor *doctor)
{
	char text[4600];

	if (!doctor->caps[0])
		return;
	keep_capabilities(doctor);
	(void)snprintf(text, sizeof(text), "setcap %s+ep %s", doctor->caps, doctor->program);
	for (size_t i = 0; i < json_object_array_length(doctor->checks); i++) {
		json_object *steps = member(json_object_array_get_idx(doctor->checks, i), "steps");

		for (size_t j = 0; j < json_object_array_length(steps); j++) {
			json_object *one = json_object_array_get_idx(steps, j);

			if (strcmp(text_of(one, "kind"), "setcap") != 0)
				continue;
			json_set_text(one, "kind", "run");
			json_set_text(one, "text", text);
		}
	}
}

/* What is pinned, in whole pages of any kernel, and a little for the kernel object that pins it. */
uint64_t memlock_bytes(const struct doctor *doctor)
{
	const uint64_t page = 65536;

	return (doctor->size + page - 1) / page * page + page;
}

void step_memlock(struct doctor *doctor, json_object *check)
{
	uint64_t bytes = memlock_bytes(doctor), kib = bytes / 1024;
	struct rlimit limit;

	if (!getrlimit(RLIMIT_MEMLOCK, &limit) &&
		(limit.rlim_max == RLIM_INFINITY || limit.rlim_max >= bytes)) {
		step(check, "login", "ulimit -l %" PRIu64, kib);
	} else if (doctor->contained) {
		step(check, "container", "--ulimit memlock=%" PRIu64 ":%" PRIu64, bytes, bytes);
	} else {
		step(check, "run", "echo '%s - memlock %" PRIu64 "' > /etc/security/limits.d/70-libpmem.conf",
			doctor->user, kib);
		step(check, "login", "the limit holds from the next login on");
	}
}

static bool raspberry(const struct doctor *doctor)
{
	const char *family = pmem_soc_family(doctor->ctx);

	return family && begins(family, "bcm2");
}

void step_boot(struct doctor *doctor, json_object *check, const char *parameter)
{
	if (doctor->contained)
		step(check, "advice", "the host's kernel needs the parameter %s", parameter);
	else if (raspberry(doctor))
		step(check, "boot", "%s (in the one line of /boot/firmware/cmdline.txt)", parameter);
	else
		step(check, "boot", "%s (in GRUB_CMDLINE_LINUX of /etc/default/grub, then update-grub)",
			parameter);
}

/* Is there a heap that a larger CMA area would help? */
static bool has_cma(const struct doctor *doctor)
{
	size_t count;

	if (sure(pmem_heap_count(doctor->ctx, &count)))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (pmem_heap_class(doctor->ctx, i) & PMEM_HEAP_CONTIGUOUS)
			return true;
	}
	return false;
}

static void step_memory(struct doctor *doctor, json_object *check)
{
	uint64_t mib = 64;
	char parameter[40];

	while (mib << 20 < doctor->size * 4 && mib < 1ull << 40)
		mib *= 2;
	(void)snprintf(parameter, sizeof(parameter), "cma=%" PRIu64 "M", mib);
	if (has_cma(doctor) && raspberry(doctor) && !doctor->contained)
		step(check, "config", "dtoverlay=cma,cma-%" PRIu64, mib < 512 ? mib : 512);
	else if (has_cma(doctor))
		step_boot(doctor, check, parameter);
	else if (doctor->size > 2 << 20)
		step_boot(doctor, check, "hugepagesz=1G hugepages=1");
	else
		step(check, doctor->contained ? "advice" : "run", "%ssysctl vm.nr_hugepages=2",
			doctor->contained ? "on the host: " : "");
}

static void step_lockdown(struct doctor *doctor, json_object *check)
{
	step(check, "advice", "%s", doctor->wanted[USE_MAP] ?
		"boot without Secure Boot, or without the kernel parameter lockdown=; a heap, udmabuf and "
		"/dev/gpiomem work as it is" :
		"boot without Secure Boot, or without the kernel parameter lockdown=");
}

/* The words of the library; those that begin with a command are one. */
static void step_advice(json_object *check, const struct pmem_error *err)
{
	static const char command[] = "sysctl kernel.io_uring_disabled=0";
	const char *hint = pmem_error_hint(err);

	if (strstr(hint, command))
		step(check, "run", "%s", command);
	else if (hint[0])
		step(check, "advice", "%s", hint);
}

static void step_device(struct doctor *doctor, json_object *check, const struct pmem_error *err)
{
	const char *path = plain_path(pmem_error_path(err));

	if (doctor->contained && begins(path, "/dev/"))
		step(check, "container", "--device %s", path);
	else
		step_advice(check, err);
}

void steps_for(struct doctor *doctor, json_object *check, const struct pmem_error *err)
{
	const char *hint = pmem_error_hint(err);
	bool rawio;

	switch (pmem_error_cause(err)) {
	case PMEM_CAUSE_FILE_MODE:
		step_file(doctor, check, pmem_error_path(err));
		break;
	case PMEM_CAUSE_CAPABILITY:
		rawio = strcasestr(pmem_error_message(err), "cap_sys_rawio") ||
			strcasestr(hint, "cap_sys_rawio");
		step_capability(doctor, check, rawio, hint);
		break;
	case PMEM_CAUSE_LOCKDOWN:
		step_lockdown(doctor, check);
		break;
	case PMEM_CAUSE_LIMIT:
		if (strstr(hint, "ulimit -l"))
			step_memlock(doctor, check);
		else
			step_advice(check, err);
		break;
	case PMEM_CAUSE_NO_MEMORY:
	case PMEM_CAUSE_NOT_CONTIGUOUS:
		step_memory(doctor, check);
		break;
	case PMEM_CAUSE_NO_DEVICE:
		step_device(doctor, check, err);
		break;
	default:
		step_advice(check, err);
		break;
	}
}
