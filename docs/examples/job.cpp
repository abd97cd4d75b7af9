/* SPDX-License-Identifier: MIT */
/*
 * The main job, with errors; what job.c does, by <pmem/pmem.hpp>: nothing is to be given back by hand.
 *
 * usage: job SIZE [BACKEND]
 */
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>

#include <pmem/pmem.hpp>

static bool known(const pmem::region &region)
{
	try {
		region.phys();
		return true;
	} catch (const pmem::error &) {
		return false;
	}
}

static void job(const pmem::context &ctx, pmem::region region)
{
	std::uint64_t sum = 0, pieces = 0, size = region.size();

	std::printf("size %" PRIu64 "\n", size);
	std::printf("contiguous %s\n", region.has(PMEM_REGION_CONTIGUOUS) ? "yes" : "no");
	std::printf("address %s\n", known(region) ? "yes" : "no");
	region.write32(8, 0x12345678);
	std::printf("word 0x%08" PRIx32 "\n", region.read32(8));

	region.cpu(PMEM_DIR_BOTH, [&] {
		pmem::span<unsigned char> bytes = region.as<unsigned char>();
		for (std::size_t i = 0; i < bytes.size(); i++)
			bytes[i] = static_cast<unsigned char>(i % 251);
		for (unsigned char byte : bytes)
			sum += byte;
	});
	std::printf("sum %" PRIu64 "\n", sum);

	for (const pmem_extent &piece : region.extents())
		pieces += piece.length;
	std::printf("pieces %" PRIu64 "\n", pieces);
	std::printf("found %" PRIu64 "\n", ctx.find(region.at<char>(size / 16)).offset);
	ctx.selftest_copy(size);
	std::printf("copy ok\n");
}

int main(int argc, char **argv)
{
	char *end = nullptr;
	std::uint64_t size = 0;

	errno = 0;
	if (argc == 2 || argc == 3)
		size = std::strtoull(argv[1], &end, 10);
	if (!end || argv[1][0] < '0' || argv[1][0] > '9' || *end || errno) {
		std::fprintf(stderr, "usage: job SIZE [BACKEND]\n");
		return 2;
	}
	try {
		pmem::context ctx;
		pmem::alloc_options options;
		options.backend = argv[2]; // nullptr: any
		job(ctx, ctx.alloc(size, options));
		return 0;
	} catch (const pmem::error &why) {
		std::printf("refused %d %s\n", why.code().value(), why.cause_name());
		for (const pmem::error &child : why.children())
			std::printf("child %s %s\n", child.backend(), child.cause_name());
		std::fprintf(stderr, "%s\n%s\n", why.message(), why.hint());
		return 1;
	}
}
