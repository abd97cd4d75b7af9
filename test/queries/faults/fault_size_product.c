/* SPDX-License-Identifier: MIT */
void *wraps(size_t count)
{
	return malloc(count * sizeof(struct thing)); /* FOUND */
}

void *wraps_behind_a_header(size_t count)
{
	struct list *list = malloc(sizeof(*list) + count * sizeof(list->at[0])); /* FOUND */

	return list;
}

void *wraps_when_it_grows(struct thing *things, size_t count)
{
	return realloc(things, sizeof(*things) * count); /* FOUND */
}

void *good(struct thing *things, size_t count)
{
	char *text = malloc(8 * sizeof(long));

	free(text);
	return reallocarray(things, count, sizeof(*things));
}
