/* SPDX-License-Identifier: MIT */
#include "device/group.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "os/file.h"
#include "os/inherit.h"
#include "os/os.h"

static struct {
	struct fork_lock lock;
	struct group *first;
} groups;

void groups_take(void)
{
	/* Those of the parent are the parent's; a child has none. */
	if (fork_lock_take(&groups.lock))
		groups.first = NULL;
}

void groups_give(void)
{
	fork_lock_give(&groups.lock);
}

struct group *group_find(const struct pmem_ctx *ctx, const char *number)
{
	struct group *group = groups.first;

	while (group && (strcmp(group->number, number) != 0 ||
				strncmp(group->root, ctx->root, sizeof(group->root) - 1) != 0))
		group = group->next;
	return group;
}

static struct group *add(const struct device_request *request, const struct pmem_device *device,
	const char *number, struct space *space)
{
	struct group *group = calloc(1, sizeof(*group));

	if (!group)
		return NULL;
	strlcpy(group->root, request->ctx->root, sizeof(group->root));
	strlcpy(group->number, number, sizeof(group->number));
	group->way = device->way;
	group->fd = -1;
	group->space = space;
	group->devices = 1;
	group->next = groups.first;
	groups.first = group;
	return group;
}

static int busy(const struct device_request *request, const char *hint, const char *message)
{
	return error_set(EBUSY, PMEM_CAUSE_BUSY, "device open", request->name.folder, hint, "%s", message);
}

static int enter_known(const struct device_request *request, struct pmem_device *device,
	struct group *group)
{
	const struct pmem_device *share = request->opts->share;

	if (group->way != device->way)
		return busy(request, "open it by the same way, or close the others first",
			"other devices of its group are open already, by another way");
	if (share && share->space != group->space)
		return busy(request, "open it without the option share, or close the others first",
			"other devices of its group are open already, in another address space");
	group->devices++;
	device->group = group;
	device->space = group->space;
	return 0;
}

int group_enter(const struct device_request *request, struct pmem_device *device, const char *number,
	group_space_fn *make)
{
	const struct pmem_device *share = request->opts->share;
	struct group *group = group_find(request->ctx, number);
	struct space *space = NULL;
	int r = 0;

	if (group)
		return enter_known(request, device, group);
	if (!share)
		r = make(request, device, &space);
	else if (space_join(share->space))
		space = share->space;
	else
		r = busy(request, NULL, "the device to share with is closed");
	if (r < 0)
		return r;
	device->group = add(request, device, number, space);
	device->space = space;
	if (device->group)
		return 0;
	space_leave(space);
	return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "device open", NULL, NULL, "no memory for a group");
}

/* drivers/vfio/group.c vfio_noiommu_group_alloc() */
bool group_without_iommu(const struct pmem_ctx *ctx, const char *number)
{
	char path[96], *text;
	size_t size;
	bool yes;

	snprintf(path, sizeof(path), "/sys/kernel/iommu_groups/%.32s/name", number);
	if (file_read(ctx->root, path, 256, &text, &size) < 0)
		return false;
	yes = strncmp(text, "vfio-noiommu", 12) == 0;
	free(text);
	return yes;
}

void group_leave(struct group *group)
{
	struct group **at = &groups.first;

	if (!group || --group->devices)
		return;
	while (*at != group)
		at = &(*at)->next;
	*at = group->next;
	/* First what it sees, while it can be taken away one by one; then the group, which frees the container. */
	space_leave(group->space);
	inherit_close(group->fd);
	free(group);
}

void group_forget(struct group *group)
{
	if (!group || --group->devices)
		return;
	space_forget(group->space);
	free(group);
}
