/* SPDX-License-Identifier: MIT */
/*
 * CMSIS-SVD, by the schema and the manual of version 1.3 (open-cmsis-pack.github.io/svd-spec): what is
 * at which address, the bits of it, and whether reading changes it. derivedFrom is followed for each
 * property that an element does not have itself.
 */
#include "regfile.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xml.h"

#define DERIVED_MAX 8   /* one from another; a ring ends there */
#define DIM_MAX 4096u
#define CLUSTERS_MAX 16
#define WORK_MAX (1u << 20) /* registers, clusters and fields, each as often as it is repeated */

/* A file of a few lines can ask for more than a machine has. */
static bool worked(struct regfile *file)
{
	return ++file->work <= WORK_MAX ||
		regfile_refuse(file, "it repeats its registers too often");
}

/* scaledNonNegativeInteger: "16", "0x10", "#10000", "0b10000", "4k"; 'x' is any bit: no number. */
static bool number(const char *text, uint64_t *value)
{
	static const char units[] = "kmgt";
	unsigned base = 10;
	char *end;

	text += *text == '+';
	if (*text == '#' || (text[0] == '0' && (text[1] == 'b' || text[1] == 'B'))) {
		text += *text == '#' ? 1 : 2;
		base = 2;
	} else if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
	}
	if (!isxdigit((unsigned char)*text))
		return false;
	errno = 0;
	*value = strtoull(text, &end, (int)base);
	if (errno || end == text)
		return false;
	if (*end && strchr(units, tolower((unsigned char)*end))) {
		*value <<= 10 * (strchr(units, tolower((unsigned char)*end)) - units + 1);
		end++;
	}
	return *end == '\0';
}

static const struct element *derived(const struct element *element);

/* The child of that tag, of the element or of the one that it is derived from. */
static const struct element *property(const struct element *element, const char *tag)
{
	const struct element *found = NULL;

	for (int n = 0; element && !found && n < DERIVED_MAX; n++) {
		found = xml_child(element, tag);
		if (!found)
			element = derived(element);
	}
	return found;
}

static const char *text_in(const struct element *element, const char *tag)
{
	const struct element *found = property(element, tag);

	return found ? found->text : "";
}

static uint64_t number_in(const struct element *element, const char *tag, uint64_t otherwise)
{
	uint64_t value;

	return number(text_in(element, tag), &value) ? value : otherwise;
}

/* What elements above give where one has nothing itself: size, access. */
static const char *inherited(const struct element *element, const char *tag)
{
	const char *text = "";

	for (; element && !*text; element = element->parent)
		text = text_in(element, tag);
	return text;
}

/* Whether the names from the device down to the element end as "A.B.C" does. */
static bool is_path(const struct element *element, const char *path)
{
	const char *dot = strrchr(path, '.');
	const char *last = dot ? dot + 1 : path;
	const struct element *name = xml_child(element, "name");
	char above[512];

	if (!name || strcmp(name->text, last) != 0)
		return false;
	if (!dot)
		return true;
	if ((size_t)(dot - path) >= sizeof(above))
		return false;
	memcpy(above, path, (size_t)(dot - path));
	above[dot - path] = '\0';
	do {
		element = element->parent;
	} while (element && !xml_child(element, "name"));
	return element && is_path(element, above);
}

/* The element of that tag and path below another, itself left out. */
static const struct element *below(const struct element *top, const struct element *self,
	const char *path)
{
	const struct element *at = top->child;

	while (at && at != top) {
		if (at != self && !strcmp(at->tag, self->tag) && is_path(at, path))
			return at;
		if (at->child) {
			at = at->child;
			continue;
		}
		while (at != top && !at->next)
			at = at->parent;
		if (at != top)
			at = at->next;
	}
	return NULL;
}

/* What an element is derived from: the nearest of that name; NULL. Looked for once. */
static const struct element *derived(const struct element *element)
{
	struct element *kept = (struct element *)(uintptr_t)element;

	for (const struct element *top = element->parent;
		element->derived && !element->looked && top && !kept->base; top = top->parent)
		kept->base = below(top, element, element->derived);
	kept->looked = true;
	return element->base;
}

/* --- arrays and lists ------------------------------------------------------------------------------ */

struct dim {
	uint64_t count, increment;
	const char *index; /* "0-3", "A-D", "A,B,C"; "" */
};

static struct dim dim_of(const struct element *element)
{
	struct dim dim = { number_in(element, "dim", 1), number_in(element, "dimIncrement", 0),
		text_in(element, "dimIndex") };

	if (!xml_child(element, "dim"))
		return (struct dim){ 1, 0, "" };
	return dim;
}

/* The word that stands for the nth. */
static void index_of(const struct dim *dim, uint64_t nth, char *out, size_t size)
{
	const char *at = dim->index, *dash = strchr(at, '-');
	uint64_t first;
	char copy[32];

	if (dash && (size_t)(dash - at) < sizeof(copy)) {
		memcpy(copy, at, (size_t)(dash - at));
		copy[dash - at] = '\0';
		if (number(copy, &first)) {
			(void)snprintf(out, size, "%" PRIu64, first + nth);
			return;
		}
		if (copy[0] && !copy[1]) {
			(void)snprintf(out, size, "%c", (char)((uint64_t)copy[0] + nth));
			return;
		}
	}
	for (uint64_t i = 0; i < nth && at; i++) {
		at = strchr(at, ',');
		at = at ? at + 1 : NULL;
	}
	if (!at || !*at || dash) {
		(void)snprintf(out, size, "%" PRIu64, nth);
		return;
	}
	at += strspn(at, " ");
	(void)snprintf(out, size, "%.*s", (int)strcspn(at, ", "), at);
}

/* The name with the nth index in place of "%s"; "[%s]" keeps its brackets. */
static void name_of(const struct element *element, const struct dim *dim, uint64_t nth, char *out,
	size_t size)
{
	const char *name = text_in(element, "name"), *mark = strstr(name, "%s");
	char index[64] = "";

	if (mark)
		index_of(dim, nth, index, sizeof(index));
	(void)snprintf(out, size, "%.*s%s%s", mark ? (int)(mark - name) : (int)strlen(name), name,
		index, mark ? mark + 2 : "");
}

/* --- fields ---------------------------------------------------------------------------------------- */

static bool bits_of(const struct element *field, uint64_t *low, uint64_t *high)
{
	const char *range = text_in(field, "bitRange");
	unsigned msb, lsb;

	*low = number_in(field, "bitOffset", UINT64_MAX);
	if (*low != UINT64_MAX) {
		*high = *low + number_in(field, "bitWidth", 1) - 1;
	} else if (sscanf(range, "[%u:%u]", &msb, &lsb) == 2) {
		*high = msb;
		*low = lsb;
	} else {
		*low = number_in(field, "lsb", UINT64_MAX);
		*high = number_in(field, "msb", UINT64_MAX);
	}
	return *high <= 63 && *low <= *high;
}

static void add_values(struct regfile *file, const struct element *field, struct reg_field *out)
{
	const struct element *list = property(field, "enumeratedValues");
	size_t room = 0;

	for (int n = 0; list && list->derived && n < DERIVED_MAX; n++)
		list = derived(list);
	for (const struct element *one = xml_child(list, "enumeratedValue"); one; one = xml_next(one))
		room++;
	if (!room)
		return;
	out->values = regfile_keep(file, room, sizeof(*out->values));
	for (const struct element *one = xml_child(list, "enumeratedValue"); one; one = xml_next(one)) {
		struct reg_value *value = &out->values[out->count];

		value->name = text_in(one, "name");
		if (*value->name && number(text_in(one, "value"), &value->value))
			out->count++;
	}
}

static bool add_field(struct regfile *file, const struct element *element, struct reg *reg,
	size_t room)
{
	struct dim dim = dim_of(element);
	uint64_t low, high;
	char name[256];

	if (!worked(file))
		return false;
	if (*text_in(element, "readAction"))
		reg->changes = true;
	if (!bits_of(element, &low, &high))
		return regfile_refuse(file, "field %s has no place", text_in(element, "name"));
	for (uint64_t n = 0; n < dim.count && reg->count < room; n++) {
		struct reg_field *field = &reg->fields[reg->count];

		if (high + n * dim.increment >= reg->width || dim.increment > 63)
			break; /* as some makers' files have it */
		name_of(element, &dim, n, name, sizeof(name));
		field->name = regfile_text(file, name, strlen(name));
		field->low = (unsigned)(low + n * dim.increment);
		field->high = (unsigned)(high + n * dim.increment);
		add_values(file, element, field);
		reg->count++;
	}
	return true;
}

static bool add_fields(struct regfile *file, const struct element *element, struct reg *reg)
{
	const struct element *fields = property(element, "fields");
	size_t room = 0;

	for (const struct element *one = xml_child(fields, "field"); one; one = xml_next(one)) {
		uint64_t count = dim_of(one).count;

		room += count > 64 ? 64 : (size_t)count;
	}
	if (!room)
		return true;
	reg->fields = regfile_keep(file, room, sizeof(*reg->fields));
	for (const struct element *one = xml_child(fields, "field"); one; one = xml_next(one)) {
		if (!add_field(file, one, reg, room))
			return false;
	}
	return true;
}

/* --- registers -------------------------------------------------------------------------------------- */

/* What is above a register: its clusters' names and offsets. */
struct above {
	const char *prefix; /* "CHANNEL[3]." */
	uint64_t offset;
	int depth;
};

static bool add_register(struct regfile *file, const struct element *element,
	const struct above *above)
{
	const char *access = inherited(element, "access");
	struct dim dim = dim_of(element);
	struct reg reg = { .width = 32 };
	char name[256], full[512];
	uint64_t width;

	if (number(inherited(element, "size"), &width) && width && width <= 64 && width % 8 == 0)
		reg.width = (unsigned)width;
	reg.write_only = !strcmp(access, "write-only") || !strcmp(access, "writeOnce");
	reg.read_only = !strcmp(access, "read-only");
	reg.changes = *text_in(element, "readAction") != '\0';
	if (dim.count > DIM_MAX)
		return regfile_refuse(file, "register %s is there more than %u times",
			text_in(element, "name"), DIM_MAX);
	if (!worked(file) || !add_fields(file, element, &reg))
		return false;
	for (uint64_t n = 0; n < dim.count; n++) {
		name_of(element, &dim, n, name, sizeof(name));
		(void)snprintf(full, sizeof(full), "%s%s", above->prefix, name);
		reg.name = regfile_text(file, full, strlen(full));
		reg.offset = above->offset + number_in(element, "addressOffset", 0) + n * dim.increment;
		if (!regfile_add(file, &reg))
			return false;
	}
	return true;
}

static bool add_all(struct regfile *file, const struct element *list, const struct above *above);

static bool add_cluster(struct regfile *file, const struct element *element,
	const struct above *above)
{
	struct dim dim = dim_of(element);
	char name[256], prefix[512];

	if (above->depth == CLUSTERS_MAX || dim.count > DIM_MAX)
		return regfile_refuse(file, "cluster %s is too deep, or too often there",
			text_in(element, "name"));
	for (uint64_t n = 0; n < dim.count; n++) {
		struct above inner = { prefix, above->offset + n * dim.increment +
			number_in(element, "addressOffset", 0), above->depth + 1 };
		const struct element *from = element;

		if (!worked(file))
			return false;
		name_of(element, &dim, n, name, sizeof(name));
		(void)snprintf(prefix, sizeof(prefix), "%s%s.", above->prefix, name);
		for (int i = 0; from && i < DERIVED_MAX; i++) {
			if (!add_all(file, from, &inner))
				return false;
			from = xml_child(from, "register") || xml_child(from, "cluster") ? NULL :
				derived(from);
		}
	}
	return true;
}

static bool add_all(struct regfile *file, const struct element *list, const struct above *above)
{
	for (const struct element *one = list->child; one; one = one->next) {
		if (!strcmp(one->tag, "register") && !add_register(file, one, above))
			return false;
		if (!strcmp(one->tag, "cluster") && !add_cluster(file, one, above))
			return false;
	}
	return true;
}

static bool add_peripheral(struct regfile *file, const struct element *element)
{
	const struct element *registers = property(element, "registers");
	struct dim dim = dim_of(element);
	struct above above = { "", 0, 0 };
	char name[256];

	if (!registers)
		return true;
	if (dim.count > DIM_MAX)
		return regfile_refuse(file, "peripheral %s is there more than %u times",
			text_in(element, "name"), DIM_MAX);
	for (uint64_t n = 0; n < dim.count; n++) {
		struct reg_block block = { .placed = true };

		name_of(element, &dim, n, name, sizeof(name));
		block.name = regfile_text(file, name, strlen(name));
		block.base = number_in(element, "baseAddress", UINT64_MAX);
		if (block.base == UINT64_MAX || !*block.name)
			return regfile_refuse(file, "peripheral '%s' has no address", name);
		block.base += n * dim.increment;
		if (!regfile_add_block(file, &block) || !add_all(file, registers, &above))
			return false;
	}
	return true;
}

bool regfile_svd(struct regfile *file, const char *data, size_t size)
{
	static const char *const tags[] = { "name", "addressOffset", "field", "bitOffset", "bitWidth",
		"bitRange", "lsb", "msb", "enumeratedValue", "value", "enumeratedValues", "fields",
		"register", "access", "size", "readAction", "dim", "dimIncrement", "dimIndex", "cluster",
		"registers", "baseAddress", "peripheral", "peripherals", "device", NULL };
	const struct element *device = xml_parse(file, tags, data, size);
	const struct element *list;

	if (!device)
		return false;
	if (strcmp(device->tag, "device") != 0)
		return regfile_refuse(file, "it is XML, but no CMSIS-SVD: its root is %s", device->tag);
	list = xml_child(device, "peripherals");
	for (const struct element *one = xml_child(list, "peripheral"); one; one = xml_next(one)) {
		if (!add_peripheral(file, one))
			return false;
	}
	return true;
}
