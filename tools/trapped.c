/* SPDX-License-Identifier: MIT */
/*
 * Seccomp filters that trap: a system call that Android's filter, for example, does not allow
 * raises SIGSYS, which ends a program. Here the call is named once and fails with ENOSYS, as if the
 * kernel had none; the library then takes another way, or explains what is missing.
 */
#include "physmem.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <bsd/string.h>

#define TOLD 1024 /* more than there are system calls */

static unsigned char told[TOLD];

static const char *name_of(int number)
{
	switch (number) {
	case SYS_io_uring_setup:
		return " (io_uring_setup)";
	case SYS_io_uring_register:
		return " (io_uring_register)";
	case SYS_vmsplice:
		return " (vmsplice)";
	case SYS_memfd_create:
		return " (memfd_create)";
	case SYS_mlock:
		return " (mlock)";
	case SYS_mremap:
		return " (mremap)";
	case SYS_process_vm_readv:
		return " (process_vm_readv)";
	default:
		return "";
	}
}

/* Only what a signal handler may call. */
static void tell(int number, const char *after)
{
	char text[192] = "physmem: a seccomp filter traps system call ", digits[16];
	size_t at = sizeof(digits) - 1;

	digits[at] = '\0';
	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number && at);
	(void)strlcat(text, digits + at, sizeof(text));
	(void)strlcat(text, after, sizeof(text));
	if (write(STDERR_FILENO, text, strlen(text)) < 0)
		return;
}

/* What the call returns, in the register of this architecture; false: not known here. */
static bool set_result(ucontext_t *context, long result)
{
#if defined(__x86_64__)
	context->uc_mcontext.gregs[REG_RAX] = result;
#elif defined(__i386__)
	context->uc_mcontext.gregs[REG_EAX] = (int)result;
#elif defined(__aarch64__)
	context->uc_mcontext.regs[0] = (unsigned long long)result;
#elif defined(__arm__)
	context->uc_mcontext.arm_r0 = (unsigned long)result;
#elif defined(__riscv)
	context->uc_mcontext.__gregs[REG_A0] = (unsigned long)result;
#else
	(void)context;
	(void)result;
	return false;
#endif
	return true;
}

static void on_trap(int sig, siginfo_t *info, void *context)
{
	int number = info->si_syscall;
	char after[96] = "";

	(void)sig;
	(void)strlcat(after, name_of(number), sizeof(after));
	if (!set_result(context, -ENOSYS)) {
		(void)strlcat(after, ": it ends here\n", sizeof(after));
		tell(number, after);
		_exit(EXIT_UNSUPPORTED);
	}
	if (number >= 0 && number < TOLD && told[number])
		return;
	if (number >= 0 && number < TOLD)
		told[number] = 1;
	(void)strlcat(after, ": going on without it\n", sizeof(after));
	tell(number, after);
}

void survive_traps(void)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = on_trap;
	action.sa_flags = SA_SIGINFO | SA_NODEFER; /* a trapped write() in the handler */
	(void)sigaction(SIGSYS, &action, NULL);
}
