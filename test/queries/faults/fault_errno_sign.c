/* SPDX-License-Identifier: MIT */
int wrong(void)
{
	return error_set(-EINVAL, PMEM_CAUSE_FLAGS, "x", NULL, NULL, "no"); /* FOUND */
}

int positive(int fd)
{
	if (fd < 0)
		return EBADF; /* FOUND */
	return 0;
}

int good(int fd)
{
	if (fd < 0)
		return -EBADF;
	return error_set(EINVAL, PMEM_CAUSE_FLAGS, "x", NULL, NULL, "no");
}
