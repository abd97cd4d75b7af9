/* SPDX-License-Identifier: MIT */
/* An XML file as a tree of elements. expat reads no other file and opens no connection. */
#include "xml.h"

#include <string.h>

#include <expat.h>

#include "physmem.h"

#define DEPTH_MAX 64
#define SIZE_MAX_XML (256u << 20)
#define TEXT_MAX 256 /* names and numbers; of a longer description the beginning is enough */

struct builder {
	struct regfile *file;
	XML_Parser parser;
	struct element *root, *at;
	struct element *last[DEPTH_MAX]; /* child of each that is open */
	const char *const *tags;
	size_t depth, length, dropped; /* dropped: elements that are open and not kept */
	char text[TEXT_MAX];
};

/* The word of the list, or of the root the tag itself; NULL: it is not kept. */
static const char *kept_tag(struct builder *builder, const char *tag)
{
	for (const char *const *known = builder->tags; *known; known++) {
		if (!strcmp(*known, tag))
			return *known;
	}
	return builder->root ? NULL : regfile_text(builder->file, tag, strlen(tag));
}

static void on_start(void *user, const XML_Char *tag, const XML_Char **attributes)
{
	struct builder *builder = user;
	const char *known = builder->dropped ? NULL : kept_tag(builder, tag);
	struct element *element;

	if (!known) {
		builder->dropped++;
		return;
	}
	if (builder->depth + 1 >= DEPTH_MAX) {
		(void)regfile_refuse(builder->file, "elements are nested too deeply");
		(void)XML_StopParser(builder->parser, XML_FALSE);
		return;
	}
	element = regfile_keep(builder->file, 1, sizeof(*element));
	element->tag = known;
	element->text = "";
	element->parent = builder->at;
	for (; *attributes; attributes += 2) {
		if (!strcmp(attributes[0], "derivedFrom"))
			element->derived = regfile_text(builder->file, attributes[1],
				strlen(attributes[1]));
	}
	if (!builder->at)
		builder->root = element;
	else if (builder->last[builder->depth])
		builder->last[builder->depth]->next = element;
	else
		builder->at->child = element;
	builder->last[builder->depth++] = element;
	builder->last[builder->depth] = NULL;
	builder->at = element;
	builder->length = 0;
}

static void on_end(void *user, const XML_Char *tag)
{
	struct builder *builder = user;
	const char *text = builder->text;
	size_t length = builder->length;

	(void)tag;
	if (builder->dropped) {
		builder->dropped--;
		return;
	}
	while (length && strchr(" \t\r\n", text[length - 1]))
		length--;
	while (length && strchr(" \t\r\n", *text)) {
		text++;
		length--;
	}
	if (!builder->at->child && length)
		builder->at->text = regfile_text(builder->file, text, length);
	builder->at = builder->at->parent;
	builder->depth--;
	builder->length = 0;
}

static void on_text(void *user, const XML_Char *text, int length)
{
	struct builder *builder = user;
	size_t room = builder->dropped ? 0 : sizeof(builder->text) - builder->length;
	size_t count = (size_t)length < room ? (size_t)length : room;

	memcpy(builder->text + builder->length, text, count);
	builder->length += count;
}

/*
 * Newer releases have a name for 64 bits, and call the one that all have deprecated. A file here has
 * fewer lines than 32 bits count.
 */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
static unsigned long line_of(XML_Parser parser)
{
	return (unsigned long)XML_GetCurrentLineNumber(parser);
}
#pragma GCC diagnostic pop

struct element *xml_parse(struct regfile *file, const char *const *tags, const char *data, size_t size)
{
	struct builder builder = { .file = file, .tags = tags };
	enum XML_Error error = XML_ERROR_NONE;

	if (size > SIZE_MAX_XML) {
		(void)regfile_refuse(file, "larger than %u MiB", SIZE_MAX_XML >> 20);
		return NULL;
	}
	builder.parser = need(XML_ParserCreate(NULL));
	XML_SetUserData(builder.parser, &builder);
	XML_SetElementHandler(builder.parser, on_start, on_end);
	XML_SetCharacterDataHandler(builder.parser, on_text);
	if (XML_Parse(builder.parser, data, (int)size, 1) != XML_STATUS_OK) {
		error = XML_GetErrorCode(builder.parser);
		if (error == XML_ERROR_NO_MEMORY)
			no_memory();
		if (!file->why[0])
			(void)regfile_refuse(file, "line %lu: %s",
				line_of(builder.parser), XML_ErrorString(error));
	}
	XML_ParserFree(builder.parser);
	return error == XML_ERROR_NONE ? builder.root : NULL;
}

struct element *xml_child(const struct element *element, const char *tag)
{
	struct element *child = element ? element->child : NULL;

	while (child && strcmp(child->tag, tag) != 0)
		child = child->next;
	return child;
}

struct element *xml_next(const struct element *element)
{
	const char *tag = element->tag;

	do {
		element = element->next;
	} while (element && strcmp(element->tag, tag) != 0);
	return (struct element *)(uintptr_t)element;
}
