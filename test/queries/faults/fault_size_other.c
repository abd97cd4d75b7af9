/* SPDX-License-Identifier: MIT */
int asks(int fd)
{
	struct info info = { .argsz = sizeof(struct information) }; /* FOUND */

	return os->ioctl(fd, GET_INFO, &info);
}

int asks_a_pointer(int fd, struct info *other)
{
	struct info info = { .flags = 1, .argsz = sizeof(other) }; /* FOUND */

	return os->ioctl(fd, GET_INFO, &info);
}

int good(int fd)
{
	struct info first = { .argsz = sizeof(first) }, second = { .argsz = sizeof(struct info) };

	return os->ioctl(fd, GET_INFO, &first) + os->ioctl(fd, GET_INFO, &second);
}
