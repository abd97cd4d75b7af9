/* SPDX-License-Identifier: MIT */
/*
 * A guest has no disk, no network and no seed, so its random numbers would come a minute late and
 * every program that asks for one would wait. They need not be secret here: random(4), RNDADDENTROPY.
 */
#include <fcntl.h>
#include <linux/random.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
	struct rand_pool_info *pool = calloc(1, sizeof(*pool) + 64);
	struct timespec now;
	int fd = open("/dev/random", O_RDWR | O_CLOEXEC);

	if (!pool || fd < 0)
		return 1;
	clock_gettime(CLOCK_REALTIME, &now);
	pool->entropy_count = 512;
	pool->buf_size = 64;
	memcpy(pool->buf, &now, sizeof(now));
	return ioctl(fd, RNDADDENTROPY, pool) ? 1 : 0;
}
