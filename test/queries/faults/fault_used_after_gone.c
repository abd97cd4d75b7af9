/* SPDX-License-Identifier: MIT */
int closed_twice(struct thing *thing)
{
	int r = os->close(thing->fd);

	if (r < 0)
		log_it(r);
	return os->close(thing->fd); /* FOUND */
}

int read_after(unsigned *page, size_t size)
{
	os->munmap(page, size);
	return *page == 0; /* FOUND */
}

int good(struct thing *thing)
{
	int r = os->close(thing->fd);

	thing->fd = -1;
	if (r < 0)
		return r;
	thing->fd = os->open(thing->path, 0, 0);
	return os->close(thing->fd);
}
