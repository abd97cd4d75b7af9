/* SPDX-License-Identifier: MIT */
/* <pmem/pmem.hpp>: who owns what, what is thrown, and that all of it can be called. */
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>

#include <pmem/pmem.h>

/* Memory that moves to one piece more when it was counted, and back when it is told. */
static int calls_while_it_moves; /* 0: it does not move */
static int moving(pmem_ctx *ctx, const void *addr, uint64_t length, pmem_extent *extents, size_t capacity,
	size_t *count)
{
	if (!calls_while_it_moves)
		return pmem_vaddr_extents(ctx, addr, length, extents, capacity, count);
	if (++calls_while_it_moves > 9)
		std::abort(); /* for ever */
	if (extents && capacity < 3)
		return -ENOSPC;
	*count = extents || calls_while_it_moves == 2 ? 2 : 3;
	for (size_t i = 0; extents && i < 2; i++)
		extents[i].length = length / 2;
	return 0;
}
#define pmem_vaddr_extents moving
#include <pmem/pmem.hpp>
#undef pmem_vaddr_extents

#define REQUIRE(what) require((what), #what, __LINE__)

static void require(bool holds, const char *what, int line)
{
	if (!holds) {
		std::cout << "FAILED, line " << line << ": " << what << "\n";
		std::exit(1);
	}
}

/* The error of a call that must fail. */
template <typename F> static pmem::error fails(F function)
{
	try {
		function();
	} catch (const pmem::error &why) {
		return why;
	}
	std::cout << "FAILED: it did not fail\n";
	std::exit(1);
}

/* Memory that any user gets. */
static pmem::region memory(const pmem::context &ctx, std::uint64_t size = 65536)
{
	pmem::alloc_options options;
	options.flags = PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_SCATTERED;
	return ctx.alloc(size, options);
}

static bool lives(const pmem::context &ctx, void *data)
{
	pmem_region *region = nullptr;
	return pmem_region_find(ctx.get(), data, &region, nullptr) == 0;
}

static void owners(const pmem::context &ctx)
{
	void *data, *other;
	{
		pmem::region one = memory(ctx);
		data = one.data();
		REQUIRE(lives(ctx, data));
		pmem::region two(std::move(one));
		REQUIRE(!one && two && two.data() == data && one.size() == 0);
		pmem::region three = memory(ctx);
		other = three.data();
		three = std::move(two);
		REQUIRE(!lives(ctx, other) && three.data() == data);
		pmem::region &same = three;
		three = std::move(same);
		REQUIRE(three.data() == data);
		{
			pmem::place found = ctx.find(static_cast<char *>(data) + 5);
			REQUIRE(found.offset == 5 && found.region.get() == three.get());
		}
		REQUIRE(lives(ctx, data));
	}
	REQUIRE(!lives(ctx, data));
	pmem::region closed = memory(ctx), taken(memory(ctx).release());
	closed.close();
	closed.close();
	REQUIRE(!closed && taken.data());
}

static pmem::region outlives()
{
	pmem::context ctx, copy(ctx);
	REQUIRE(copy.get() == ctx.get());
	copy = pmem::context();
	REQUIRE(copy.get() != ctx.get());
	REQUIRE(memory(ctx).size() == 65536); /* the copy has not taken it along */
	return memory(copy);
}

static void memory_and_registers(const pmem::context &ctx)
{
	pmem::region region = memory(ctx, 4096);
	REQUIRE(region.size() == 4096 && std::strlen(region.backend()) > 0);
	REQUIRE(!region.has(PMEM_REGION_DEVICE) && region.has(0));
	region.write64(0, 0x1122334455667788);
	REQUIRE(region.read64(0) == 0x1122334455667788);
	region.write8(16, 0xab);
	region.write16(18, 0xcdef);
	region.write32(20, 0x12345678);
	REQUIRE(region.read8(16) == 0xab && region.read16(18) == 0xcdef);
	REQUIRE(region.read32(20) == 0x12345678 && *region.at<std::uint32_t>(20) == 0x12345678);
	REQUIRE(region.as<std::uint64_t>().size() == 512);
	REQUIRE(region.as<std::uint64_t>()[0] == 0x1122334455667788);
	REQUIRE(fails([&] { region.read32(4096); }).cause() == PMEM_CAUSE_BOUNDS);
	REQUIRE(fails([&] { region.write32(2, 0); }).cause() == PMEM_CAUSE_ALIGNMENT);
	REQUIRE(fails([&] { region.at<std::uint64_t>(4090); }).code().value() == ERANGE);
	bool used = false, thrown = false;
	region.cpu(PMEM_DIR_WRITE, [&] { used = true; });
	try {
		region.cpu(PMEM_DIR_READ, [] { throw std::runtime_error("mine"); }, 0, 64);
	} catch (const std::runtime_error &mine) {
		thrown = std::string(mine.what()) == "mine";
	}
	REQUIRE(used && thrown);
	REQUIRE(fails([&] { region.cpu(PMEM_DIR_READ, [] {}, 4097, 1); }).cause() == PMEM_CAUSE_BOUNDS);
	if (!region.has(PMEM_REGION_DMABUF)) {
		REQUIRE(fails([&] { region.fd(); }).cause() == PMEM_CAUSE_UNSUPPORTED);
		REQUIRE(fails([&] { region.dup_fd(); }).cause() == PMEM_CAUSE_UNSUPPORTED);
	}
}

struct descriptor {
	descriptor(std::uint32_t a, std::uint32_t b) : control(a), length(b) {}
	std::uint32_t control, length;
};

static void pools(const pmem::context &ctx)
{
	pmem::alloc_options alloc;
	alloc.flags = PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_SCATTERED;
	pmem::pool_options options;
	options.alloc = &alloc;
	options.boundary = 4096;
	pmem::pool pool = ctx.pool(options);
	{
		pmem::pool::object<descriptor> one = pool.make<descriptor>(1u, 64u);
		pmem::pool::object<descriptor> two = std::move(one);
		REQUIRE(!one && two->control == 1 && two->length == 64);
		REQUIRE(pool.stats().objects == 1);
		pmem::place there = pool.find(&two->length);
		REQUIRE(there.region.at<std::uint32_t>(there.offset) == &two->length);
		there.region.cpu(PMEM_DIR_WRITE, [&] { two->length = 9; }, there.offset, 4);
	}
	REQUIRE(pool.stats().objects == 0 && pool.trim() > 0 && pool.stats().bytes == 0);
	void *bytes = pool.alloc(100, 256);
	REQUIRE(reinterpret_cast<std::uintptr_t>(bytes) % 256 == 0);
	pool.free(bytes);
	REQUIRE(fails([&] { pool.free(bytes); }).code().value() > 0);
	REQUIRE(fails([&] { pool.alloc(0); }).cause() == PMEM_CAUSE_ZERO_SIZE);
	REQUIRE(fails([&] { pool.alloc(8192); }).cause() == PMEM_CAUSE_ALIGNMENT);
	REQUIRE(fails([&] { pool.phys(&options); }).cause() == PMEM_CAUSE_NOT_FOUND);
	REQUIRE(fails([&] { pool.bus(&options); }).cause() == PMEM_CAUSE_NOT_FOUND);
	pool = ctx.pool(); /* the one before is closed */
	pool.close();
	options.flags = PMEM_POOL_NO_GROW;
	pmem::region given = memory(ctx);
	pmem::pool some(ctx.pool(options));
	some.add(given);
	REQUIRE(some.find(some.alloc(64)).region.get() == given.get());
	REQUIRE(fails([&] { some.add(given); }).cause() == PMEM_CAUSE_BUSY);
	options.flags = 1u << 31;
	REQUIRE(fails([&] { ctx.pool(options); }).cause() == PMEM_CAUSE_FLAGS);
}

/* One of files below a root of its own, which needs no hardware. */
static void devices()
{
	char root[] = "/tmp/pmem.XXXXXX";
	REQUIRE(mkdtemp(root) != nullptr);
	const std::string folder = std::string(root) + "/sys/bus/pci/devices/0000:00:04.0/";
	REQUIRE(std::system(("mkdir -p '" + folder + "'").c_str()) == 0);
	std::ofstream(folder + "config") << std::string("\x34\x12\xe8\x11\0\5\x10\0", 8);
	std::ofstream(folder + "resource") << "0xfea00000 0xfea00fff 0x40200\n";
	std::ofstream(folder + "resource0") << std::string(4096, '\1');
	setenv("LIBPMEM_ROOT", root, 1);
	{
		pmem::context ctx;
		pmem_device_opts unsafe = {};
		unsafe.size = sizeof(unsafe);
		unsafe.flags = PMEM_DEVICE_MAY_BE_UNSAFE;
		REQUIRE(fails([&] { ctx.device("00:04.0"); }).cause() == PMEM_CAUSE_UNSUPPORTED);
		pmem::device one = ctx.device("00:04.0", &unsafe);
		pmem::device two = std::move(one);
		REQUIRE(!one.get() && std::string(pmem_device_way(two.get())) == "sysfs");
		REQUIRE(fails([&] { two.map(3); }).cause() == PMEM_CAUSE_NOT_FOUND);
		pmem::region bar = two.map(0);
		two.close();
		REQUIRE(bar.read32(8) == 0x01010101 && bar.phys() == 0xfea00000);
	}
	unsetenv("LIBPMEM_ROOT");
	REQUIRE(std::system((std::string("rm -r '") + root + "'").c_str()) == 0);
}

/* Memory of the program's own stays where it is, as it is. */
static void registered(const pmem::context &ctx, bool root)
{
	std::vector<char> own(20000, 'x');
	{
		pmem::region region = ctx.register_memory(
			own.data(), own.size(), PMEM_REGISTER_NO_ADDRESS | PMEM_REGISTER_MAY_MOVE);
		REQUIRE(region.data() == own.data() && region.size() == own.size());
		region.write8(5, 'y');
	}
	REQUIRE(own[4] == 'x' && own[5] == 'y' && own[19999] == 'x');
	REQUIRE(fails([&] { ctx.register_memory(own.data(), 0); }).cause() == PMEM_CAUSE_ZERO_SIZE);
	REQUIRE(ctx.vaddr_extents(own.data(), 0).empty() && ctx.phys_list({}).empty());
	if (!root)
		return;
	pmem::region region = ctx.register_memory(own.data(), own.size());
	std::vector<pmem_extent> there = ctx.vaddr_extents(own.data(), own.size());
	REQUIRE(there.size() == region.extents().size());
	REQUIRE(there.at(0).phys == region.extents().at(0).phys);
	std::vector<std::uint64_t> phys = ctx.phys_list({&own[1], &own[0]});
	REQUIRE(phys.size() == 2 && phys[0] == phys[1] + 1 && phys[1] == there[0].phys);
}

/* What only root is told. */
static void addresses(const pmem::context &ctx)
{
	pmem::region region = ctx.alloc(65536);
	std::uint64_t length = 0;
	REQUIRE(region.extents().at(0).phys == region.phys());
	for (const pmem_extent &piece : region.extents(PMEM_EXTENTS_PHYS, 4096))
		length += piece.length;
	REQUIRE(length == 65536 - 4096);
	REQUIRE(region.extents(PMEM_EXTENTS_PHYS, 0, 0).empty());
	REQUIRE(ctx.find_phys(region.phys() + 9).offset == 9);
}

static void errors(const pmem::context &ctx)
{
	pmem::alloc_options options;
	options.backend = "no-such-backend";
	pmem::error why = fails([&] { ctx.alloc(4096, options); });
	REQUIRE(why.code() == std::errc::no_such_file_or_directory);
	REQUIRE(why.cause() == PMEM_CAUSE_NOT_FOUND && !std::strcmp(why.cause_name(), "not-found"));
	REQUIRE(std::strstr(why.what(), "no-such-backend") && why.children().empty());
	REQUIRE(*why.hint() && std::strstr(why.message(), "no-such-backend"));

	std::vector<pmem::error> children;
	{
		pmem::error several = fails([&] { ctx.alloc(UINT64_C(1) << 60); });
		children = several.children();
		pmem::error copy = several;
		REQUIRE(copy.get() == several.get());
	}
	fails([&] { ctx.map(0, 0); }); /* another last error, and the parent is gone */
	REQUIRE(children.size() > 1);
	for (const pmem::error &child : children)
		REQUIRE(*child.backend() && child.cause() && child.code().value() > 0);

	REQUIRE(fails([&] { ctx.map_node("no-such-node"); }).code().value() > 0);
	REQUIRE(fails([&] { ctx.map_pci("ffff:ff:1f.7", 0); }).code().value() == ENOENT);
	REQUIRE(std::string(fails([&] { ctx.map_file("/no-such"); }).path()) == "/no-such");
	REQUIRE(std::string(fails([&] { ctx.map_file("/no-such"); }).operation()) == "open");
	REQUIRE(fails([&] { ctx.import_dmabuf(0); }).cause() == PMEM_CAUSE_WRONG_KIND);
	REQUIRE(fails([&] { ctx.map_gpio(1u << 31); }).code().value() > 0);
	REQUIRE(fails([&] { pmem::region().phys(); }).cause() == PMEM_CAUSE_NULL_ARGUMENT);
	REQUIRE(fails([&] { pmem::region().bus_for("x"); }).cause() == PMEM_CAUSE_NULL_ARGUMENT);
	REQUIRE(fails([&] { pmem::region().bus(); }).cause() == PMEM_CAUSE_NULL_ARGUMENT);
	/* Without the reason there is still the errno. */
	REQUIRE(std::strlen(pmem::error(-ENOMEM, nullptr).what()) > 0);
}

static void engines(const pmem::context &ctx)
{
	unsigned calls = 0;
	auto copy = [&](const pmem::region &dst, std::uint64_t to, const pmem::region &src,
			    std::uint64_t from, std::uint64_t length) {
		calls++;
		std::memcpy(dst.as<char>().data() + to, src.as<char>().data() + from,
			static_cast<std::size_t>(length));
	};
	auto nothing = [](const pmem::region &, std::uint64_t, const pmem::region &, std::uint64_t,
			       std::uint64_t) {};
	auto throws = [](const pmem::region &, std::uint64_t, const pmem::region &, std::uint64_t,
			      std::uint64_t) { throw std::out_of_range("engine"); };
	ctx.selftest_copy(4096);
	ctx.selftest_copy(4099, 7, 3, copy);
	REQUIRE(calls == 1);
	REQUIRE(fails([&] { ctx.selftest_copy(4096, 0, 0, nothing); }).cause() == PMEM_CAUSE_MISMATCH);
	std::string thrown;
	try {
		ctx.selftest_copy(4096, 0, 0, throws);
	} catch (const std::out_of_range &why) {
		thrown = why.what();
	}
	REQUIRE(thrown == "engine");
}

static void moved_meanwhile(const pmem::context &ctx)
{
	calls_while_it_moves = 1;
	std::vector<pmem_extent> found = ctx.vaddr_extents(&ctx, 8192);
	REQUIRE(found.size() == 2 && found.at(1).length == 4096);
	calls_while_it_moves = 0;
}

int main(int argc, char **argv)
{
	bool root = argc == 2 && !std::strcmp(argv[1], "root");
	pmem::context ctx;

	owners(ctx);
	outlives().write8(0, 1);
	memory_and_registers(ctx);
	errors(ctx);
	pools(ctx);
	devices();
	registered(ctx, root);
	moved_meanwhile(ctx);
	if (root) {
		addresses(ctx);
		engines(ctx);
	}
	return 0;
}
