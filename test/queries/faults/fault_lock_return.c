/* SPDX-License-Identifier: MIT */
int no_memory_here(struct thing *thing)
{
	char *text;

	fork_lock_take(&thing->lock);
	text = strdup(thing->name);
	if (!text)
		return -ENOMEM; /* FOUND */
	thing->text = text;
	fork_lock_give(&thing->lock);
	return 0;
}

int conditional(struct thing *thing)
{
	if (fork_lock_take(&thing->lock))
		thing->list = NULL;
	if (!thing->list)
		return -ENOENT; /* FOUND */
	fork_lock_give(&thing->lock);
	return 0;
}

int good(struct thing *thing)
{
	int r = 0;

	pool_lock(&thing->objects);
	if (thing->count == 0) {
		pool_unlock(&thing->objects);
		return -ENOENT;
	}
	r = thing->count;
	pool_unlock(&thing->objects);
	return r;
}

static int take_lock(struct thing *thing)
{
	pthread_mutex_lock(&thing->mutex);
	return thing->state;
}
