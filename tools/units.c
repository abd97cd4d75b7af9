/* SPDX-License-Identifier: MIT */
/* Values of registers and of their bits: how they are told. And times, in milliseconds. */
#include "registers.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

uint64_t ones(unsigned bits)
{
	return bits >= 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1;
}

uint64_t bits_of_value(const struct target *target, uint64_t value)
{
	if (!target->bits)
		return value;
	return value >> target->low & ones(target->high - target->low + 1);
}

unsigned width_of_value(const struct job *job)
{
	return job->target.bits ? job->target.high - job->target.low + 1 : job->width;
}

uint64_t phys_of(const struct job *job, uint64_t i)
{
	return job->target.phys + i * job->unit;
}

const char *meaning_of(const struct reg_field *field, uint64_t value)
{
	for (size_t i = 0; field && i < field->count; i++) {
		if (field->values[i].value == value)
			return field->values[i].name;
	}
	return NULL;
}

void json_place(json_object *document, const struct job *job)
{
	const struct target *target = &job->target;

	json_set(document, "phys", json_hex(target->phys));
	json_set_number(document, "width", job->width);
	if (target->kind == TARGET_FILE) {
		json_set_text(document, "file", target->path);
		json_set(document, "file_offset", json_hex(target->place));
	}
	if (target->match.reg) {
		json_set_text(document, "block", target->match.block->name);
		json_set_text(document, "register", target->match.reg->name);
	}
	if (target->match.field)
		json_set_text(document, "field", target->match.field->name);
	if (target->bits) {
		json_set_number(document, "high", target->high);
		json_set_number(document, "low", target->low);
	}
}

static uint64_t value_of(const struct reg_field *field, uint64_t value)
{
	return value >> field->low & ones(field->high - field->low + 1);
}

json_object *json_fields(const struct reg *reg, uint64_t value)
{
	json_object *list = json_list();

	for (size_t i = 0; i < reg->count; i++) {
		const struct reg_field *field = &reg->fields[i];
		json_object *one = json_new();
		const char *meaning = meaning_of(field, value_of(field, value));

		json_set_text(one, "name", field->name);
		json_set_number(one, "high", field->high);
		json_set_number(one, "low", field->low);
		json_set(one, "value",
			json_value(value_of(field, value), field->high - field->low + 4));
		json_set_text(one, "meaning", meaning);
		json_add(list, one);
	}
	return list;
}

void show_fields(const struct reg *reg, uint64_t value)
{
	for (size_t i = 0; i < reg->count; i++) {
		const struct reg_field *field = &reg->fields[i];
		const char *meaning = meaning_of(field, value_of(field, value));
		char place[16];

		(void)snprintf(place, sizeof(place), "%u:%u", field->high, field->low);
		line("  %5s %-20s 0x%" PRIx64 "%s%s", place, field->name, value_of(field, value),
			meaning ? " " : "", meaning ? meaning : "");
	}
}

bool parse_time(const char *text, uint64_t *ms)
{
	double value;
	char *end;

	if ((*text < '0' || *text > '9') && *text != '.')
		return false;
	errno = 0;
	value = strtod(text, &end);
	if (errno || end == text || value < 0 || value > 1e9)
		return false;
	if (!strcmp(end, "ms"))
		*ms = (uint64_t)value;
	else if (!*end || !strcmp(end, "s"))
		*ms = (uint64_t)(value * 1000);
	else
		return false;
	return true;
}

void sleep_ms(uint64_t ms)
{
	struct timespec time = { (time_t)(ms / 1000), (long)(ms % 1000) * 1000000 };

	(void)nanosleep(&time, NULL); /* a signal may end it early */
}

uint64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* no system call where there is a vDSO */
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}
