/* SPDX-License-Identifier: MIT */
/* Which memory is wanted: the options of every command that allocates what is described on its command line. */
#ifndef PHYSMEM_ALLOC_OPTIONS_H
#define PHYSMEM_ALLOC_OPTIONS_H

#include "physmem.h"

/* Behind the letters; a command's own begin at 256. */
enum { ALLOC_OPTION_SCATTERED = 512, ALLOC_OPTION_CACHED, ALLOC_OPTION_UNCACHED, ALLOC_OPTION_DMABUF,
	ALLOC_OPTION_MAY_MOVE, ALLOC_OPTION_NO_ADDRESS, ALLOC_OPTION_NO_MASTER };

#define ALLOC_OPTIONS \
	{ "backend", required_argument, NULL, 'b' }, { "heap", required_argument, NULL, 'p' }, \
	{ "align", required_argument, NULL, 'a' }, { "below", required_argument, NULL, 'l' }, \
	{ "master", required_argument, NULL, 'm' }, \
	{ "no-master", no_argument, NULL, ALLOC_OPTION_NO_MASTER }, \
	{ "scattered", no_argument, NULL, ALLOC_OPTION_SCATTERED }, \
	{ "cached", no_argument, NULL, ALLOC_OPTION_CACHED }, \
	{ "uncached", no_argument, NULL, ALLOC_OPTION_UNCACHED }, \
	{ "dmabuf", no_argument, NULL, ALLOC_OPTION_DMABUF }, \
	{ "may-move", no_argument, NULL, ALLOC_OPTION_MAY_MOVE }, \
	{ "no-address", no_argument, NULL, ALLOC_OPTION_NO_ADDRESS }, \
	{ "json", no_argument, NULL, 'j' }, { "help", no_argument, NULL, 'h' }
#define ALLOC_LETTERS "b:p:a:l:m:jh"
#define ALLOC_HELP \
	"  -b, --backend NAME use this backend (see physmem info)\n" \
	"  -p, --heap NAME   use this heap (see physmem heaps)\n" \
	"  -a, --align SIZE  alignment of the physical address\n" \
	"  -l, --below ADDR  all of it below this physical address\n" \
	"  -m, --master NODE memory that this device of the device tree sees\n" \
	"      --no-master   memory that no device in particular must see\n" \
	"      --scattered   several pieces will do\n" \
	"      --cached, --uncached, --dmabuf   what the memory must be\n" \
	"      --may-move    memory that the kernel may move will do\n" \
	"      --no-address  the physical address may stay unknown\n"

/* One of these options, or an unknown one. -1 to go on, or the exit code. */
int alloc_option(const struct command *command, int option, struct pmem_alloc_opts *opts, bool *json);
/* What options together must not say. -1 to go on, or the exit code. */
int alloc_options_check(const struct command *command, const struct pmem_alloc_opts *opts);
/* The size in text, of any option: -1 to go on, or the exit code. */
int alloc_size(const struct command *command, const char *text, uint64_t *size);

#endif
