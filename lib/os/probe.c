/* SPDX-License-Identifier: MIT */
#include "os/probe.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "os/file.h"
#include "os/os.h"

#define SMALL_FILE   (64u << 10)
#define LARGE_FILE   (4u << 20)

int probe_cmdline(const char *root, const char *key, char *value, size_t size)
{
	size_t key_length = strlen(key), length;
	char *text, *rest, *word;
	int r = file_read(root, "/proc/cmdline", SMALL_FILE, &text, &length);

	if (r < 0)
		return r;
	for (rest = text; (word = strsep(&rest, " \n"));) {
		if (strncmp(word, key, key_length) == 0 && word[key_length] == '=') {
			strlcpy(value, word + key_length + 1, size);
			r = 1;
		}
	}
	free(text);
	return r;
}

/* securityfs is not mounted: what the kernel was booted with is known still. */
static int lockdown_asked_for(const char *root, int unknown)
{
	char value[32];

	if (probe_cmdline(root, "lockdown", value, sizeof(value)) != 1)
		return unknown; /* Secure Boot may have set it */
	if (strcmp(value, "integrity") == 0)
		return PROBE_LOCKDOWN_INTEGRITY;
	return strcmp(value, "confidentiality") == 0 ? PROBE_LOCKDOWN_CONFIDENTIALITY : unknown;
}

/* "none [integrity] confidentiality": the level in brackets holds (security/lockdown). */
int probe_lockdown(const char *root)
{
	char *text;
	size_t size;
	int r = file_read(root, "/sys/kernel/security/lockdown", SMALL_FILE, &text, &size);

	if (r < 0)
		return lockdown_asked_for(root, r);
	if (strstr(text, "[none]"))
		r = PROBE_LOCKDOWN_NONE;
	else if (strstr(text, "[integrity]"))
		r = PROBE_LOCKDOWN_INTEGRITY;
	else if (strstr(text, "[confidentiality]"))
		r = PROBE_LOCKDOWN_CONFIDENTIALITY;
	else
		r = -EINVAL;
	free(text);
	return r;
}

/* The kernel looks for the words in that order (kernel/resource.c strict_iomem). */
int probe_iomem_relaxed(const char *root)
{
	char value[64];
	int r = probe_cmdline(root, "iomem", value, sizeof(value));

	if (r <= 0)
		return r;
	return strstr(value, "relaxed") && !strstr(value, "strict");
}

/* Block N covers [N * block_size, (N + 1) * block_size) (drivers/base/memory.c). */
int probe_memory_block(const char *root, uint64_t phys)
{
	char path[PATH_MAX], name[96], *text;
	struct os_stat st;
	uint64_t block;
	size_t size;
	int r = file_read(root, "/sys/devices/system/memory/block_size_bytes", SMALL_FILE, &text,
		&size);

	if (r < 0)
		return r;
	block = strtoull(text, NULL, 16); /* hexadecimal without 0x */
	free(text);
	if (block == 0)
		return -EINVAL;
	snprintf(name, sizeof(name), "/sys/devices/system/memory/memory%" PRIu64, phys / block);
	r = file_path(path, root, name);
	if (r == 0)
		r = os->stat(path, &st);
	return r == -ENOENT ? 0 : r < 0 ? r : 1;
}

/* The number after "key<blanks>: ", or -1. */
static int number_after(const char *text, const char *key)
{
	const char *p = strstr(text, key);
	int value;

	if (!p || !(p = strchr(p, ':')) || sscanf(p + 1, "%d", &value) != 1)
		return -1;
	return value;
}

int probe_phys_bits(const char *root)
{
	size_t size;
	char *text;
	int r = file_read(root, "/proc/cpuinfo", LARGE_FILE, &text, &size);
	int bits;

	if (r < 0)
		return r;
	bits = number_after(text, "address sizes");        /* arch/x86/kernel/cpu/proc.c */
	if (bits < 0 && number_after(text, "CPU architecture") >= 8)
		bits = 48;                                 /* arch/arm64/kernel/cpuinfo.c */
	else if (bits < 0 && number_after(text, "CPU architecture") > 0)
		bits = strstr(text, " lpae") ? 40 : 32;    /* arch/arm/kernel/setup.c */
	free(text);
	return bits > 0 && bits <= 64 ? bits : -ENOENT;
}

/* The first user namespace maps every id to itself: "0 0 4294967295". */
int probe_user_namespace(const char *root)
{
	unsigned long inside, outside, count;
	size_t size;
	char *text;
	int r = file_read(root, "/proc/self/uid_map", SMALL_FILE, &text, &size);

	if (r < 0)
		return r;
	r = sscanf(text, "%lu %lu %lu", &inside, &outside, &count) == 3 &&
		!(inside == 0 && outside == 0 && count == 4294967295ul);
	free(text);
	return r;
}

/* proc(5): "Uid:" and "Gid:" real, effective, saved, file system; "Groups:" a list. */
int probe_credentials(const char *root, uint32_t group, struct probe_credentials *out)
{
	const char *ids, *groups;
	char *text, *rest;
	size_t size;
	unsigned own;
	int r = file_read(root, "/proc/self/status", SMALL_FILE, &text, &size);

	if (r < 0)
		return r;
	ids = strstr(text, "\nUid:");
	groups = strstr(text, "\nGroups:");
	r = -EINVAL;
	if (ids && groups && sscanf(ids, " Uid: %*u %*u %*u %u Gid: %*u %*u %*u %u", &out->uid, &own) == 2) {
		r = 0;
		out->in_group = own == group;
		for (const char *p = groups + sizeof("\nGroups:") - 1;; p = rest) {
			unsigned long long id = strtoull(p, &rest, 10);

			if (rest == p)
				break;
			out->in_group |= id == group;
		}
	}
	free(text);
	return r;
}

/* group(5): name:password:GID:members */
int probe_group_name(const char *root, uint32_t group, char name[PROBE_NAME_MAX])
{
	char *text, *rest, *line;
	size_t length;
	unsigned id;
	int r = file_read(root, "/etc/group", LARGE_FILE, &text, &length);

	if (r < 0)
		return r;
	r = -ENOENT;
	for (rest = text; r < 0 && (line = strsep(&rest, "\n"));) {
		if (sscanf(line, "%63[^:]:%*[^:]:%u:", name, &id) == 2 && id == group)
			r = 0;
	}
	free(text);
	return r;
}
