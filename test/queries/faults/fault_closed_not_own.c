/* SPDX-License-Identifier: MIT */
int take(struct thing *thing)
{
	thing->event = inherit_never(os->eventfd());
	thing->fd = os->open("/dev/null", 0, 0);
	return thing->event < 0 ? thing->event : 0;
}

void drop(struct thing *thing)
{
	os->close(thing->event); /* FOUND */
	os->close(thing->fd);
}

void drop_well(struct thing *thing)
{
	inherit_close(thing->event);
}
