/* SPDX-License-Identifier: MIT */
/* physmem virt2phys: where the memory of a process really is. */
#include "alike.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct job {
	struct pmem_ctx *ctx;
	const char *process;
	uint64_t virt, length;
	bool json, begun;
	json_object *runs; /* NULL: print each as it comes */
	uint64_t counts[PAGE_STATES]; /* bytes */
	uint64_t next;                /* where the present ones would go on if they were one piece */
	enum page_pin weakest;
	bool one_piece;
};

static void show_run(const struct page_run *run)
{
	char phys[24] = "-";

	if (run->state == PAGE_PRESENT)
		(void)snprintf(phys, sizeof(phys), "0x%08" PRIx64, run->phys);
	else if (run->state == PAGE_HIDDEN)
		(void)snprintf(phys, sizeof(phys), "unknown");
	line("0x%012" PRIx64 " %-18s %12" PRIu64 " %-8s %s", run->virt, phys, run->length,
		state_word(run->state), run->state == PAGE_PRESENT || run->state == PAGE_HIDDEN ?
		pin_word(run->pin) : "-");
}

static void take_run(void *user, const struct page_run *run)
{
	struct job *job = user;
	json_object *object;

	job->counts[run->state] += run->length;
	if (run->state != PAGE_PRESENT || (run->virt != job->virt && run->phys != job->next))
		job->one_piece = false;
	job->next = run->phys + run->length;
	if ((run->state == PAGE_PRESENT || run->state == PAGE_HIDDEN) && run->pin < job->weakest)
		job->weakest = run->pin;
	if (!job->runs) {
		if (!job->begun)
			line("%-14s %-18s %12s %-8s %s", "virtual", "physical", "bytes", "state", "pin");
		job->begun = true;
		show_run(run);
		return;
	}
	object = json_new();
	json_set(object, "virt", json_hex(run->virt));
	json_set_number(object, "size", run->length);
	json_set(object, "phys", run->state == PAGE_PRESENT ? json_hex(run->phys) : NULL);
	json_set_text(object, "state", state_word(run->state));
	json_set_text(object, "pin", pin_word(run->pin));
	json_add(job->runs, object);
}

static const char *contiguous(const struct job *job)
{
	return job->counts[PAGE_HIDDEN] ? "unknown" : job->one_piece ? "yes" : "no";
}

static int tell(struct job *job)
{
	bool present = job->counts[PAGE_PRESENT] || job->counts[PAGE_HIDDEN];
	const char *pin = pin_word(present ? job->weakest : PIN_NONE);
	json_object *document;

	if (!job->json) {
		row("contiguous", "%s", contiguous(job));
		row("pin", "%s", pin);
		return out_finish();
	}
	document = json_document("virt2phys");
	json_set_text(document, "process", job->process);
	json_set(document, "runs", job->runs);
	if (job->counts[PAGE_HIDDEN])
		json_set(document, "contiguous", NULL);
	else
		json_set_bool(document, "contiguous", job->one_piece);
	json_set_text(document, "pin", pin);
	return json_finish(document);
}

static int translate(struct job *job)
{
	int code;

	if (job->json)
		job->runs = json_list();
	code = walk_pages(job->ctx, job->process, job->virt, job->length, false, take_run, job);
	if (code) {
		json_object_put(job->runs);
		return code;
	}
	code = tell(job);
	if (code || !job->counts[PAGE_HIDDEN])
		return code;
	report("needs CAP_SYS_ADMIN: the kernel gives 0 instead of each frame number to this program");
	report_more("-> root has it in the first user namespace; else setcap "
		"cap_sys_admin,cap_dac_read_search+ep PROGRAM");
	return EXIT_PERMISSION;
}

static bool is_process(const char *text)
{
	uint64_t number;

	return !strcmp(text, "self") || (parse_number(text, &number) && number && number <= INT32_MAX &&
		strspn(text, "0123456789") == strlen(text));
}

static const struct option table[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int run(const struct command *self, int argc, char **argv)
{
	struct job job = { .length = 1, .one_piece = true, .weakest = PIN_PINNED };
	int option, code;

	while ((option = getopt_long(argc, argv, "jh", table, NULL)) != -1) {
		if (common_option(self, option, &code))
			return code;
		job.json = true;
	}
	if (argc - optind < 2 || argc - optind > 3)
		return usage_error(self, "a process and an address are needed, and perhaps a length");
	job.process = argv[optind];
	if (!is_process(job.process))
		return usage_error(self, "'%s' is no process: a number, or self", job.process);
	if (!parse_number(argv[optind + 1], &job.virt))
		return usage_error(self, "'%s' is not a number", argv[optind + 1]);
	if (argc - optind == 3 && (!parse_size(argv[optind + 2], &job.length) || !job.length))
		return usage_error(self, "'%s' is not a length such as 4096, 64K or 0x1000",
			argv[optind + 2]);
	if (job.length > UINT64_MAX - job.virt)
		return usage_error(self, "the range is beyond 64 bits");
	code = open_context(&job.ctx);
	if (code)
		return code;
	code = translate(&job);
	pmem_ctx_unref(job.ctx);
	return code;
}

const struct command cmd_virt2phys = {
	.name = "virt2phys",
	.run = run,
	.synopsis = "[--json] PROCESS ADDRESS [LENGTH]",
	.summary = "Tell where memory of a process really is",
	.help = "One line for each run of pages that are alike: virtual address, physical address, bytes,\n"
		"state, and what keeps them in place. PROCESS is its number, or self: physmem.\n"
		"States: present; unknown (present, but the kernel hides where: CAP_SYS_ADMIN, exit\n"
		"status 3); swapped; absent (mapped, never touched); device; hole (not mapped).\n"
		"Pins: pinned (by a kernel object: the address stays true), stable (huge pages of a\n"
		"pool: they stay in practice), hint (mlock() does not keep them there), none.\n\n"
		"  -j, --json    JSON\n"
		"  -h, --help    this text\n\n"
		"Examples:\n"
		"  physmem virt2phys 1234 0x7f0000000000\n"
		"  physmem virt2phys 1234 0x7f0000000000 2M\n"
		"  physmem virt2phys $$ 0x$(sed -n 's/-.*stack.*//p' /proc/$$/maps) --json\n",
};
