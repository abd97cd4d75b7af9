/* SPDX-License-Identifier: MIT */
/* The text form of physmem info, made from the same object as the JSON. */
#include "physmem.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char *or_unknown(const char *text)
{
	return text[0] ? text : "unknown";
}

static void show_machine(json_object *machine)
{
	(void)puts("machine");
	row("model", "%s", or_unknown(text_of(machine, "model")));
	row("vendor", "%s", or_unknown(text_of(machine, "vendor")));
	row("family", "%s", text_of(machine, "family"));
	if (json_object_array_length(member(machine, "compatible")))
		row("compatible", "%s", joined(member(machine, "compatible")));
	row("page size", "%" PRIu64, number_of(machine, "page_size"));
	row("architecture", "%s", text_of(machine, "architecture"));
	if (member(machine, "kernel"))
		row("kernel", "%s", text_of(machine, "kernel"));
}

static void show_why(json_object *error)
{
	line("    %s: %s", text_of(error, "cause"), text_of(error, "message"));
	if (text_of(error, "hint")[0])
		line("    -> %s", text_of(error, "hint"));
}

static void show_backends(json_object *backends)
{
	(void)puts("backends, best first");
	for (size_t i = 0; i < json_object_array_length(backends); i++) {
		json_object *backend = json_object_array_get_idx(backends, i);
		bool usable = json_object_get_boolean(member(backend, "usable"));

		row(text_of(backend, "name"), "%-8s %s", usable ? "usable" : "refused",
			joined(member(backend, "caps")));
		if (!usable)
			show_why(member(backend, "error"));
	}
}

static void show_addresses(json_object *addresses)
{
	json_object *gpio = member(addresses, "gpio");
	json_object *peripherals = member(addresses, "peripherals");

	(void)puts("addresses");
	if (gpio)
		row("gpio", "phys %s size %s", text_of(gpio, "phys"), text_of(gpio, "size"));
	else
		row("gpio", "unknown");
	if (peripherals)
		row("peripherals", "phys %s bus %s", text_of(peripherals, "phys"),
			text_of(peripherals, "bus"));
}

static void show_bytes(json_object *object, const char *key, const char *label)
{
	if (member(object, key))
		row(label, "%" PRIu64 " KiB", number_of(object, key) / 1024);
}

static void show_memory(json_object *memory)
{
	json_object *pools = member(memory, "huge_pages");

	(void)puts("memory");
	show_bytes(memory, "total", "total");
	if (!member(memory, "cma_total"))
		row("cma", "unknown");
	else if (!number_of(memory, "cma_total"))
		row("cma", "none");
	else
		show_bytes(memory, "cma_total", "cma total");
	show_bytes(memory, "cma_free", "cma free");
	for (size_t i = 0; i < json_object_array_length(pools); i++) {
		json_object *pool = json_object_array_get_idx(pools, i);
		char label[32];

		(void)snprintf(label, sizeof(label), "huge %" PRIu64 "K",
			number_of(pool, "size") / 1024);
		if (member(pool, "free"))
			row(label, "%" PRIu64 " pages, %" PRIu64 " free", number_of(pool, "total"),
				number_of(pool, "free"));
		else
			row(label, "%" PRIu64 " pages", number_of(pool, "total"));
	}
	row("transparent", "%s", member(memory, "transparent_huge_pages") ?
		text_of(memory, "transparent_huge_pages") : "none");
}

static void show_access(json_object *access)
{
	json_object *pagemap = member(access, "pagemap");
	bool visible = json_object_get_boolean(member(pagemap, "visible"));

	(void)puts("access");
	row("lockdown", "%s", member(access, "lockdown") ? text_of(access, "lockdown") :
		"unknown (/sys/kernel/security/lockdown is not there)");
	row("pagemap", "%s", visible ? "visible" : "hidden");
	if (!visible)
		show_why(member(pagemap, "error"));
}

/* build time, as a date; the others as they are. */
static void show_fact(const char *key, json_object *value)
{
	char label[32], date[32];
	time_t when = (time_t)json_object_get_uint64(value);
	struct tm tm;

	(void)snprintf(label, sizeof(label), "%s", key);
	for (char *c = label; (c = strchr(c, '_')); c++)
		*c = ' ';
	if (!value)
		row(label, "unknown");
	else if (!strcmp(key, "revision") && gmtime_r(&when, &tm) &&
		strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &tm))
		row(label, "%s UTC", date);
	else
		row(label, "%s", (const char *)need((void *)(uintptr_t)json_object_get_string(value)));
}

static void show_firmware(json_object *firmware)
{
	struct json_object_iterator it, end;

	if (!firmware)
		return;
	(void)puts("firmware");
	end = json_object_iter_end(firmware);
	for (it = json_object_iter_begin(firmware); !json_object_iter_equal(&it, &end);
		json_object_iter_next(&it)) {
		const char *key = json_object_iter_peek_name(&it);

		if (!strcmp(key, "error"))
			show_why(json_object_iter_peek_value(&it));
		else
			show_fact(key, json_object_iter_peek_value(&it));
	}
}

static void show_mask(json_object *dma, const char *key, const char *label)
{
	if (member(dma, key))
		row(label, "%s", joined(member(dma, key)));
}

static void show_dma(json_object *dma)
{
	json_object *channels = member(dma, "channels");
	size_t count = json_object_array_length(channels), busy = 0;

	(void)puts("dma channels");
	for (size_t i = 0; i < count; i++)
		busy += number_of(json_object_array_get_idx(channels, i), "in_use") != 0;
	if (member(dma, "in_use") || !member(json_object_array_get_idx(channels, 0), "in_use"))
		row("of the kernel", "%zu", count);
	else
		row("of the kernel", "%zu, %zu in use", count, busy);
	show_mask(dma, "left_by_firmware", "not firmware's");
	show_mask(dma, "for_kernel", "kernel may use");
	show_mask(dma, "in_use", "in use");
}

void show_info(json_object *info)
{
	json_object *heaps = member(info, "heaps");

	show_machine(member(info, "machine"));
	show_backends(member(info, "backends"));
	show_addresses(member(info, "addresses"));
	show_memory(member(info, "memory"));
	show_access(member(info, "access"));
	(void)puts("dma-buf heaps");
	if (json_object_array_length(heaps))
		show_heaps(heaps, "  ");
	else
		(void)puts("  none");
	show_firmware(member(info, "firmware"));
	show_dma(member(info, "dma"));
}
