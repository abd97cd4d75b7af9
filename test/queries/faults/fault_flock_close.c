/* SPDX-License-Identifier: MIT */
int lost(int fd)
{
	int r = os->flock(fd, LOCK_EX | LOCK_NB);

	if (r == 0)
		r = work(fd);
	os->close(fd); /* FOUND */
	return r;
}

int good(int fd)
{
	int r = os->flock(fd, LOCK_EX);

	if (r < 0)
		return r;
	r = work(fd);
	os->flock(fd, LOCK_UN);
	os->close(fd);
	return r;
}
