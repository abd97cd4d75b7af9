/* SPDX-License-Identifier: MIT */
#include "vcfw.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suite.h"

#define BOOT "/proc/sys/kernel/random/boot_id"

struct vcfw *vcfw;

static struct vcfw_block *find(uint32_t handle)
{
	for (size_t i = 0; handle && i < VCFW_HANDLES; i++) {
		if (vcfw->blocks[i].handle == handle)
			return &vcfw->blocks[i];
	}
	return NULL;
}

static bool overlaps(uint32_t offset, uint32_t size)
{
	for (size_t i = 0; i < VCFW_HANDLES; i++) {
		const struct vcfw_block *b = &vcfw->blocks[i];

		if (b->handle && offset < b->offset + b->size && b->offset < offset + size)
			return true;
	}
	return false;
}

/* vcmailbox(7): all zeroes, or as it was, and all ones if neither is asked for. */
static void fill(uint32_t offset, uint32_t size, uint32_t flags)
{
	unsigned char page[4096];
	char path[512];
	int fd;

	if (flags & (1u << 5))
		return;
	memset(page, flags & (1u << 4) ? 0 : 0xff, sizeof(page));
	snprintf(path, sizeof(path), "%s/dev/mem", fake_root());
	fd = open(path, O_WRONLY | O_CLOEXEC);
	for (uint32_t at = 0; at < size; at += 4096)
		ck_assert_int_gt(pwrite(fd, page, size - at < 4096 ? size - at : 4096,
			(off_t)VCFW_BASE + offset + at), 0);
	close(fd);
}

static uint32_t allocate(uint32_t size, uint32_t align, uint32_t flags)
{
	struct vcfw_block *b = NULL;
	uint32_t offset = 0;

	vcfw->last_flags = flags;
	vcfw->last_align = align;
	for (size_t i = 0; i < VCFW_HANDLES && !b; i++)
		b = vcfw->blocks[i].handle ? NULL : &vcfw->blocks[i];
	if (!b || size == 0 || size > VCFW_SIZE || align == 0)
		return 0;
	while (overlaps(offset, size)) {
		offset += align;
		if (offset > VCFW_SIZE - size)
			return 0;
	}
	*b = (struct vcfw_block){ .offset = offset, .size = size, .flags = flags, .owner = getpid() };
	b->handle = vcfw->reuse ? 1 : vcfw->next + 1;
	while (vcfw->reuse && find(b->handle) != b)
		b->handle++;
	fill(offset, size, flags);
	vcfw->next++;
	vcfw->allocs++;
	vcfw->live++;
	return b->handle;
}

static uint32_t lock(uint32_t handle)
{
	/* Seen on a Pi 4: normal, direct, coherent, L1-non-allocating (Idein/librpimemmgr issue 16). */
	static const uint32_t alias[] = { 0, 0xc0000000, 0x80000000, 0x80000000 };
	struct vcfw_block *b = find(handle);

	if (!b)
		return 0;
	b->locks++;
	return (VCFW_BASE + b->offset) |
		(vcfw->bus_alias_override ? vcfw->bus_alias_override : alias[(b->flags >> 2) & 3]);
}

static uint32_t unlock(uint32_t handle)
{
	struct vcfw_block *b = find(handle);

	if (!b || b->locks == 0) {
		vcfw->bad_unlock++;
		return 1;
	}
	b->locks--;
	return 0;
}

static uint32_t release(uint32_t handle)
{
	struct vcfw_block *b = find(handle);

	if (!b) {
		vcfw->bad_release++;
		return 1;
	}
	vcfw->release_locked += b->locks > 0;
	vcfw->behind_back += b->owner != getpid() && kill(b->owner, 0) == 0;
	vcfw->releases++;
	vcfw->live--;
	memset(b, 0, sizeof(*b));
	return 0;
}

/* The tags that only tell something: bytes of the reply, 0 for an unknown one. */
static uint32_t tell(uint32_t tag, uint32_t value[2])
{
	switch (tag) {
	case 0x00000001:
		value[0] = 1700000000;
		return 4;
	case 0x00010002:
		value[0] = 0xa02082;
		return 4;
	case 0x00010004:
		value[0] = 0x89abcdef;
		value[1] = 0x01234567;
		return 8;
	case 0x00010005:
		value[0] = 0;
		value[1] = VCFW_BASE;
		return 8;
	case 0x00010006:
		value[0] = VCFW_BASE;
		value[1] = VCFW_SIZE;
		return 8;
	case 0x00060001:
		value[0] = 0x7f35;
		return vcfw->no_dma_tag ? 0 : 4;
	default:
		return 0;
	}
}

/* One tag at words[2]. */
static void serve(uint32_t *words, enum vcfw_fault fault)
{
	uint32_t *value = words + 5, reply = 4;

	switch (words[2]) {
	case 0x3000c:
		value[0] = fault == VCFW_FAIL ? 0 : allocate(value[0], value[1], value[2]);
		break;
	case 0x3000d:
		value[0] = fault == VCFW_FAIL ? 0 : lock(value[0]);
		value[0] += fault == VCFW_MISALIGNED;
		break;
	case 0x3000e:
		value[0] = fault == VCFW_FAIL ? 1 : unlock(value[0]);
		break;
	case 0x3000f:
		value[0] = fault == VCFW_FAIL ? 1 : release(value[0]);
		break;
	default:
		reply = tell(words[2], value);
		if (fault == VCFW_FAIL)
			reply = 0;
	}
	words[4] = reply ? 0x80000000u | reply : 0;
	words[1] = 0x80000000u;
}

static int message(uint32_t *words)
{
	enum vcfw_fault fault = VCFW_NONE;

	if (vcfw->fault != VCFW_NONE && (vcfw->fault_tag == 0 || vcfw->fault_tag == words[2])) {
		fault = vcfw->fault;
		vcfw->fault = VCFW_NONE;
	}
	switch (fault) {
	case VCFW_TIMEOUT:
		return -ETIMEDOUT;
	case VCFW_EINVAL:
		return -EINVAL;
	case VCFW_ENOMEM:
		return -ENOMEM;
	case VCFW_STATUS1:
		words[1] = 0x80000001u;
		return 0;
	case VCFW_NO_BIT31:
		words[1] = 0x80000000u;
		return 0;
	case VCFW_SHORT:
		words[1] = 0x80000000u;
		words[4] = 0x80000000u;
		return 0;
	case VCFW_GARBAGE:
		memset(words, 0xa5, words[0]);
		return 0;
	case VCFW_TIMEOUT_DONE: {
		uint32_t copy[16];

		memcpy(copy, words, words[0]);
		serve(copy, VCFW_NONE);
		return -ETIMEDOUT;
	}
	default:
		serve(words, fault);
		return 0;
	}
}

static void die_at(unsigned *countdown)
{
	if (*countdown && --*countdown == 0)
		kill(getpid(), SIGKILL);
}

static int vcfw_ioctl(void *user, int fd, unsigned long request, void *arg)
{
	uint32_t *words = arg;
	int r;

	(void)user;
	(void)fd;
	vcfw->calls++;
	vcfw->last_request = request;
	if (request != _IOWR(100, 0, char *))
		return -EINVAL;
	if (words[0] % 4 || words[0] < 12 || words[0] > 64)
		return -EINVAL;
	die_at(&vcfw->die_before);
	r = message(words);
	die_at(&vcfw->die_after);
	return r;
}

static const struct fake_device mailbox = {
	.path = "/dev/vcio", .memory = 4096, .ioctl = vcfw_ioctl
};

void vcfw_process(int pid, char state, unsigned threads, unsigned long long start)
{
	char path[64], text[256];

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	snprintf(text, sizeof(text),
		"%d (a) name) %c 1 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 %u 0 %llu 1 1 1\n", pid, state,
		threads, start);
	fake_text(path, text);
}

void vcfw_no_process(int pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d", pid);
	fake_remove(path);
}

static int count_name(void *user, const char *name)
{
	(void)name;
	++*(unsigned *)user;
	return 0;
}

unsigned vcfw_journals(void)
{
	char path[512];
	unsigned n = 0;

	snprintf(path, sizeof(path), "%s/run/libpmem", fake_root());
	os_linux.list(path, count_name, &n);
	return n;
}

static unsigned long long start_of(int pid)
{
	return 1000ull + (unsigned long long)pid;
}

/* The DMA engine, behind the bus of the peripherals, as in bcm283x.dtsi and bcm2837.dtsi. */
static void tree(const char *compatible)
{
	static const uint32_t ranges[] = { 0x7e000000, 0x3f000000, 0x1000000 };
	static const uint32_t reg[] = { 0x7e007000, 0xf00 };
	static const uint32_t one = 1, mask = 0x7f35;

	fake_string("/", "compatible", compatible);
	fake_cells("/", "#address-cells", 1, &one);
	fake_cells("/", "#size-cells", 1, &one);
	fake_cells("/soc", "#address-cells", 1, &one);
	fake_cells("/soc", "#size-cells", 1, &one);
	fake_cells("/soc", "ranges", 3, ranges);
	fake_cells("/soc/dma@7e007000", "reg", 2, reg);
	fake_cells("/soc/dma@7e007000", "brcm,dma-channel-mask", 1, &mask);
	fake_string("/soc/dma@7e007000", "compatible", "brcm,bcm2835-dma");
}

void vcfw_start(const char *compatible)
{
	vcfw = mmap(NULL, sizeof(*vcfw), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(vcfw, MAP_FAILED);
	fake_device(&mailbox);
	fake_sparse("/dev/mem", 1ull << 30);
	tree(compatible);
	fake_text(BOOT, "12345678-9abc-4def-8123-456789abcdef\n");
	fake_dir("/run");
	vcfw_process(getpid(), 'R', 1, start_of(getpid()));
}

void vcfw_stop(void)
{
	munmap(vcfw, sizeof(*vcfw));
	vcfw = NULL;
}

void vcfw_begin(const char *compatible, struct pmem_ctx **ctx)
{
	fake_start();
	fake_env("LIBPMEM_BACKEND", "videocore");
	vcfw_start(compatible);
	assert_works(pmem_ctx_new(ctx));
}

void vcfw_end(struct pmem_ctx *ctx)
{
	ck_assert_uint_eq(vcfw->bad_release, 0);
	ck_assert_uint_eq(vcfw->bad_unlock, 0);
	ck_assert_uint_eq(vcfw->behind_back, 0);
	ck_assert_uint_eq(vcfw->release_locked, 0);
	pmem_ctx_unref(ctx);
	vcfw_stop();
	fake_stop();
}

size_t vcfw_reclaim(struct pmem_ctx *ctx, uint32_t flags)
{
	size_t count;

	assert_works(pmem_firmware_reclaim(ctx, flags, &count, NULL));
	return count;
}

int vcfw_child(void (*action)(void *user), void *user)
{
	int status = 0;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		vcfw_process(getpid(), 'R', 1, start_of(getpid()));
		action(user);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	vcfw_no_process(pid);
	return status;
}
