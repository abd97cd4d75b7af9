/* SPDX-License-Identifier: MIT */
/* Each use is tried as a program would, and the library's reason is what is told. */
#include "doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

/* Of several refusals: which is mended with the least, and which only say that something is not here. */
static int rank(const struct pmem_error *err)
{
	switch (pmem_error_cause(err)) {
	case PMEM_CAUSE_FILE_MODE: /* a group is the least that can be given */
		return strcmp(pmem_error_backend(err), "udmabuf") ? 0 : 1;
	case PMEM_CAUSE_LIMIT: /* of locked memory; others are of ways that are rarely the best */
		return strstr(pmem_error_hint(err), "ulimit -l") ? 2 : 6;
	case PMEM_CAUSE_CAPABILITY:
		return 3;
	case PMEM_CAUSE_NO_MEMORY:
	case PMEM_CAUSE_NOT_CONTIGUOUS:
		return 4;
	case PMEM_CAUSE_NO_DEVICE:
	case PMEM_CAUSE_UNSUPPORTED:
		return 9;
	default:
		return 5;
	}
}

static const struct pmem_error *easiest(const struct pmem_error *err)
{
	const struct pmem_error *best = NULL;

	for (size_t i = 0; i < pmem_error_child_count(err); i++) {
		const struct pmem_error *child = easiest(pmem_error_child(err, i));

		if (!best || rank(child) < rank(best))
			best = child;
	}
	return best ? best : err;
}

static void refused(struct doctor *doctor, enum use use, const struct pmem_error *err)
{
	const struct pmem_error *why = easiest(err);
	const char *path = pmem_error_path(why);
	json_object *found = check(doctor, use, "missing", "%s%s%s", path, path[0] ? ": " : "",
		pmem_error_message(why));

	json_set(found, "error", json_error(why));
	steps_for(doctor, found, why);
}

/* 0, or the error of a backend, to be freed; -ENOENT: there is none of that name. */
static int status(struct doctor *doctor, const char *name, struct pmem_error **why)
{
	for (size_t i = 0; i < pmem_backend_count(doctor->ctx); i++) {
		if (!strcmp(pmem_backend_name(doctor->ctx, i), name))
			return pmem_backend_status(doctor->ctx, i, why);
	}
	return -ENOENT;
}

static bool file_says(const char *path, const char *word)
{
	char line[4096];
	bool found = false;
	FILE *file = root_open(path);

	while (file && !found && fgets(line, sizeof(line), file))
		found = strstr(line, word) != NULL;
	(void)root_close(file, path);
	return found;
}

/* /dev/mem opens, but ranges of drivers stay closed. */
static void look_at_protection(struct doctor *doctor)
{
	struct utsname name;
	char config[320];
	json_object *found;

	if (uname(&name))
		return;
	(void)snprintf(config, sizeof(config), "/boot/config-%s", name.release);
	if (!file_says(config, "CONFIG_IO_STRICT_DEVMEM=y") || file_says("/proc/cmdline", "iomem=relaxed"))
		return;
	found = check(doctor, USE_MAP, "note", "registers that a driver has claimed stay closed "
		"(CONFIG_IO_STRICT_DEVMEM)");
	step_boot(doctor, found, "iomem=relaxed");
}

static bool look_at_backend(struct doctor *doctor, enum use use, const char *name, const char *good)
{
	struct pmem_error *why = NULL;
	int ret = status(doctor, name, &why);

	if (ret == 0)
		(void)check(doctor, use, "ok", "%s", good);
	else if (why)
		refused(doctor, use, why);
	else
		no_memory();
	pmem_error_free(why);
	return ret == 0;
}

static void look_at_map(struct doctor *doctor)
{
	if (look_at_backend(doctor, USE_MAP, "devmem", "/dev/mem maps registers"))
		look_at_protection(doctor);
}

static void look_at_gpio(struct doctor *doctor)
{
	struct pmem_error *why = NULL;
	uint64_t phys;
	int ret;

	if (sure(pmem_soc_gpio(doctor->ctx, &phys, NULL))) {
		(void)check(doctor, USE_GPIO, "absent", "%s", pmem_error_message(pmem_error_last()));
		return;
	}
	ret = status(doctor, "gpiomem", &why);
	if (ret == 0)
		(void)check(doctor, USE_GPIO, "ok", "/dev/gpiomem maps the GPIO registers at 0x%08" PRIx64, phys);
	else if (pmem_error_cause(why) != PMEM_CAUSE_FILE_MODE) /* then the other way is the better advice */
		(void)look_at_backend(doctor, USE_GPIO, "devmem", "/dev/mem maps the GPIO registers");
	else
		refused(doctor, USE_GPIO, why);
	pmem_error_free(why);
}

/* Memory is really taken, and given back: nothing else proves that it can be had. */
static void look_at_memory(struct doctor *doctor, enum use use, uint32_t flags)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = flags, .name = "physmem doctor" };
	struct pmem_region *region;
	uint64_t phys = 0, bus = 0;

	if (pmem_region_alloc(doctor->ctx, doctor->size, &opts, &region)) {
		refused(doctor, use, pmem_error_last());
		return;
	}
	if (use != USE_ALLOC && (pmem_region_phys(region, &phys) ||
			(use == USE_DMA && pmem_region_bus(region, &bus))))
		refused(doctor, use, pmem_error_last());
	else if (use == USE_ALLOC)
		(void)check(doctor, use, "ok", "%" PRIu64 " bytes in one piece, by %s", doctor->size,
			pmem_region_backend(region));
	else if (use == USE_PHYS)
		(void)check(doctor, use, "ok", "%" PRIu64 " bytes at 0x%08" PRIx64 ", by %s", doctor->size,
			phys, pmem_region_backend(region));
	else
		(void)check(doctor, use, "ok", "%" PRIu64 " bytes that a device sees at 0x%08" PRIx64
			", by %s, %s", doctor->size, bus, pmem_region_backend(region),
			pmem_region_attrs(region) & PMEM_REGION_NEEDS_SYNC ?
			"with cpu_begin and cpu_end" : "coherent");
	(void)pmem_region_close(region);
}

static unsigned entries_of(const char *path, bool numbers)
{
	const struct dirent *entry;
	unsigned count = 0;
	DIR *dir = root_folder(path);

	while (dir && (entry = root_next(dir, path)))
		count += numbers ? entry->d_name[0] >= '0' && entry->d_name[0] <= '9' :
			entry->d_name[0] != '.';
	if (dir)
		(void)closedir(dir);
	return count;
}

static bool look_at_iommu(struct doctor *doctor)
{
	unsigned groups = entries_of("/sys/kernel/iommu_groups", true);
	json_object *found;

	if (groups) {
		(void)check(doctor, USE_VFIO, "ok", "the IOMMU has %u groups", groups);
		return true;
	}
	if (root_there("/sys/firmware/acpi/tables/DMAR")) {
		found = check(doctor, USE_VFIO, doctor->asked ? "missing" : "note", "the IOMMU is off");
		step_boot(doctor, found, "intel_iommu=on");
		return false;
	}
	found = check(doctor, USE_VFIO, "absent", "the kernel shows no IOMMU");
	step(found, "advice", "switch VT-d, AMD-Vi or the SMMU on in the firmware's set-up, if there is one");
	return false;
}

static void look_at_vfio_node(struct doctor *doctor, const char *name)
{
	char path[300], full[4600];
	json_object *found;
	int fd, why;

	(void)snprintf(path, sizeof(path), "/dev/vfio/%s", name);
	if (!root_path(full, sizeof(full), path))
		return;
	fd = open(full, O_RDWR | O_CLOEXEC);
	if (fd >= 0 || errno == EBUSY) { /* somebody uses it */
		(void)check(doctor, USE_VFIO, "ok", "%s", path);
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	why = errno;
	found = check(doctor, USE_VFIO, "missing", "%s: %s", path, strerror(why));
	if (why == EACCES) { /* the library was not asked: exit status 3 needs its word for it */
		json_object *error = json_new();

		json_set_text(error, "message", strerror(why));
		json_set_text(error, "cause", "file-mode");
		json_set(found, "error", error);
	}
	if (why == ENOENT && doctor->contained)
		step(found, "container", "--device %s", path);
	else if (why == ENOENT)
		step(found, "run", "modprobe vfio-pci");
	else
		step_file(doctor, found, path);
}

static void look_at_vfio(struct doctor *doctor)
{
	struct rlimit limit;
	const struct dirent *entry;
	json_object *found;
	unsigned groups = 0;
	DIR *dir;

	if (!look_at_iommu(doctor))
		return;
	look_at_vfio_node(doctor, "vfio");
	dir = root_folder("/dev/vfio");
	while (dir && (entry = root_next(dir, "/dev/vfio"))) {
		if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
			continue;
		look_at_vfio_node(doctor, entry->d_name);
		groups++;
	}
	if (dir)
		(void)closedir(dir);
	if (!groups) {
		found = check(doctor, USE_VFIO, doctor->asked ? "missing" : "note",
			"no device is given to vfio-pci");
		step(found, "advice", "physmem device list shows what there is; physmem device bind DEVICE "
			"gives it one that Linux can do without");
	}
	if (!getrlimit(RLIMIT_MEMLOCK, &limit) && limit.rlim_cur != RLIM_INFINITY &&
		limit.rlim_cur < memlock_bytes(doctor) && geteuid() != 0) {
		found = check(doctor, USE_VFIO, "missing", "only %" PRIu64 " bytes may be locked",
			(uint64_t)limit.rlim_cur);
		step_memlock(doctor, found);
	}
}

void look_at(struct doctor *doctor, enum use use)
{
	switch (use) {
	case USE_MAP:
		look_at_map(doctor);
		break;
	case USE_GPIO:
		look_at_gpio(doctor);
		break;
	case USE_ALLOC:
		look_at_memory(doctor, use, PMEM_ALLOC_NO_ADDRESS);
		break;
	case USE_PHYS:
		look_at_memory(doctor, use, PMEM_ALLOC_NO_MASTER);
		break;
	case USE_DMA:
		look_at_memory(doctor, use, 0);
		break;
	default:
		look_at_vfio(doctor);
		break;
	}
}
