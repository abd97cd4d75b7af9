// SPDX-License-Identifier: GPL-2.0
/*
 * Faults that a test asks for through /proc/pmem_vcio:
 *
 *	FAULT TAG COUNT [SKIP]
 *
 * lets SKIP matching tags or messages pass, then fails the next COUNT. FAULT is fail, nobit31,
 * short (for the tag) or timeout, einval, enomem, status1 (for the message that holds the tag).
 * TAG is alloc, lock, unlock, release, any, or a number. "reset" forgets all of them.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "vcio.h"

struct rule {
	enum vcio_fault fault;
	u32 tag, left, skip;
};

static struct rule rules[8];
static u64 injected;

static const char *const fault_names[] = {
	[VCIO_FAULT_NONE] = "",
	[VCIO_FAULT_FAIL] = "fail",
	[VCIO_FAULT_NOBIT31] = "nobit31",
	[VCIO_FAULT_SHORT] = "short",
	[VCIO_FAULT_TIMEOUT] = "timeout",
	[VCIO_FAULT_EINVAL] = "einval",
	[VCIO_FAULT_ENOMEM] = "enomem",
	[VCIO_FAULT_STATUS1] = "status1",
};

static int inject_tag_number(const char *word, u32 *tag)
{
	static const struct {
		const char *name;
		u32 tag;
	} names[] = {
		{"alloc", VCIO_TAG_ALLOCATE},
		{"lock", VCIO_TAG_LOCK},
		{"unlock", VCIO_TAG_UNLOCK},
		{"release", VCIO_TAG_RELEASE},
		{"any", VCIO_TAG_ANY},
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(word, names[i].name) == 0) {
			*tag = names[i].tag;
			return 0;
		}
	return kstrtou32(word, 0, tag);
}

int vcio_inject_command(char *line)
{
	struct rule rule = {.fault = VCIO_FAULT_NONE}, *r;
	char *fault, *tag, *left;
	int i;

	if (strcmp(line, "reset") == 0) {
		memset(rules, 0, sizeof(rules));
		return 0;
	}
	fault = strsep(&line, " ");
	tag = strsep(&line, " ");
	left = strsep(&line, " ");
	if (!left)
		return -EINVAL;
	i = match_string(fault_names, ARRAY_SIZE(fault_names), fault);
	if (i <= VCIO_FAULT_NONE)
		return -EINVAL;
	rule.fault = i;
	if (inject_tag_number(tag, &rule.tag) || kstrtou32(left, 0, &rule.left) ||
		(line && kstrtou32(line, 0, &rule.skip)))
		return -EINVAL;
	for (r = rules; r < rules + ARRAY_SIZE(rules); r++)
		if (r->left == 0) {
			*r = rule;
			return 0;
		}
	return -ENOSPC;
}

static enum vcio_fault inject_take(u32 tag, bool message)
{
	struct rule *r;

	for (r = rules; r < rules + ARRAY_SIZE(rules); r++) {
		if (r->left == 0 || (r->fault >= VCIO_FAULT_TIMEOUT) != message)
			continue;
		if (r->tag != tag && r->tag != VCIO_TAG_ANY)
			continue;
		if (r->skip) {
			r->skip--;
			continue;
		}
		r->left--;
		injected++;
		return r->fault;
	}
	return VCIO_FAULT_NONE;
}

enum vcio_fault vcio_inject_tag(u32 tag)
{
	return inject_take(tag, false);
}

enum vcio_fault vcio_inject_message(u32 tag)
{
	return inject_take(tag, true);
}

void vcio_inject_show(struct seq_file *m)
{
	const struct rule *r;

	seq_printf(m, "injected=%llu\n", injected);
	for (r = rules; r < rules + ARRAY_SIZE(rules); r++)
		if (r->left)
			seq_printf(m, "rule%zu=%s,tag:%#x,left:%u,skip:%u\n", r - rules,
				fault_names[r->fault], r->tag, r->left, r->skip);
}
