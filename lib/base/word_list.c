/* SPDX-License-Identifier: MIT */
#include "base/word_list.h"

#include <string.h>

bool word_next(const char **list, const char *blanks, struct word *word)
{
	word->text = *list + strspn(*list, blanks);
	word->length = strcspn(word->text, blanks);
	*list = word->text + word->length;
	return word->length > 0;
}

bool word_is(struct word word, const char *text)
{
	/* Most differ in their first letter already. */
	return ((word.text[0] ^ text[0]) & ~0x20) == 0 &&
		strncasecmp(word.text, text, word.length) == 0 && text[word.length] == '\0';
}

bool words_have(const char *list, const char *blanks, const char *text)
{
	struct word word;

	while (word_next(&list, blanks, &word)) {
		if (word_is(word, text))
			return true;
	}
	return false;
}
