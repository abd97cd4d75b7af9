/* SPDX-License-Identifier: MIT */
/* Data on stdout: JSON, and rows for people made from the same objects. */
#include "physmem.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/libutil.h>
#include <bsd/string.h>

#define SCHEMA "physmem/1" /* docs/json.md */

json_object *json_hex(uint64_t value)
{
	return json_value(value, 32);
}

json_object *json_value(uint64_t value, unsigned width)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "0x%0*" PRIx64, (int)(width / 4), value);
	return json_object_new_string(text);
}

void json_set(json_object *object, const char *key, json_object *value)
{
	(void)json_object_object_add(object, key, value);
}

void json_set_text(json_object *object, const char *key, const char *text)
{
	json_set(object, key, text ? json_object_new_string(text) : NULL);
}

void json_set_bool(json_object *object, const char *key, bool value)
{
	json_set(object, key, json_object_new_boolean(value));
}

void json_set_number(json_object *object, const char *key, uint64_t value)
{
	json_set(object, key, json_object_new_uint64(value));
}

json_object *json_error(const struct pmem_error *err)
{
	json_object *object = json_object_new_object();

	json_set_number(object, "errno", (uint64_t)pmem_error_errno(err));
	json_set_text(object, "cause", pmem_error_cause_name(pmem_error_cause(err)));
	json_set_text(object, "operation", pmem_error_operation(err));
	json_set_text(object, "path", pmem_error_path(err));
	json_set_text(object, "message", pmem_error_message(err));
	json_set_text(object, "hint", pmem_error_hint(err));
	if (pmem_error_backend(err)[0])
		json_set_text(object, "backend", pmem_error_backend(err));
	if (pmem_error_child_count(err)) {
		json_object *children = json_object_new_array();

		for (size_t i = 0; i < pmem_error_child_count(err); i++)
			(void)json_object_array_add(children, json_error(pmem_error_child(err, i)));
		json_set(object, "children", children);
	}
	return object;
}

json_object *json_document(const char *command)
{
	json_object *document = json_object_new_object();

	json_set_text(document, "schema", SCHEMA);
	json_set_text(document, "command", command);
	json_set_text(document, "version", pmem_version());
	return document;
}

int json_finish(json_object *document)
{
	(void)puts(json_object_to_json_string_ext(document,
		JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(document);
	return out_finish();
}

int out_finish(void)
{
	if (fflush(stdout) || ferror(stdout)) {
		report("writing to standard output: %s", strerror(errno));
		return EXIT_FAILED;
	}
	return EXIT_OK;
}

void row(const char *key, const char *format, ...)
{
	va_list args;

	(void)printf("  %-14s ", key);
	va_start(args, format);
	(void)vprintf(format, args);
	va_end(args);
	(void)putchar('\n');
}

json_object *member(json_object *object, const char *key)
{
	json_object *value = NULL;

	(void)json_object_object_get_ex(object, key, &value);
	return value;
}

const char *text_of(json_object *object, const char *key)
{
	json_object *value = member(object, key);

	return value ? json_object_get_string(value) : "";
}

uint64_t number_of(json_object *object, const char *key)
{
	return json_object_get_uint64(member(object, key));
}

const char *joined(json_object *array)
{
	static char text[1024];

	text[0] = '\0';
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		if (i)
			(void)strlcat(text, " ", sizeof(text));
		(void)strlcat(text, json_object_get_string(json_object_array_get_idx(array, i)),
			sizeof(text));
	}
	return text;
}

bool parse_number(const char *text, uint64_t *value)
{
	char *end;
	unsigned long long number;

	if (!isdigit((unsigned char)text[0])) /* strtoull() takes blanks and signs */
		return false;
	errno = 0;
	number = strtoull(text, &end, 0);
	if (errno || *end)
		return false;
	*value = number;
	return true;
}

bool parse_size(const char *text, uint64_t *value)
{
	uint64_t size;

	/* expand_number() takes any base, but "0x1b" must not become one byte with a suffix. */
	if (parse_number(text, value))
		return true;
	if (!isdigit((unsigned char)text[0]) || text[1] == 'x' || text[1] == 'X')
		return false;
	if (expand_number(text, &size))
		return false;
	*value = size;
	return true;
}
