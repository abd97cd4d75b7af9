/* SPDX-License-Identifier: MIT */
/* Data on stdout: JSON, and rows for people made from the same objects. */
#include "physmem.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
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
	return json_text(text);
}

json_object *json_new(void)
{
	return need(json_object_new_object());
}

json_object *json_list(void)
{
	return need(json_object_new_array());
}

json_object *json_text(const char *text)
{
	return need(json_object_new_string(text));
}

json_object *json_number(uint64_t value)
{
	return need(json_object_new_uint64(value));
}

void json_add(json_object *list, json_object *value)
{
	if (json_object_array_add(list, value))
		no_memory();
}

void json_set(json_object *object, const char *key, json_object *value)
{
	if (json_object_object_add(object, key, value))
		no_memory();
}

void json_set_text(json_object *object, const char *key, const char *text)
{
	json_set(object, key, text ? json_text(text) : NULL);
}

void json_set_bool(json_object *object, const char *key, bool value)
{
	json_set(object, key, need(json_object_new_boolean(value)));
}

void json_set_number(json_object *object, const char *key, uint64_t value)
{
	json_set(object, key, json_number(value));
}

const char *short_name(const char *family, uint64_t value, char separator)
{
	static char word[64];
	const char *name = pmem_constant_name(family, value);

	if (!name)
		return NULL;
	(void)strlcpy(word, name + strlen(family), sizeof(word));
	for (char *c = word; *c; c++)
		*c = *c == '_' ? separator : (char)tolower((unsigned char)*c);
	return word;
}

json_object *json_bits(const char *family, uint32_t bits)
{
	json_object *names = json_list();

	for (uint32_t bit = 1; bit; bit <<= 1) {
		const char *name = bits & bit ? short_name(family, bit, '-') : NULL;

		if (name)
			json_add(names, json_text(name));
	}
	return names;
}

json_object *json_error(const struct pmem_error *err)
{
	json_object *object = json_new();

	json_set_number(object, "errno", (uint64_t)-pmem_error_code(err));
	json_set_text(object, "cause", pmem_error_cause_name(pmem_error_cause(err)));
	json_set_text(object, "operation", pmem_error_operation(err));
	json_set_text(object, "path", pmem_error_path(err));
	json_set_text(object, "message", pmem_error_message(err));
	json_set_text(object, "hint", pmem_error_hint(err));
	if (pmem_error_backend(err)[0])
		json_set_text(object, "backend", pmem_error_backend(err));
	if (pmem_error_child_count(err)) {
		json_object *children = json_list();

		for (size_t i = 0; i < pmem_error_child_count(err); i++)
			json_add(children, json_error(pmem_error_child(err, i)));
		json_set(object, "children", children);
	}
	return object;
}

json_object *json_document(const char *command)
{
	json_object *document = json_new();

	json_set_text(document, "schema", SCHEMA);
	json_set_text(document, "command", command);
	json_set_text(document, "version", pmem_version());
	return document;
}

/* A character of a string; how many bytes it took. What is not valid UTF-8 becomes U+FFFD. */
static size_t put_character(const unsigned char *c, size_t left)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	size_t more = c[0] < 0x80 ? 0 : c[0] >> 5 == 6 ? 1 : c[0] >> 4 == 14 ? 2 :
		c[0] >> 3 == 30 ? 3 : left;
	uint32_t code = more ? c[0] & (0x3fu >> (more < 4 ? more : 4)) : c[0];

	for (size_t i = 1; i <= more && more < left; i++) {
		if (c[i] >> 6 != 2)
			more = left;
		else
			code = code << 6 | (c[i] & 0x3fu);
	}
	if (more >= left || code < least[more] || code > 0x10ffff || code >> 11 == 27) {
		(void)fputs("\\ufffd", stdout);
		return 1;
	}
	if (code == '"' || code == '\\')
		(void)printf("\\%c", (int)code);
	else if (code >= ' ' && code < 0x7f)
		(void)putchar((int)code);
	else if (code < 0x10000)
		(void)printf("\\u%04x", code);
	else
		(void)printf("\\u%04x\\u%04x", 0xd7c0 + (code >> 10), 0xdc00 + (code & 0x3ff));
	return more + 1;
}

static void put_string(const char *text, size_t length)
{
	(void)putchar('"');
	for (size_t i = 0; i < length;)
		i += put_character((const unsigned char *)text + i, length - i);
	(void)putchar('"');
}

static void put_json(json_object *value, int depth);

static void put_object(json_object *object, int depth)
{
	const char *before = "{\n";
	struct json_object_iterator at = json_object_iter_begin(object);
	struct json_object_iterator end = json_object_iter_end(object);

	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
		const char *key = json_object_iter_peek_name(&at);

		(void)printf("%s%*s", before, 2 * depth + 2, "");
		put_string(key, strlen(key));
		(void)fputs(": ", stdout);
		put_json(json_object_iter_peek_value(&at), depth + 1);
		before = ",\n";
	}
	(void)printf(*before == '{' ? "{}" : "\n%*s}", 2 * depth, "");
}

static void put_array(json_object *array, int depth)
{
	size_t count = json_object_array_length(array);

	for (size_t i = 0; i < count; i++) {
		(void)printf("%s\n%*s", i ? "," : "[", 2 * depth + 2, "");
		put_json(json_object_array_get_idx(array, i), depth + 1);
	}
	if (count)
		(void)printf("\n%*s]", 2 * depth, "");
	else
		(void)fputs("[]", stdout);
}

/*
 * json-c's own printing drops what it has no memory for, and passes on any byte. This needs no
 * memory, and its output is ASCII: JSON for every reader, and nothing to a terminal.
 */
static void put_json(json_object *value, int depth)
{
	switch (json_object_get_type(value)) {
	case json_type_object:
		put_object(value, depth);
		break;
	case json_type_array:
		put_array(value, depth);
		break;
	case json_type_string:
		put_string(json_object_get_string(value),
			(size_t)json_object_get_string_len(value));
		break;
	case json_type_boolean:
		(void)fputs(json_object_get_boolean(value) ? "true" : "false", stdout);
		break;
	case json_type_int:
	case json_type_double: /* there is none */
		(void)printf("%" PRIu64, json_object_get_uint64(value));
		break;
	case json_type_null:
		(void)fputs("null", stdout);
		break;
	}
}

static bool finished;

bool json_finished(void)
{
	return finished;
}

int json_finish(json_object *document)
{
	finished = true;
	put_json(document, 0);
	(void)putchar('\n');
	json_object_put(document);
	return out_finish();
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

	return value ? need((void *)(uintptr_t)json_object_get_string(value)) : "";
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
		(void)strlcat(text, need((void *)(uintptr_t)json_object_get_string(
			json_object_array_get_idx(array, i))), sizeof(text));
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
	errno = 0; /* libbsd 0.11 takes a number that is too large for the largest there is */
	(void)strtoull(text, NULL, 0);
	if (errno)
		return false;
	if (expand_number(text, &size))
		return false;
	*value = size;
	return true;
}
