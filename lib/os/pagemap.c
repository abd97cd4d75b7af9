/* SPDX-License-Identifier: MIT */
#include "os/pagemap.h"

#include <fcntl.h>

#include "os/file.h"
#include "os/os.h"

static void take(struct pagemap *pagemap)
{
	if (fork_lock_take(&pagemap->lock)) { /* what is there is the parent's, or nothing */
		pagemap->opened = 0;
		atomic_store(&pagemap->shows, false);
	}
}

int pagemap_get(struct pagemap *pagemap, const char *root)
{
	int fd;

	take(pagemap);
	fd = pagemap->opened ? pagemap->opened - 1 : file_open(root, PAGEMAP_PATH, O_RDONLY);
	if (fd >= 0)
		pagemap->opened = fd + 1;
	fork_lock_give(&pagemap->lock);
	return fd;
}

void pagemap_drop(struct pagemap *pagemap)
{
	take(pagemap);
	if (pagemap->opened)
		os->close(pagemap->opened - 1);
	pagemap->opened = 0;
	atomic_store(&pagemap->shows, false);
	fork_lock_give(&pagemap->lock);
}
