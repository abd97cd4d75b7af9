/* SPDX-License-Identifier: MIT */
/* How a place is named on the command line: address.h has the grammar. */
#include "address.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

struct parser {
	struct address *out;
	char *why;
	size_t size;
};

static bool refuse(struct parser *parser, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static bool refuse(struct parser *parser, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(parser->why, parser->size, format, args);
	va_end(args);
	return false;
}

/* What may follow a number: "0x10" is one, "0x10g" is not. */
static bool ends(char c)
{
	return c == '\0' || c == '+' || c == '-' || c == ':';
}

bool address_number(const char **at, uint64_t *value)
{
	static const char units[] = "kMG";
	unsigned long long number;
	const char *unit;
	char *end;

	if (!isdigit((unsigned char)**at)) /* strtoull() takes blanks and signs */
		return false;
	errno = 0;
	number = strtoull(*at, &end, 0);
	if (errno)
		return false;
	unit = *end ? strchr(units, *end) : NULL;
	if (unit) {
		unsigned shift = 10 * (unsigned)(unit - units + 1);

		if (number > UINT64_MAX >> shift)
			return false;
		number <<= shift;
		end++;
	}
	if (!ends(*end))
		return false;
	*at = end;
	*value = number;
	return true;
}

/* ":7:4" or ":7", to the end of the text. */
static bool parse_bits(struct parser *parser, const char *at)
{
	uint64_t high, low;
	const char *start = at;

	at++;
	if (!address_number(&at, &high))
		return refuse(parser, "'%s' is no bit or HIGH:LOW", start);
	low = high;
	if (*at == ':') {
		at++;
		if (!address_number(&at, &low))
			return refuse(parser, "'%s' is no bit or HIGH:LOW", start);
	}
	if (*at)
		return refuse(parser, "'%s' is no bit or HIGH:LOW", start);
	if (high > 63 || low > high)
		return refuse(parser, "bits are HIGH:LOW, at most 63, and HIGH is not below LOW");
	parser->out->bits = true;
	parser->out->high = (unsigned)high;
	parser->out->low = (unsigned)low;
	return true;
}

/* "-LAST" of what begins at first: LAST is the last byte. */
static bool parse_last(struct parser *parser, const char **at, uint64_t first)
{
	uint64_t last;

	(*at)++;
	if (!address_number(at, &last))
		return refuse(parser, "'-%s' is no last address", *at);
	if (last < first || last - first == UINT64_MAX)
		return refuse(parser, "the range ends before it begins");
	parser->out->length = last - first + 1;
	return true;
}

/* "+OFFSET", "+OFFSET+LENGTH", "+OFFSET-LAST", then bits; all of it may be missing. */
static bool parse_tail(struct parser *parser, const char *at)
{
	struct address *out = parser->out;

	if (*at == '+') {
		at++;
		if (!address_number(&at, &out->offset))
			return refuse(parser, "'+%s' is no offset", at);
		if (*at == '-' && !parse_last(parser, &at, out->offset))
			return false;
		if (*at == '+') {
			at++;
			if (!address_number(&at, &out->length) || !out->length)
				return refuse(parser, "'+%s' is no length", at);
		}
	}
	if (*at == ':')
		return parse_bits(parser, at);
	return *at ? refuse(parser, "'%s' is one thing too many", at) : true;
}

static bool parse_plain(struct parser *parser, const char *text)
{
	struct address *out = parser->out;
	const char *at = text;

	out->kind = ADDRESS_NUMBER;
	if (!address_number(&at, &out->number))
		return refuse(parser, "'%s' is not a number", text);
	if (*at == '-' && !parse_last(parser, &at, out->number))
		return false;
	if (*at == '+' && out->length)
		return refuse(parser, "'%s' is one thing too many", at);
	return parse_tail(parser, at);
}

/* Whether all of a tail is one: names of nodes may hold '+' and '-', too. */
static bool is_tail(const char *at)
{
	uint64_t number;

	for (int n = 0; n < 2; n++) {
		if ((*at != '+' && (*at != '-' || !n)) || !isdigit((unsigned char)at[1]))
			return n && *at == '\0';
		at++;
		if (!address_number(&at, &number))
			return false;
	}
	return *at == '\0';
}

/* Where the tail of a word begins: at its end, if it has none. */
static size_t word_end(const char *text, size_t length)
{
	char copy[ADDRESS_MAX];

	(void)strlcpy(copy, text, length + 1 < sizeof(copy) ? length + 1 : sizeof(copy));
	for (size_t i = 0; i < length; i++) {
		if (copy[i] == '+' && is_tail(copy + i))
			return i;
	}
	return length;
}

/* A word, then a tail, or ":FIELD" where a register may have one. */
static bool parse_word(struct parser *parser, const char *text, bool fields)
{
	struct address *out = parser->out;
	size_t colon = strcspn(text, ":"), end = word_end(text, colon);
	const char *field = text + colon + 1;

	(void)strlcat(out->text, text, strlen(out->text) + end + 1);
	if (!end)
		return refuse(parser, "a name is missing before '%s'", text);
	if (text[colon] != ':' || isdigit((unsigned char)*field))
		return parse_tail(parser, text + end);
	if (!fields || end != colon || !*field || strchr(field, ':'))
		return refuse(parser, "':%s' is no bit or HIGH:LOW", field);
	(void)strlcpy(out->field, field, sizeof(out->field));
	return true;
}

/* A register's name, and where its block is. */
static bool parse_name(struct parser *parser, const char *text)
{
	struct address *out = parser->out;
	char name[ADDRESS_MAX];
	char *at;

	(void)strlcpy(name, text, sizeof(name));
	at = strchr(name, '@');
	if (at) {
		*at++ = '\0';
		if (!*at)
			return refuse(parser, "an address is missing behind '@'");
		(void)strlcpy(out->within, at, sizeof(out->within));
	}
	return parse_word(parser, name, true);
}

/* "NODE:NUMBER" or "NUMBER" */
static bool parse_seen_by(struct parser *parser, const char *prefix, const char *text)
{
	struct address *out = parser->out;
	const char *at = text;

	if (!isdigit((unsigned char)*text)) {
		size_t colon = strcspn(text, ":");

		if (!colon || text[colon] != ':')
			return refuse(parser, "%s%s: not a number", prefix, text);
		(void)strlcat(out->within, text, colon + 1);
		at += colon + 1;
	}
	if (!address_number(&at, &out->number) || *at == '-')
		return refuse(parser, "%s%s: not a number", prefix, text);
	return parse_tail(parser, at);
}

/* "0000:00:04.0/2", "00:04.0:2" */
static bool parse_pci(struct parser *parser, const char *text)
{
	struct address *out = parser->out;
	size_t length = strspn(text, "0123456789abcdefABCDEF:");
	const char *at = text + length;

	if (length >= 4 && length < 24 && at[0] == '.' && at[1] >= '0' && at[1] <= '7' &&
		(at[2] == '/' || at[2] == ':')) {
		(void)strlcpy(out->text, text, length + 3);
		at += 3;
		if (address_number(&at, &out->number) && out->number <= 5 && *at != '-')
			return parse_tail(parser, at);
	}
	return refuse(parser, "pci:%s: expected DOMAIN:BUS:DEVICE.FUNCTION/BAR", text);
}

static bool parse_uio(struct parser *parser, const char *text)
{
	struct address *out = parser->out;
	size_t slash = strcspn(text, "/");
	const char *at = text + slash + 1;

	if (!slash || !text[slash] || !address_number(&at, &out->number) || *at == '-' ||
		out->number > 4)
		return refuse(parser, "uio:%s: expected NAME/MAP, where MAP is below 5", text);
	(void)strlcpy(out->text, text, slash + 1);
	return parse_tail(parser, at);
}

static const struct prefix {
	const char *text;
	enum address_kind kind;
} prefixes[] = {
	{ "node:", ADDRESS_NODE }, { "compatible:", ADDRESS_NODE }, { "label:", ADDRESS_NODE },
	{ "alias:", ADDRESS_ALIAS }, { "gpio:", ADDRESS_GPIO }, { "bus:", ADDRESS_BUS },
	{ "dma:", ADDRESS_DMA }, { "pci:", ADDRESS_PCI }, { "uio:", ADDRESS_UIO },
	{ "reg:", ADDRESS_NAME },
};

static bool parse_prefixed(struct parser *parser, const struct prefix *prefix, const char *rest)
{
	parser->out->kind = prefix->kind;
	switch (prefix->kind) {
	case ADDRESS_GPIO: /* "gpio:3" are bits of it, since there is an alias of that name, too */
		return parse_tail(parser, isdigit((unsigned char)*rest) ? rest - 1 : rest);
	case ADDRESS_BUS:
	case ADDRESS_DMA:
		return parse_seen_by(parser, prefix->text, rest);
	case ADDRESS_PCI:
		return parse_pci(parser, rest);
	case ADDRESS_UIO:
		return parse_uio(parser, rest);
	case ADDRESS_NAME:
		return parse_name(parser, rest);
	default:
		if (prefix->text[0] == 'l')
			(void)strlcpy(parser->out->text, "&", sizeof(parser->out->text));
		if (prefix->text[0] == 'n' && rest[0] != '/')
			return refuse(parser, "node:%s: a path begins with '/'", rest);
		return parse_word(parser, rest, false);
	}
}

bool address_parse(const char *text, struct address *out, char *why, size_t size)
{
	struct parser parser = { out, why, size };

	memset(out, 0, sizeof(*out));
	if (strlen(text) >= ADDRESS_MAX - 1)
		return refuse(&parser, "the address is longer than %d bytes", ADDRESS_MAX - 2);
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		size_t length = strlen(prefixes[i].text);

		if (!strncmp(text, prefixes[i].text, length))
			return parse_prefixed(&parser, &prefixes[i], text + length);
	}
	if (isdigit((unsigned char)text[0]))
		return parse_plain(&parser, text);
	out->kind = text[0] != '/' && strchr(text, '@') ? ADDRESS_NAME : ADDRESS_WORD;
	return out->kind == ADDRESS_NAME ? parse_name(&parser, text) : parse_word(&parser, text, true);
}
