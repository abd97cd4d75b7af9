/* SPDX-License-Identifier: MIT */
int late(const char *path, void *data)
{
	int fd = open(path, O_RDONLY);

	if (read(fd, data, 4) < 0) {
		(void)close(fd);
		return -errno; /* FOUND */
	}
	return fd;
}

int later(struct list *list)
{
	FILE *file = fopen(list->path, "re");

	if (!file) {
		free(list);
		list = NULL;
		return errno == ENOENT ? 0 : -1; /* FOUND */
	}
	return fileno(file);
}

int good(const char *path, void *data)
{
	int fd = open(path, O_RDONLY), r = 0;

	if (read(fd, data, 4) < 0)
		r = -errno;
	close(fd);
	fd = open(path, O_RDWR);
	return fd < 0 ? -errno : r;
}
