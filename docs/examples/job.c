/* SPDX-License-Identifier: MIT */
/*
 * The main job, with errors: memory that a device can reach, what is known about it, bytes in and
 * out, a proof. The same program stands beside this one in other languages (job.py, job.go ...);
 * test/bindings/table.py sees to it that all print the same.
 *
 * usage: job SIZE [BACKEND]
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <pmem/pmem.h>

/* Each byte gets its place modulo 251; what is read back is added up. */
static int fill_and_add(struct pmem_region *region, uint64_t *sum)
{
	uint64_t size = pmem_region_size(region);
	unsigned char *bytes = pmem_region_data(region);
	int r = pmem_region_cpu_begin(region, 0, PMEM_TO_END, PMEM_DIR_BOTH);

	if (r < 0)
		return r;
	*sum = 0;
	for (uint64_t i = 0; i < size; i++)
		bytes[i] = (unsigned char)(i % 251);
	for (uint64_t i = 0; i < size; i++)
		*sum += bytes[i];
	return pmem_region_cpu_end(region, 0, PMEM_TO_END, PMEM_DIR_BOTH);
}

/* The pieces that a device must be told of: how many there are, then all of them. */
static int add_pieces(const struct pmem_region *region, uint64_t *bytes)
{
	struct pmem_extent *pieces;
	size_t count;
	int r = pmem_region_extents(region, 0, PMEM_TO_END, PMEM_EXTENTS_PHYS, NULL, 0, &count);

	if (r < 0)
		return r;
	pieces = calloc(count, sizeof(*pieces));
	if (!pieces)
		return -ENOMEM;
	r = pmem_region_extents(
		region, 0, PMEM_TO_END, PMEM_EXTENTS_PHYS, pieces, count, &count);
	*bytes = 0;
	for (size_t i = 0; r == 0 && i < count; i++)
		*bytes += pieces[i].length;
	free(pieces);
	return r;
}

static int job(struct pmem_ctx *ctx, struct pmem_region *region)
{
	uint64_t phys, sum, pieces, offset, size = pmem_region_size(region);
	int contiguous = (pmem_region_attrs(region) & PMEM_REGION_CONTIGUOUS) != 0;
	struct pmem_region *found;
	uint32_t word;
	int r;

	printf("size %" PRIu64 "\n", size);
	printf("contiguous %s\n", contiguous ? "yes" : "no");
	printf("address %s\n", pmem_region_phys(region, &phys) == 0 ? "yes" : "no");
	if ((r = pmem_region_write32(region, 8, 0x12345678)) < 0 ||
		(r = pmem_region_read32(region, 8, &word)) < 0)
		return r;
	printf("word 0x%08" PRIx32 "\n", word);
	if ((r = fill_and_add(region, &sum)) < 0)
		return r;
	printf("sum %" PRIu64 "\n", sum);
	if ((r = add_pieces(region, &pieces)) < 0)
		return r;
	printf("pieces %" PRIu64 "\n", pieces);
	r = pmem_region_find(ctx, (char *)pmem_region_data(region) + size / 16, &found, &offset);
	if (r < 0)
		return r;
	printf("found %" PRIu64 "\n", offset);
	if ((r = pmem_selftest_copy(ctx, size, 0, 0, NULL, NULL, NULL)) < 0)
		return r;
	printf("copy ok\n");
	return 0;
}

/* Why the last call failed; where several backends were asked, why each refused. */
static void explain(int r)
{
	const struct pmem_error *err = pmem_error_last();

	printf("refused %d %s\n", -r, pmem_error_cause_name(pmem_error_cause(err)));
	for (size_t i = 0; i < pmem_error_child_count(err); i++) {
		const struct pmem_error *child = pmem_error_child(err, i);

		printf("child %s %s\n", pmem_error_backend(child),
			pmem_error_cause_name(pmem_error_cause(child)));
	}
	fprintf(stderr, "%s\n%s\n", pmem_error_message(err), pmem_error_hint(err));
}

int main(int argc, char **argv)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts) };
	struct pmem_region *region = NULL;
	struct pmem_ctx *ctx = NULL;
	char *end = NULL;
	uint64_t size = 0;
	int r;

	errno = 0;
	if (argc == 2 || argc == 3)
		size = strtoull(argv[1], &end, 10);
	if (!end || argv[1][0] < '0' || argv[1][0] > '9' || *end || errno) {
		fprintf(stderr, "usage: job SIZE [BACKEND]\n");
		return 2;
	}
	opts.backend = argv[2]; /* NULL: any */
	r = pmem_ctx_new(&ctx);
	if (r == 0)
		r = pmem_region_alloc(ctx, size, argv[2] ? &opts : NULL, &region);
	if (r == 0)
		r = job(ctx, region);
	if (r < 0)
		explain(r);
	pmem_region_close(region);
	pmem_ctx_unref(ctx);
	return r < 0;
}
