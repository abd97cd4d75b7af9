/* SPDX-License-Identifier: MIT */
/*
 * The machine: what is in it, and what a target says of it. Its calls are in answers_calls.c, answers_names.c and
 * answers_process.c.
 */
#include "answers.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <pmem/pmem.h>

#include "answers_state.h"

struct answers_state a;

static unsigned hash(const char *path, size_t length)
{
	unsigned h = 2166136261u;

	for (size_t i = 0; i < length; i++)
		h = (h ^ (unsigned char)path[i]) * 16777619u;
	return h % ANSWERS_HASH;
}

struct answers_node *answers_find(const char *path, size_t length)
{
	struct answers_node *node = a.hash[hash(path, length)];

	while (node && (node->length != length || memcmp(node->path, path, length) != 0))
		node = node->next;
	return node;
}

static struct answers_node *add(const char *path, size_t length, uint32_t mode)
{
	struct answers_node *node;
	unsigned h = hash(path, length);

	if (a.node_count == ANSWERS_NODES || length >= sizeof(node->path) || answers_find(path, length))
		return NULL;
	node = &a.nodes[a.node_count++];
	*node = (struct answers_node){ .length = length, .mode = mode, .next = a.hash[h] };
	memcpy(node->path, path, length);
	node->path[length] = '\0';
	return a.hash[h] = node;
}

/* Its folder, made if need be; NULL: something else is in the way. */
static struct answers_node *folder_of(const char *path)
{
	size_t length = strlen(path);
	struct answers_node *node = NULL;

	while (length && path[length - 1] != '/')
		length--;
	for (size_t i = 1; i < length; i++) {
		struct answers_node *above = node;

		if (path[i] != '/')
			continue;
		node = answers_find(path, i);
		if (!node) {
			node = add(path, i, S_IFDIR | 0755);
			if (node && above)
				above->folders++;
		}
		if (!node || !S_ISDIR(node->mode))
			return NULL;
		node->above = above;
	}
	return node;
}

struct answers_node *answers_make(const char *path, uint32_t mode)
{
	struct answers_node *above = folder_of(path), *node = NULL;

	if (above)
		node = add(path, strlen(path), mode);
	if (node) {
		node->above = above;
		above->folders += S_ISDIR(mode) != 0;
	}
	return node;
}

struct answers_node *answers_file(const char *path, const void *data, size_t size)
{
	struct answers_node *node = answers_make(path, S_IFREG | 0644);

	if (node)
		answers_write(node, data, size, 0);
	return node;
}

struct answers_node *answers_text(const char *path, const char *text)
{
	return answers_file(path, text, strlen(text));
}

struct answers_node *answers_dir(const char *path)
{
	return answers_make(path, S_IFDIR | 0755);
}

struct answers_node *answers_link(const char *path, const char *target)
{
	struct answers_node *node = answers_make(path, S_IFLNK | 0777);

	if (node)
		answers_write(node, target, strlen(target), 0);
	return node;
}

struct answers_node *answers_device(const char *path, const struct answers_device *device)
{
	struct answers_node *node = answers_make(path, S_IFCHR | 0600);

	if (node)
		node->device = device;
	return node;
}

void answers_owner(struct answers_node *node, uint32_t mode, uint32_t uid)
{
	if (!node)
		return;
	node->mode = (node->mode & S_IFMT) | mode;
	node->uid = uid;
}

bool answers_write(struct answers_node *node, const void *data, size_t size, uint64_t offset)
{
	if (offset > ANSWERS_FILE || size > ANSWERS_FILE - offset)
		return false;
	if (offset + size > node->size) {
		uint8_t *more = realloc(node->data, (size_t)offset + size);

		MUST(more);
		memset(more + node->size, 0, (size_t)offset + size - node->size);
		node->data = more;
		node->size = (size_t)offset + size;
	}
	if (size)
		memcpy(node->data + offset, data, size);
	return true;
}

const uint8_t *answers_data(const char *path, size_t *size)
{
	const struct answers_node *node = answers_find(path, strlen(path));

	if (!node || node->gone)
		return NULL;
	*size = node->size;
	return node->data ? node->data : (const uint8_t *)"";
}

void answers_env(const char *name, const char *value)
{
	MUST(a.env_count < ANSWERS_ENV);
	a.env[a.env_count].name = name;
	a.env[a.env_count++].value = value;
}

void answers_kernel(int version)
{
	a.kernel = version;
}

void answers_unprivileged(void)
{
	a.unprivileged = true;
}

void answers_uring(void)
{
	a.uring = true;
}

void answers_frames(void)
{
	a.frames = true;
}

void answers_watch(void (*unmapping)(const void *addr, size_t length))
{
	a.unmapping = unmapping;
}

void answers_count_no_links(void)
{
	a.no_links = true;
}

void answers_fail(unsigned nth, int errnum)
{
	for (size_t i = 0; i < ANSWERS_FAULTS; i++) {
		if (a.faults[i].countdown)
			continue;
		a.faults[i].countdown = nth;
		a.faults[i].errnum = errnum;
		a.faulty = true;
		return;
	}
}

void answers_faults(struct input *in)
{
	static const int errnums[] = { EIO, ENOMEM, EACCES, EPERM, ENOENT, EMFILE, EINTR, EBUSY, ENODEV,
		ENOTTY, EINVAL, EAGAIN };
	uint8_t count = in_byte(in);

	for (uint8_t i = 0; i < (count & 3); i++) {
		unsigned nth = 1 + in_byte(in);

		answers_fail(nth, errnums[in_byte(in) % (sizeof(errnums) / sizeof(errnums[0]))]);
	}
}

bool answers_faulty(void)
{
	return a.faulty;
}

unsigned answers_calls(void)
{
	return a.calls;
}

int answers_damage(struct input *in, void *data, size_t size)
{
	static const int errnums[] = { EINVAL, ENOTTY, ENOMEM, EIO, EPERM, ENODEV, EBUSY, EMFILE, EFAULT, ENOENT,
		EOPNOTSUPP, EACCES };
	uint8_t how = in_byte(in), *bytes = data;
	uint64_t value;

	if (how < 0xa0)
		return 0;
	if (how < 0xc0)
		return -errnums[how % (sizeof(errnums) / sizeof(errnums[0]))];
	if (size == 0)
		return 0;
	if (how < 0xf0) { /* one number in it */
		size_t width = how & 1 && size >= 8 ? 8 : size >= 4 ? 4 : 1, at = (how >> 1) % (size / width) * width;

		value = in_place(in);
		memcpy(bytes + at, &value, width);
		return 0;
	}
	for (size_t i = 0; i < size && in->left; i++)
		bytes[i] = in_byte(in);
	return 0;
}

void answers_mad_fds(void)
{
	a.mad_fds = true;
}

void answers_holds(void)
{
	a.holds = true;
}

size_t answers_fds(void)
{
	size_t n = 0;

	for (size_t i = 0; i < ANSWERS_FDS; i++)
		n += a.fds[i].open;
	return n;
}

size_t answers_mapped(void)
{
	size_t n = 0;

	for (size_t i = 0; i < a.map_count; i++)
		n += a.maps[i].length;
	return n;
}

void answers_start(void)
{
	memset(&a, 0, offsetof(struct answers_state, nodes));
	a.kernel = 6012;
	a.time = 1000000;
	answers_env("LIBPMEM_ROOT", ANSWERS_ROOT);
	os = &answers_table;
}

static void let_go(void)
{
	for (size_t i = 0; i < a.map_count; i++)
		MUST(os_linux.munmap((void *)a.maps[i].start, a.maps[i].length) == 0);
	a.map_count = 0;
	for (size_t i = 0; i < ANSWERS_FDS; i++)
		a.fds[i].open = false;
}

void answers_stop(void)
{
	if (a.holds)
		let_go();
	if (answers_fds() || answers_mapped())
		fprintf(stderr, "%zu descriptors and %zu mapped bytes leaked\n", answers_fds(), answers_mapped());
	for (size_t i = 0; i < ANSWERS_FDS; i++) {
		if (a.fds[i].open && !a.mad_fds)
			fprintf(stderr, "%s\n", a.fds[i].node ? a.fds[i].node->path : "a descriptor without a path");
	}
	MUST((answers_fds() == 0 || a.mad_fds) && answers_mapped() == 0);
	MUST(a.io_flusher == 0);
	for (size_t i = 0; i < a.node_count; i++)
		free(a.nodes[i].data);
	a.node_count = 0;
	os = &os_linux;
}

static void check_error(const struct pmem_error *error, int r, unsigned depth)
{
	const char *texts[] = { pmem_error_operation(error), pmem_error_path(error), pmem_error_message(error),
		pmem_error_hint(error), pmem_error_text(error), pmem_error_backend(error) };

	if (pmem_error_code(error) != r)
		fprintf(stderr, "%d is returned, and %d told: %s\n", r, pmem_error_code(error), pmem_error_text(error));
	/* A descriptor that is none is taken for an errno. */
	MUST(pmem_error_code(error) == r && r < 0 && (r >= -4095 || a.mad_fds));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		MUST(texts[i] && strlen(texts[i]) < 65536);
	MUST(texts[0][0] && texts[4][0]);
	MUST(pmem_error_cause_name(pmem_error_cause(error))[0]);
	MUST(depth < 8);
	for (size_t i = 0; i < pmem_error_child_count(error); i++)
		check_error(pmem_error_child(error, i), pmem_error_code(pmem_error_child(error, i)), depth + 1);
}

int answers_result(int r)
{
	if (r < 0)
		check_error(pmem_error_last(), r, 0);
	return r;
}

struct pmem_ctx *answers_ctx(void)
{
	struct pmem_ctx *ctx = NULL;
	int r = answers_result(pmem_ctx_new(&ctx));

	MUST((r == 0) == (ctx != NULL));
	return ctx;
}
