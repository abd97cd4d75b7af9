/* SPDX-License-Identifier: MIT */
#include "api/call.h"
#include "base/error.h"

#include <errno.h>

#include <pmem/error.h>

const struct pmem_error *pmem_error_last(void)
{
	return error_told();
}

int pmem_error_code(const struct pmem_error *err)
{
	return err ? -err->errnum : 0;
}

uint32_t pmem_error_cause(const struct pmem_error *err)
{
	return err ? err->cause : PMEM_CAUSE_NONE;
}

const char *pmem_error_operation(const struct pmem_error *err)
{
	return err ? err->operation : "";
}

const char *pmem_error_path(const struct pmem_error *err)
{
	return err ? err->path : "";
}

const char *pmem_error_message(const struct pmem_error *err)
{
	return err ? err->message : "";
}

const char *pmem_error_hint(const struct pmem_error *err)
{
	return err ? err->hint : "";
}

const char *pmem_error_text(const struct pmem_error *err)
{
	return err ? err->text : "no error";
}

const char *pmem_error_backend(const struct pmem_error *err)
{
	return err && err->backend ? err->backend : "";
}

size_t pmem_error_child_count(const struct pmem_error *err)
{
	return err ? error_list_count(err->children) : 0;
}

const struct pmem_error *pmem_error_child(const struct pmem_error *err, size_t i)
{
	return err ? error_list_at(err->children, i) : NULL;
}

const char *pmem_error_cause_name(uint32_t cause)
{
	/* No pointers, which would have to be relocated at each start. */
	static const char names[][16] = {
		[PMEM_CAUSE_NONE] = "none",
		[PMEM_CAUSE_NULL_ARGUMENT] = "null-argument",
		[PMEM_CAUSE_ZERO_SIZE] = "zero-size",
		[PMEM_CAUSE_WRAPS] = "wraps",
		[PMEM_CAUSE_ALIGNMENT] = "alignment",
		[PMEM_CAUSE_FLAGS] = "flags",
		[PMEM_CAUSE_OPTIONS] = "options",
		[PMEM_CAUSE_BOUNDS] = "bounds",
		[PMEM_CAUSE_NO_DEVICE] = "no-device",
		[PMEM_CAUSE_FILE_MODE] = "file-mode",
		[PMEM_CAUSE_CAPABILITY] = "capability",
		[PMEM_CAUSE_LOCKDOWN] = "lockdown",
		[PMEM_CAUSE_SYSTEM_RAM] = "system-ram",
		[PMEM_CAUSE_DRIVER_OWNED] = "driver-owned",
		[PMEM_CAUSE_BUS_WIDTH] = "bus-width",
		[PMEM_CAUSE_OUTSIDE_WINDOW] = "outside-window",
		[PMEM_CAUSE_NO_MEMORY] = "no-memory",
		[PMEM_CAUSE_LIMIT] = "limit",
		[PMEM_CAUSE_ADDRESS_UNKNOWN] = "address-unknown",
		[PMEM_CAUSE_ADDRESS_LIMIT] = "address-limit",
		[PMEM_CAUSE_NOT_CONTIGUOUS] = "not-contiguous",
		[PMEM_CAUSE_NOT_PINNED] = "not-pinned",
		[PMEM_CAUSE_NOT_COHERENT] = "not-coherent",
		[PMEM_CAUSE_UNSUPPORTED] = "unsupported",
		[PMEM_CAUSE_NOT_FOUND] = "not-found",
		[PMEM_CAUSE_DEVICE_TREE] = "device-tree",
		[PMEM_CAUSE_FIRMWARE] = "firmware",
		[PMEM_CAUSE_TIMEOUT] = "timeout",
		[PMEM_CAUSE_BUSY] = "busy",
		[PMEM_CAUSE_WRONG_KIND] = "wrong-kind",
		[PMEM_CAUSE_READONLY] = "readonly",
		[PMEM_CAUSE_MISMATCH] = "mismatch",
		[PMEM_CAUSE_MOVED] = "moved",
		[PMEM_CAUSE_SYSTEM] = "system",
		[PMEM_CAUSE_NOT_VIABLE] = "not-viable",
		[PMEM_CAUSE_NO_ISOLATION] = "no-isolation",
		[PMEM_CAUSE_DEVICE_GONE] = "device-gone",
	};

	return cause < ARRAY_SIZE(names) ? names[cause] : "unknown";
}

static int try_error_dup(const struct pmem_error *err, struct pmem_error **out)
{
	struct pmem_error *copy;

	if (!err || !out)
		return error_null("error dup", err ? "out" : "err");
	copy = error_copy(err);
	if (!copy)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "error dup", NULL, NULL,
			"no memory for a copy");
	*out = copy;
	return 0;
}

int pmem_error_dup(const struct pmem_error *err, struct pmem_error **out)
{
	CALL(NULL, try_error_dup(err, out));
}

void pmem_error_free(struct pmem_error *err)
{
	error_free(err);
}
