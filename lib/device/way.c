/* SPDX-License-Identifier: MIT */
/* The ways there are, and which one opens a device: the first that can, by trying. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cut.h"
#include "device/way.h"

const struct device_way *const way_table[] = {
	&way_iommufd,
	&way_vfio,
	&way_noiommu,
	&way_uio,
	&way_sysfs,
	NULL,
};

/* The refusals, and the one that counts: the last of those that know the device. */
struct refused {
	struct error_list *list;
	struct pmem_error one;
	unsigned count;
	bool counts;
};

/*
 * "Not bound to me" and "this kernel has no such thing" say less than a refusal of what is there; of two of the same
 * weight the first counts, which protects more.
 */
static bool says_little(const struct pmem_error *e)
{
	return e->cause == PMEM_CAUSE_NO_DEVICE || e->cause == PMEM_CAUSE_UNSUPPORTED;
}

static unsigned weight(const struct pmem_error *e)
{
	return !says_little(e) ? 2 : e->cause == PMEM_CAUSE_NO_DEVICE ? 1 : 0;
}

static void note(struct refused *all, const struct device_request *request, const char *way)
{
	const struct pmem_error *e = error_last();

	if (all->count == error_list_count(all->list))
		error_list_add(&all->list, e, way);
	if (all->count == 0 || weight(e) > weight(&all->one)) {
		error_save(&all->one);
		all->one.backend = way;
	}
	all->count++;
	log_write(&request->ctx->log, PMEM_LEVEL_DEBUG, "%s refused: %s", way, e->text);
}

static void summarize(const struct error_list *list, char *text, size_t size)
{
	size_t count = error_list_count(list);

	text[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		const struct pmem_error *e = error_list_at(list, i);
		size_t used = strlen(text), share = (size - 1 - used) / (count - i) + 1;
		int n = snprintf(text + used, share, "%s%s: %s", used ? "; " : "", e->backend, e->message);

		cut_mark(text + used, share, n < 0 ? 0 : (size_t)n);
	}
}

static int nobody(struct refused *all)
{
	const struct pmem_error *one = &all->one;
	char text[700];
	int r;

	if (all->count == 1 || !all->list) {
		error_list_unref(all->list);
		return error_restore(one);
	}
	summarize(all->list, text, sizeof(text));
	r = error_set(one->errnum, one->cause, one->operation, one->path, one->hint, "no way could: %s",
		text);
	error_adopt(all->list);
	return r;
}

static int refuse_name(const struct pmem_device_opts *opts)
{
	for (const struct device_way *const *way = way_table; *way; way++) {
		if (opts->way && strcmp(opts->way, (*way)->name) == 0)
			return error_set(EPERM, PMEM_CAUSE_FLAGS, "device open", NULL,
				"PMEM_DEVICE_MAY_BE_UNSAFE says that you know that",
				"nothing protects memory from a device that is opened by %s", opts->way);
	}
	return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, "device open", NULL,
		"iommufd, vfio, noiommu, uio, sysfs", "there is no way called %s", opts->way);
}

/* A device that shares must come by the same way, and descriptors are of one each. */
static bool suits(const struct device_way *way, const struct pmem_device_opts *opts)
{
	if (way->unsafe && !(opts->flags & PMEM_DEVICE_MAY_BE_UNSAFE))
		return false;
	if (opts->way)
		return strcmp(opts->way, way->name) == 0;
	if (opts->share)
		return way == opts->share->way;
	if (opts->group_fd)
		return way == &way_vfio || way == &way_noiommu;
	return !opts->device_fd || way == &way_iommufd;
}

int ways_open(const struct device_request *request, struct pmem_device *device)
{
	struct refused all = { .count = 0 };

	for (const struct device_way *const *way = way_table; *way; way++) {
		if (!suits(*way, request->opts))
			continue;
		device->way = *way;
		if ((*way)->open(request, device) == 0) {
			error_list_unref(all.list);
			return 0;
		}
		*device = (struct pmem_device){ .ctx = device->ctx, .process = device->process,
			.name = request->name, .max_addr = device->max_addr, .fd = -1, .config_fd = -1 };
		note(&all, request, (*way)->name);
	}
	if (all.count)
		return nobody(&all);
	if (request->opts->way)
		return refuse_name(request->opts);
	return error_set(EINVAL, PMEM_CAUSE_OPTIONS, "device open", NULL,
		"share, way and descriptors must be of one kind", "no way takes these options together");
}
