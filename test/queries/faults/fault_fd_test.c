/* SPDX-License-Identifier: MIT */
int zero_is_one(const char *path)
{
	int fd = -1;

	fd = os->open(path, 0, 0);
	if (!fd) /* FOUND */
		return -ENOENT;
	return fd;
}

int positive(struct thing *thing)
{
	thing->fd = os->openat(thing->dir, "x", 0, 0);
	return thing->fd > 0; /* FOUND */
}

int good(struct thing *other)
{
	other->node = os->open(other->path, 0, 0);
	if (other->node < 0)
		return other->node;
	return 0;
}
