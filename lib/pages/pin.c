/* SPDX-License-Identifier: MIT */
#include "pages/pin.h"

#include <errno.h>
#include <stdlib.h>

#include "base/error.h"
#include "os/os.h"
#include "pages/uring.h"

const char *pin_name(enum pin_class class)
{
	switch (class) {
	case PIN_IO_URING:
		return "io_uring";
	case PIN_IO_REGION:
		return "io_uring region";
	case PIN_VMSPLICE:
		return "vmsplice";
	default:
		return "none";
	}
}

/* Neither way worked: io_uring's reason first, since it is the one to mend. */
static int nothing_pins(const struct pmem_error *uring)
{
	const struct pmem_error *splice = error_last();
	uint32_t cause = uring->cause;

	if (cause != PMEM_CAUSE_LIMIT && cause != PMEM_CAUSE_NO_MEMORY)
		cause = splice->cause == PMEM_CAUSE_LIMIT && splice->errnum == ENOMEM ?
			PMEM_CAUSE_LIMIT : /* pipes would hold less than this */
			PMEM_CAUSE_NOT_PINNED;
	return error_set(uring->errnum, cause, uring->operation, uring->path, uring->hint,
		"the pages cannot be kept in place: %s; %s: %s", uring->message,
		splice->operation, splice->message);
}

int pin_take(const char *root, void *addr, size_t length, struct pin *pin)
{
	struct pmem_error why;

	*pin = (struct pin){ .class = PIN_NONE };
	if (uring_pin(root, addr, length, pin) == 0)
		return 0;
	error_save(&why);
	if (vmsplice_pin(addr, length, pin) == 0)
		return 0;
	return nothing_pins(&why);
}

int pin_drop(struct pin *pin)
{
	int r = 0;

	if (pin->class == PIN_IO_URING)
		r = uring_unpin(pin);
	else if (pin->class == PIN_VMSPLICE)
		r = vmsplice_unpin(pin);
	*pin = (struct pin){ .class = PIN_NONE };
	return r;
}

int pin_usable(const char *root)
{
	struct pmem_error why;
	int fds[2];
	int r;

	r = uring_open(root);
	if (r >= 0) {
		os->close(r);
		return 0;
	}
	error_save(&why);
	r = os->pipe(fds);
	if (r < 0) {
		error_set(-r, PMEM_CAUSE_LIMIT, "pipe", NULL, NULL, "no pipe can be made");
		return nothing_pins(&why);
	}
	os->close(fds[0]);
	os->close(fds[1]);
	return 0;
}
