/* SPDX-License-Identifier: MIT */
#include "base/thread_end.h"

#include <pthread.h>

#define NO_KEY -1 /* THREAD_END() */
#define GONE   -2

bool thread_end_ask(struct thread_end *end)
{
	int32_t known = atomic_load(&end->key);
	pthread_key_t made;

	if (known == NO_KEY) {
		if (pthread_key_create(&made, end->call))
			return false;
		/* Another thread may have been faster. No lock: a child could find it taken. */
		if (atomic_compare_exchange_strong(&end->key, &known, (int32_t)made))
			known = (int32_t)made;
		else
			pthread_key_delete(made);
	}
	return known >= 0 && pthread_setspecific((pthread_key_t)known, end) == 0;
}

void thread_end_unload(struct thread_end *end)
{
	int32_t known = atomic_exchange(&end->key, GONE);

	if (known >= 0)
		pthread_key_delete((pthread_key_t)known);
}
