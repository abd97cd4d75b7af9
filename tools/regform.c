/* SPDX-License-Identifier: MIT */
/* Which of the forms a file of registers has: that reader is called. */
#include "regfile.h"

#include <string.h>

bool regfile_parse(struct regfile *file, const char *name, const char *data, size_t size)
{
	static const char magic[] = "\x55\x15\xe1", reversed[] = "\x00\xe1\x15\x55";
	size_t at = size >= 3 && !memcmp(data, "\xef\xbb\xbf", 3) ? 3 : 0;
	bool ok;

	if (size >= 4 && !memcmp(data, magic, 4)) {
		ok = regfile_regdb(file, data, size);
	} else if (size >= 4 && !memcmp(data, reversed, 4)) {
		ok = regfile_refuse(file, "a regdb of rwmem before version 3, whose form is "
			"documented nowhere: rwmem converts it");
	} else {
		while (at < size && strchr(" \t\r\n", data[at]) && data[at])
			at++;
		ok = at < size && data[at] == '<' ? regfile_svd(file, data, size) :
			regfile_text_form(file, name, data, size);
	}
	if (ok && !file->reg_count)
		ok = regfile_refuse(file, "it has no register");
	return ok;
}
