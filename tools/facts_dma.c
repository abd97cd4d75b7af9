/* SPDX-License-Identifier: MIT */
/* What the firmware tells, and who has which DMA channel. */
#include "physmem.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	uint32_t what;
	bool hex;
} firmware[] = {
	{ PMEM_FACT_REVISION, false },      { PMEM_FACT_BOARD_REVISION, true },
	{ PMEM_FACT_BOARD_SERIAL, true },   { PMEM_FACT_ARM_BASE, true },
	{ PMEM_FACT_ARM_SIZE, false },      { PMEM_FACT_VC_BASE, true },
	{ PMEM_FACT_VC_SIZE, false },
};

/* NULL: no such firmware here. */
json_object *facts_firmware(struct pmem_ctx *ctx)
{
	json_object *facts = json_new();

	for (size_t i = 0; i < sizeof(firmware) / sizeof(firmware[0]); i++) {
		const char *key = short_name("PMEM_FACT_", firmware[i].what, '_');
		uint64_t value;
		int ret = asked(pmem_firmware_get(ctx, firmware[i].what, &value));

		if (ret == -ENODEV) {
			json_object_put(facts);
			return NULL;
		}
		if (ret == -EACCES || ret == -EPERM || ret == -ENOENT) {
			json_set(facts, "error", json_error(pmem_error_last()));
			return facts;
		}
		if (ret)
			json_set(facts, key, NULL);
		else if (firmware[i].hex)
			json_set(facts, key, json_hex(value));
		else
			json_set_number(facts, key, value);
	}
	return facts;
}

#define DMA_DIR "/sys/class/dma"

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Documentation/ABI/stable/sysfs-class-dma: in_use counts the clients of a channel. */
static json_object *channels(bool stable)
{
	json_object *list = json_list();
	struct dirent **names = NULL;
	char full[4096], path[512];
	uint64_t number;
	int count;

	if (!root_path(full, sizeof(full), DMA_DIR))
		return list;
	count = scandir(full, &names, visible, versionsort);
	if (count < 0)
		unread(DMA_DIR);
	for (int i = 0; i < count; i++) {
		json_object *channel = json_new();

		json_set_text(channel, "name", names[i]->d_name);
		(void)snprintf(path, sizeof(path), DMA_DIR "/%s/in_use", names[i]->d_name);
		if (!stable && root_number(path, &number))
			json_set_number(channel, "in_use", number);
		json_add(list, channel);
		free(names[i]);
	}
	free(names);
	return list;
}

/* The channel numbers of a mask; NULL if it cannot be known. */
static json_object *mask(struct pmem_ctx *ctx, uint32_t what)
{
	json_object *numbers;
	uint64_t bits;

	if (asked(pmem_firmware_get(ctx, what, &bits)))
		return NULL;
	numbers = json_list();
	for (int i = 0; i < 64; i++) {
		if (bits >> i & 1)
			json_add(numbers, json_number((uint64_t)i));
	}
	return numbers;
}

json_object *facts_dma(struct pmem_ctx *ctx, bool stable)
{
	json_object *dma = json_new();

	json_set(dma, "channels", channels(stable));
	json_set(dma, "left_by_firmware", mask(ctx, PMEM_FACT_DMA_CHANNELS));
	json_set(dma, "for_kernel", mask(ctx, PMEM_FACT_DMA_KERNEL));
	if (!stable)
		json_set(dma, "in_use", mask(ctx, PMEM_FACT_DMA_IN_USE));
	return dma;
}
