/* SPDX-License-Identifier: MIT */
/*
 * The command physmem. stdout carries data, stderr words. Every command returns one of the exit
 * codes below and leaves the printing of library errors to report.c.
 */
#ifndef PHYSMEM_H
#define PHYSMEM_H

#include <dirent.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <json-c/json.h>
#include <pmem/pmem.h>

/* Exit codes: stable, documented in physmem(1). */
enum {
	EXIT_OK = 0,
	EXIT_FAILED = 1,      /* the operation failed */
	EXIT_USAGE = 2,       /* the arguments are wrong */
	EXIT_PERMISSION = 3,  /* not allowed to this user, or by this kernel */
	EXIT_UNSUPPORTED = 4, /* this machine has no such thing */
	EXIT_MISMATCH = 5,    /* bytes are not what they should be */
};

struct command {
	const char *name;
	int (*run)(const struct command *self, int argc, char **argv);
	const char *synopsis; /* after the name */
	const char *summary;  /* one line */
	const char *help;     /* options and examples */
};

extern const struct command cmd_info, cmd_selftest, cmd_read, cmd_write, cmd_node, cmd_heaps,
	cmd_gc, cmd_device;
extern const struct command cmd_doctor, cmd_map, cmd_virt2phys, cmd_addr, cmd_alloc, cmd_ls, cmd_bench;
extern const struct command cmd_dump, cmd_poll, cmd_watch, cmd_registers; /* registers.h */

/* --- words.c: the one place where text goes out, escaped ----------------------------------------- */

/* Ends the command: one line on stderr, EXIT_FAILED, and nothing more on stdout. */
_Noreturn void no_memory(void);
/* pointer, which is not NULL: or no_memory(). */
void *need(void *pointer);
/*
 * The result of a call that needs memory and descriptors only for itself; not for want of them: that ends the
 * command as no_memory() does.
 */
int sure(int ret);
/* The same of what the library was asked about the machine; also unread(), by the library's last error. */
int asked(int ret);
/* What the format makes; to be freed. It never fails: see no_memory(). */
char *formatted(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *vformatted(const char *format, va_list args) __attribute__((format(printf, 1, 0)));
/* A copy in which all that a terminal would obey, and newlines, are shown as \\033 and \\n; to be freed. */
char *escaped(const char *text);
/* One line on stdout; what a terminal would obey, and newlines, are shown as \033 and \n. */
void line(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* "  key          text" */
void row(const char *key, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* One line on stderr: with the command's name, or indented below such a line. */
void report(const char *format, ...) __attribute__((format(printf, 1, 2)));
void report_more(const char *format, ...) __attribute__((format(printf, 1, 2)));
void vreport(const char *format, va_list args) __attribute__((format(printf, 1, 0)));
/*
 * progress.c: what is being done, on a terminal, once a second from when it has taken more than one; the
 * text is the tool's own. progress_end() takes it away.
 */
void progress(const char *format, ...) __attribute__((format(printf, 1, 2)));
void progress_end(void);
/*
 * Flush stdout: a full disk must not look like success; a pipe that nobody reads is a failure without a word.
 * Neither does data look like all of it where unread() told that it is not.
 */
int out_finish(void);

/* --- trapped.c ------------------------------------------------------------------------------------ */

/* System calls that a seccomp filter traps fail with ENOSYS from now on. */
void survive_traps(void);

/* --- report.c: failures ------------------------------------------------------------- */

/* The arguments that getopt_long() walks, to name one that is wrong. */
void report_arguments(char **argv);
/* Whether --json was given: failures are then told on stdout too, as data. */
void report_json(const char *command);
/* The arguments are wrong; points to --help. Returns EXIT_USAGE. */
int usage_error(const struct command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* What the tool itself refuses or fails at. Returns code. */
int fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same with a stable cause and the next step to take. */
int fail_because(int code, const char *cause, const char *hint, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* A context whose warnings are told on stderr; 0 or an exit code, with the reason told. */
int open_context(struct pmem_ctx **ctx);
/* An error of the library in words, after what it was about, if not NULL. */
void report_error(const char *doing, const struct pmem_error *err);
/* The library's last error, after what it was about, if not NULL. Returns the exit code that fits. */
int fail_library(const char *doing);
int exit_code_of(const struct pmem_error *err);
/* --help and unknown options, the same in every command. true: done, *code is the exit code. */
bool common_option(const struct command *command, int option, int *code);
/*
 * The options of a command without arguments: --json, --help, and at most one switch of its own
 * (name NULL: none). -1 to go on, or the exit code.
 */
int parse_switches(const struct command *command, int argc, char **argv, char letter,
	const char *name, bool *own, bool *json);
void print_help(const struct command *command);

/* --- format.c: data on stdout --------------------------------------------------------------- */

/* "0x%08x": addresses are text in JSON, since a double holds only 53 bits. */
json_object *json_hex(uint64_t value);
json_object *json_value(uint64_t value, unsigned width); /* zero padded to the width in bits */
json_object *json_error(const struct pmem_error *err);
/*
 * "needs-sync" of PMEM_REGION_NEEDS_SYNC: a constant's name without its family ("PMEM_REGION_"), small.
 * NULL: there is none. Valid until the next call.
 */
const char *short_name(const char *family, uint64_t value, char separator);
json_object *json_bits(const char *family, uint32_t bits); /* such names, of each bit that is set */
/* New ones; they never fail: see no_memory(). */
json_object *json_new(void);
json_object *json_list(void);
json_object *json_text(const char *text);
json_object *json_number(uint64_t value);
void json_add(json_object *list, json_object *value);
void json_set(json_object *object, const char *key, json_object *value);
void json_set_text(json_object *object, const char *key, const char *text);
void json_set_bool(json_object *object, const char *key, bool value);
void json_set_number(json_object *object, const char *key, uint64_t value);
/* The outermost object: schema, command, version. */
json_object *json_document(const char *command);
/* Print and free; EXIT_OK, or EXIT_FAILED when stdout is full or closed. */
int json_finish(json_object *document);
/* There is one document: what fails after it is told on stderr only. */
bool json_finished(void);
/* Members of an object, NULL-safe: "" and 0 when absent. */
const char *text_of(json_object *object, const char *key);
uint64_t number_of(json_object *object, const char *key);
json_object *member(json_object *object, const char *key);
/* An array of texts, separated by spaces; the result is valid until the next call. */
const char *joined(json_object *array);

/* --- numbers ------------------------------------------------------------------------------------ */

/* "4096", "0x1000"; whole text or nothing. */
bool parse_number(const char *text, uint64_t *value);
/* Also "64K", "1M" (powers of 1024). */
bool parse_size(const char *text, uint64_t *value);

/* --- root.c: files of the machine, or of the one that LIBPMEM_ROOT plays ------------------------ */

/* false: the path is too long. */
bool root_path(char *out, size_t size, const char *path);
/* The same below the device tree: where the library reads it (lib/soc/dt/dt.c). */
bool root_tree(char *out, size_t size, const char *path);
/*
 * Files and folders below it; NULL, false, 0 with errno where there is none. Never for want of memory or
 * descriptors: then half of the data would look like all of it. What is there and cannot be read is unread().
 */
FILE *root_open(const char *path);
DIR *root_folder(const char *path);
/* Closes what root_open() gave, or NULL; false, and unread(), if reading had stopped before its end. */
bool root_close(FILE *file, const char *path);
/* The next entry of what root_folder() gave; NULL at the end, or where it is unread(). */
const struct dirent *root_next(DIR *dir, const char *path);
/*
 * By errno, something could not be read although it is there, and is not hidden from this user either: this is
 * told, and the command fails at its end.
 */
void unread(const char *path);
bool all_read(void);
/* Nor was anything hidden from this user: for who would act on there being nothing. */
bool all_shown(void);
bool root_there(const char *path);
/* scandir() by versionsort(); what is found is to be freed. */
int root_list(const char *path, int (*filter)(const struct dirent *entry), struct dirent ***names);
/* First line without newline; false with errno if the file cannot be read. */
bool root_line(const char *path, char *out, size_t size);
/* A file of one decimal number. */
bool root_number(const char *path, uint64_t *value);
/* The selected word of "none [integrity] confidentiality"; NULL if there is none. */
json_object *root_selected(const char *path);

/* --- facts*.c: what physmem info tells, as JSON ------------------------------------------------- */

/* stable: leave out what changes although the machine does not. */
json_object *facts_machine(struct pmem_ctx *ctx, bool stable);
json_object *facts_backends(struct pmem_ctx *ctx);
json_object *facts_addresses(struct pmem_ctx *ctx);
json_object *facts_memory(bool stable);
json_object *facts_access(struct pmem_ctx *ctx);
json_object *facts_firmware(struct pmem_ctx *ctx);
json_object *facts_dma(struct pmem_ctx *ctx, bool stable);
/* "CmaTotal" of /proc/meminfo in bytes; NULL if it is not there. */
json_object *meminfo(const char *key);
/*
 * show_heaps.c; *result is that of pmem_heap_count(). probe: also what is left of them, and by which
 * way addresses are known, for which a page of each is allocated.
 */
json_object *facts_heaps(struct pmem_ctx *ctx, bool probe, int *result);

void show_info(json_object *info);
void show_heaps(json_object *heaps, const char *indent);

/* --- owners.c: who owns a physical range -------------------------------------------------------------- */

enum owner {
	OWNER_NONE,    /* nobody */
	OWNER_DRIVER,  /* a driver or the firmware: name tells */
	OWNER_RAM,     /* the kernel's memory */
	OWNER_UNKNOWN, /* the kernel does not tell this user */
};

/* Whether a node below /reserved-memory keeps all of the range from Linux; its path. */
bool reserved_in_tree(struct pmem_ctx *ctx, uint64_t first, uint64_t last, char *name, size_t size);
enum owner iomem_owner(uint64_t first, uint64_t last, char *name, size_t size);

#endif
