/* SPDX-License-Identifier: MIT */
#include "plan.h"

#include <check.h>
#include <string.h>

#include "state.h"

/* More calls than any operation makes: it would go on for ever. */
#define TOO_MANY  100000
#define MAX_NAMES 8192
#define MAX_RANGES 256

static struct {
	bool on, exact; /* exact: unmapping is looked at byte by byte, from the first plan on */
	struct plan what;
	unsigned calls, failed;
	const char *names[MAX_NAMES];
	const char *name; /* of the first that failed */
	struct { const char *call; unsigned failed; } kinds[64];
	size_t kind_count;
	struct { uintptr_t start, end; } refused[MAX_RANGES];
	size_t refused_count;
} p;

void plan_begin(const struct plan *plan)
{
	p.what = *plan;
	p.calls = p.failed = 0;
	p.name = NULL;
	p.kind_count = 0;
	p.on = p.exact = true;
}

unsigned plan_end(void)
{
	p.on = false;
	return p.failed;
}

unsigned plan_failed(const char *call)
{
	for (size_t i = 0; i < p.kind_count; i++) {
		if (strcmp(p.kinds[i].call, call) == 0)
			return p.kinds[i].failed;
	}
	return 0;
}

int plan_errnum(void)
{
	return p.what.errnum;
}

unsigned plan_calls(void)
{
	return p.calls;
}

const char *plan_call(unsigned nth)
{
	ck_assert(nth > 0 && nth <= p.calls && nth <= MAX_NAMES);
	return p.names[nth - 1];
}

static void note(const char *call)
{
	size_t i = 0;

	while (i < p.kind_count && strcmp(p.kinds[i].call, call) != 0)
		i++;
	if (i == p.kind_count) {
		ck_assert_uint_lt(p.kind_count, 64);
		p.kinds[p.kind_count].call = call;
		p.kinds[p.kind_count++].failed = 0;
	}
	p.kinds[i].failed++;
}

int plan_fault(const char *call, int *cut)
{
	if (!p.on)
		return 0;
	if (p.calls < MAX_NAMES)
		p.names[p.calls] = call;
	ck_assert_msg(++p.calls < TOO_MANY, "%s: it never ends: %u calls, the last of them %s",
		p.what.what, p.calls, call);
	if (p.what.nth == 0 || p.calls < p.what.nth || p.failed >= p.what.times)
		return 0;
	if (p.calls > p.what.nth && p.what.same && strcmp(call, p.name) != 0)
		return 0;
	if (p.calls == p.what.nth)
		p.name = call;
	p.failed++;
	note(call);
	if (p.what.errnum > 0)
		return -p.what.errnum;
	*cut = p.what.errnum;
	return 0;
}

size_t plan_cut(size_t count)
{
	int cut = f.cut;

	f.cut = 0;
	return cut == PLAN_HALF ? count / 2 & ~(size_t)7 : cut == PLAN_NOTHING ? 0 : count;
}

bool plan_refuses(const void *addr, size_t length)
{
	if (!p.exact)
		return false;
	ck_assert_uint_lt(p.refused_count, MAX_RANGES);
	p.refused[p.refused_count].start = (uintptr_t)addr;
	p.refused[p.refused_count++].end = (uintptr_t)addr + length;
	return true;
}

/* Is every byte of it in the books? */
static bool booked(uintptr_t at, uintptr_t end)
{
	while (at < end) {
		uintptr_t to = at;

		for (size_t i = 0; i < f.map_count; i++) {
			if (f.maps[i].start <= at && at < f.maps[i].start + f.maps[i].length)
				to = f.maps[i].start + f.maps[i].length;
		}
		if (to == at)
			return false;
		at = to;
	}
	return true;
}

void plan_unmaps(const void *addr, size_t length)
{
	if (p.exact)
		ck_assert_msg(booked((uintptr_t)addr, (uintptr_t)addr + length),
			"%s: %zu bytes at %p are unmapped that are not all mapped", p.what.what, length, addr);
}

static bool was_refused(uintptr_t at, uintptr_t end)
{
	for (size_t i = 0; i < p.refused_count; i++) {
		if (p.refused[i].start <= at && end <= p.refused[i].end)
			return true;
	}
	return false;
}

size_t plan_mapped(void)
{
	for (size_t i = f.map_count; i-- > 0;) {
		uintptr_t start = f.maps[i].start;
		size_t length = f.maps[i].length;

		if (!was_refused(start, start + length))
			continue;
		map_remove((void *)start, length);
		ck_assert_int_eq(os_linux.munmap((void *)start, length), 0);
	}
	p.refused_count = 0;
	return fake_mapped();
}

void plan_forget(void)
{
	p.on = p.exact = false;
	p.refused_count = 0;
}
