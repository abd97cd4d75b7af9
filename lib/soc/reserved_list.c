/* SPDX-License-Identifier: MIT */
#include "soc/reserved.h"

#include <stdlib.h>

void reserved_free(struct reserved_list *list)
{
	for (size_t i = 0; list && i < list->count; i++) {
		free(list->entries[i].path);
		free(list->entries[i].compatible);
	}
	if (list)
		free(list->entries);
	free(list);
}
