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
	case PIN_PACKET:
		return "packet ring";
	case PIN_VMSPLICE:
		return "vmsplice";
	default:
		return "none";
	}
}

/* Neither way worked: io_uring's reason first, since it is the one to mend. Both are children. */
static int nothing_pins(const struct pmem_error *uring)
{
	const struct pmem_error *splice = error_last();
	struct error_list *list = NULL;
	uint32_t cause = uring->cause;
	int r;

	if (error_list_add(&list, uring, pin_name(PIN_IO_URING)))
		error_list_add(&list, splice, pin_name(PIN_VMSPLICE));
	if (cause != PMEM_CAUSE_LIMIT && cause != PMEM_CAUSE_NO_MEMORY)
		cause = splice->cause == PMEM_CAUSE_LIMIT && splice->errnum == ENOMEM ?
			PMEM_CAUSE_LIMIT : /* pipes would hold less than this */
			PMEM_CAUSE_NOT_PINNED;
	r = error_set(uring->errnum, cause, uring->operation, uring->path, uring->hint,
		"this memory may move while a device uses it, for nothing here keeps it in place: "
		"io_uring: %s; vmsplice: %s", uring->message, splice->message);
	error_adopt(list);
	return r;
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
	int r;

	r = uring_open(root);
	if (r >= 0) {
		os->close(r);
		return 0;
	}
	error_save(&why);
	return vmsplice_usable() == 0 ? 0 : nothing_pins(&why);
}
