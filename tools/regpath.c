/* SPDX-License-Identifier: MIT */
/* Where files of registers are: at the path given, or in folders, by the name of the SoC. */
#include "regfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bsd/string.h>

#include "physmem.h"

#define FILE_MAX (256u << 20)

/* The whole file; NULL with errno. */
static char *load(const char *path, size_t *size)
{
	FILE *file = fopen(path, "re");
	struct stat st;
	char *data = NULL;

	if (!file)
		return NULL;
	if (fstat(fileno(file), &st) || !S_ISREG(st.st_mode) || st.st_size > FILE_MAX) {
		errno = S_ISREG(st.st_mode) ? EFBIG : EISDIR;
	} else {
		data = need(malloc((size_t)st.st_size + 1));
		*size = fread(data, 1, (size_t)st.st_size, file);
		if (ferror(file)) {
			free(data);
			data = NULL;
		}
	}
	(void)fclose(file);
	return data;
}

/* "dispc" of "/x/dispc.regs" */
static void stem(const char *path, char *out, size_t size)
{
	const char *slash = strrchr(path, '/');
	char *dot;

	(void)strlcpy(out, slash ? slash + 1 : path, size);
	dot = strrchr(out, '.');
	if (dot)
		*dot = '\0';
}

static int read_file(const char *path, struct reg_source *source)
{
	size_t size = 0;
	char *data = load(path, &size), name[256];
	bool ok;

	if (!data) {
		(void)sure(-errno);
		return fail(errno == EACCES ? EXIT_PERMISSION : EXIT_FAILED, "%s: %s", path,
			strerror(errno));
	}
	(void)strlcpy(source->path, path, sizeof(source->path));
	stem(path, name, sizeof(name));
	source->file = regfile_new();
	ok = regfile_parse(source->file, name, data, size);
	free(data);
	if (ok)
		return 0;
	(void)fail(EXIT_FAILED, "%s: %s", path, source->file->why);
	regfile_free(source->file);
	source->file = NULL;
	return EXIT_FAILED;
}

/* The nth folder; NULL after the last. */
static const char *folder(unsigned nth, char *out, size_t size)
{
	static const char *const system[] = { "/etc/libpmem/registers",
		"/usr/local/share/libpmem/registers", "/usr/share/libpmem/registers" };
	const char *config = secure_getenv("XDG_CONFIG_HOME"), *home = secure_getenv("HOME");

	if (nth == 0) {
		if (config && config[0] == '/')
			(void)snprintf(out, size, "%s/libpmem/registers", config);
		else
			(void)snprintf(out, size, "%s/.config/libpmem/registers", home ? home : "");
		return out;
	}
	if (nth > sizeof(system) / sizeof(system[0]))
		return NULL;
	return root_path(out, size, system[nth - 1]) ? out : "";
}

/* The file of that name in one of the folders, with or without its ending. */
static bool in_folders(const char *name, char *out, size_t size)
{
	static const char *const endings[] = { "", ".svd", ".regs", ".regdb" };
	char where[4096];

	for (unsigned nth = 0; folder(nth, where, sizeof(where)); nth++) {
		if (access(where, F_OK) != 0)
			continue;
		for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
			int length = snprintf(out, size, "%s/%s%s", where, name, endings[i]);

			if (length >= 0 && (size_t)length < size && access(out, F_OK) == 0)
				return true;
		}
	}
	return false;
}

int regfile_open(struct pmem_ctx *ctx, const char *name, struct reg_source *source)
{
	const char *compatible;
	char path[4096 + 256];

	if (name) {
		if (strchr(name, '/') || access(name, F_OK) == 0)
			return read_file(name, source);
		if (in_folders(name, path, sizeof(path)))
			return read_file(path, source);
		return fail_because(EXIT_FAILED, "not-found",
			"physmem registers --help names the folders that are searched",
			"there is no file of registers '%s'", name);
	}
	for (size_t i = 0; (compatible = pmem_soc_compatible(ctx, i)) != NULL; i++) {
		if (!strchr(compatible, '/') && in_folders(compatible, path, sizeof(path)))
			return read_file(path, source);
	}
	return 0;
}
