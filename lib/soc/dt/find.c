/* SPDX-License-Identifier: MIT */
#include "dt/find.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <bsd/string.h>

#include "base/word_list.h"

/* A property whose text is a path: /aliases and /__symbols__ hold those. */
static int find_by_property(const struct dt *dt, const char *holder, const char *name, char *node)
{
	char at[DT_PATH_MAX];
	struct dt_prop path;
	int r;

	if (!name[0] || strchr(name, '/'))
		return -ENOENT;
	r = dt_find(dt, holder, at);
	if (r == 0)
		r = dt_read(dt, at, name, &path);
	if (r < 0)
		return r;
	r = path.data[0] == '/' ? dt_find(dt, path.data, node) : -ENOENT;
	dt_free(&path);
	return r;
}

bool find_link(const struct dt *dt, const char *name, char *target)
{
	bool label = name[0] == '&';
	const char *holder = label ? "/__symbols__" : "/aliases";
	struct dt_prop path;

	if (!name[label] || strchr(name, '/') || dt_read(dt, holder, name + label, &path) < 0)
		return false;
	strlcpy(target, path.data, DT_PATH_MAX);
	dt_free(&path);
	return true;
}

struct search {
	const struct dt *dt;
	const char *compatible;
	int available;       /* the matches wanted: 1 or 0 */
	unsigned left;       /* matches to pass over */
	bool others;         /* there are matches of the other kind */
	char *node;
};

static int match(void *user, const char *node)
{
	struct search *search = user;
	int r = dt_compatible(search->dt, node, search->compatible);

	if (r == 1)
		r = dt_available(search->dt, node);
	else if (r == 0)
		return 0;
	if (r < 0)
		return dt_says_nothing(r) ? 0 : r;
	if (r != search->available) {
		search->others = true;
		return 0;
	}
	if (search->left-- > 0)
		return 0;
	strlcpy(search->node, node, DT_PATH_MAX);
	return 1;
}

static int find_by_compatible(const struct dt *dt, const char *compatible, unsigned nth, char *node)
{
	struct search search = { dt, compatible, 1, nth, false, node };
	int r = dt_walk(dt, match, &search);

	if (r == 0 && search.others) {
		search.available = 0;
		r = dt_walk(dt, match, &search);
	}
	return r == 1 ? 0 : r == 0 ? -ENOENT : r;
}

int find_node(const struct dt *dt, const char *name, unsigned nth, char *node)
{
	int r = -ENOENT;

	if (name[0] == '/' || name[0] == '&') {
		if (nth > 0)
			return -ENOENT;
		return name[0] == '/' ? dt_find(dt, name, node) :
			find_by_property(dt, "/__symbols__", name + 1, node);
	}
	if (!name[0])
		return -ENOENT;
	if (nth == 0)
		r = find_by_property(dt, "/aliases", name, node);
	return dt_says_nothing(r) ? find_by_compatible(dt, name, nth, node) : r;
}

struct first_search {
	const struct dt *dt;
	const char *compatibles;
	size_t best;         /* only words before this one are of interest */
	find_test_fn *test;
	void *user;
	char *node;
};

static bool is_among(const struct dt_prop *strings, struct word word)
{
	const char *end = strings->data + strings->size;

	for (const char *string = strings->data; string < end; string += strlen(string) + 1) {
		if (word_is(word, string))
			return true;
	}
	return false;
}

static size_t rank(const struct first_search *search, const struct dt_prop *compatible)
{
	const char *list = search->compatibles;
	struct word word;
	size_t i = 0;

	while (i < search->best && word_next(&list, " ", &word) && !is_among(compatible, word))
		i++;
	return i;
}

static int match_first(void *user, const char *node)
{
	struct first_search *search = user;
	struct dt_prop compatible;
	size_t found;
	int r = dt_read(search->dt, node, "compatible", &compatible);

	if (r < 0)
		return dt_says_nothing(r) ? 0 : r;
	found = rank(search, &compatible);
	dt_free(&compatible);
	if (found == search->best)
		return 0;
	r = dt_available(search->dt, node);
	if (r == 1 && search->test)
		r = search->test(search->user, node);
	if (r <= 0)
		return dt_says_nothing(r) ? 0 : r;
	search->best = found;
	strlcpy(search->node, node, DT_PATH_MAX);
	return found == 0; /* nothing better can come */
}

int find_first_of(const struct dt *dt, const char *compatibles, find_test_fn *test, void *user,
	char *node)
{
	struct first_search search = { dt, compatibles, 0, test, user, node };
	struct word word;
	size_t count = 0;
	int r;

	for (const char *list = compatibles; word_next(&list, " ", &word);)
		count++;
	if (count == 0)
		return -ENOENT;
	search.best = count;
	r = dt_walk(dt, match_first, &search);
	if (r < 0)
		return r;
	return search.best < count ? 0 : -ENOENT;
}

struct phandle_search {
	const struct dt *dt;
	uint32_t phandle;
	char *node;
};

static int has_phandle(void *user, const char *node)
{
	const struct phandle_search *search = user;
	uint32_t value = 0;
	int r = dt_u32(search->dt, node, "phandle", &value);

	if (r < 0 || value != search->phandle)
		return r == 0 || dt_says_nothing(r) ? 0 : r;
	strlcpy(search->node, node, DT_PATH_MAX);
	return 1;
}

int find_phandle(const struct dt *dt, uint32_t phandle, char *node)
{
	struct phandle_search search = { dt, phandle, node };
	int r = dt_walk(dt, has_phandle, &search);

	return r == 1 ? 0 : r == 0 ? -ENOENT : r;
}
