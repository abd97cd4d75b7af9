-- SPDX-License-Identifier: MIT
-- The main job, with errors; what job.c does, in LuaJIT.
-- usage: luajit job.lua SIZE [BACKEND]
local ffi = require("ffi")

ffi.cdef [[
typedef struct pmem_ctx pmem_ctx;
typedef struct pmem_region pmem_region;
typedef struct pmem_error pmem_error;
struct pmem_alloc_opts {
	uint32_t size, flags;
	uint64_t align, max_addr;
	const char *master, *backend, *heap, *name;
	const void *firmware;
	void *reserved;
};
struct pmem_extent {
	uint64_t offset, length, phys, bus;
};
static const uint32_t PMEM_REGION_CONTIGUOUS = 1 << 3;
static const uint32_t PMEM_EXTENTS_PHYS = 1;
static const uint32_t PMEM_DIR_BOTH = 3;

int pmem_ctx_new(pmem_ctx **out);
void pmem_ctx_unref(pmem_ctx *ctx);
int pmem_region_alloc(pmem_ctx *ctx, uint64_t size, const struct pmem_alloc_opts *opts, pmem_region **out);
int pmem_region_close(pmem_region *region);
uint64_t pmem_region_size(const pmem_region *region);
uint32_t pmem_region_attrs(const pmem_region *region);
int pmem_region_phys(const pmem_region *region, uint64_t *phys);
void *pmem_region_data(const pmem_region *region);
int pmem_region_cpu_begin(const pmem_region *region, uint64_t offset, uint64_t length, uint32_t direction);
int pmem_region_cpu_end(const pmem_region *region, uint64_t offset, uint64_t length, uint32_t direction);
int pmem_region_read32(const pmem_region *region, uint64_t offset, uint32_t *value);
int pmem_region_write32(pmem_region *region, uint64_t offset, uint32_t value);
int pmem_region_extents(const pmem_region *region, uint64_t offset, uint64_t length, uint32_t need,
	struct pmem_extent *extents, size_t capacity, size_t *count);
int pmem_region_find(pmem_ctx *ctx, const volatile void *pointer, pmem_region **region, uint64_t *offset);
int pmem_selftest_copy(pmem_ctx *ctx, uint64_t size, uint64_t hole, uint64_t src_offset,
	void *alloc, void *copy, void *user);
const pmem_error *pmem_error_last(void);
uint32_t pmem_error_cause(const pmem_error *err);
const char *pmem_error_cause_name(uint32_t cause);
const char *pmem_error_message(const pmem_error *err);
const char *pmem_error_hint(const pmem_error *err);
const char *pmem_error_backend(const pmem_error *err);
size_t pmem_error_child_count(const pmem_error *err);
const pmem_error *pmem_error_child(const pmem_error *err, size_t i);

unsigned long long strtoull(const char *text, char **end, int base);
]]
local lib = ffi.load("libpmem.so.3")
local PMEM_TO_END = 0xffffffffffffffffULL

-- What the last call refused, as a table; texts are copied, since the next failure takes them away.
local function failure(result)
	local err = lib.pmem_error_last()
	local function cause(of)
		return ffi.string(lib.pmem_error_cause_name(lib.pmem_error_cause(of)))
	end
	local why = { errno = -result, cause = cause(err), children = {},
		message = ffi.string(lib.pmem_error_message(err)), hint = ffi.string(lib.pmem_error_hint(err)) }
	for i = 0, tonumber(lib.pmem_error_child_count(err)) - 1 do
		local child = lib.pmem_error_child(err, i)
		table.insert(why.children, { backend = ffi.string(lib.pmem_error_backend(child)), cause = cause(child) })
	end
	return why
end

local function check(result)
	if result < 0 then
		error(failure(result), 0)
	end
	return result
end

-- Lua's numbers are exact up to 2^53 only, so 64 bits stay what C has.
local function decimal(number)
	return (tostring(number):gsub("U?LL$", ""))
end

local function context()
	local out = ffi.new("pmem_ctx *[1]")
	check(lib.pmem_ctx_new(out))
	return ffi.gc(out[0], lib.pmem_ctx_unref)
end

local function alloc(ctx, size, backend)
	local opts = backend and ffi.new("struct pmem_alloc_opts",
		{ size = ffi.sizeof("struct pmem_alloc_opts"), backend = backend })
	local out = ffi.new("pmem_region *[1]")
	check(lib.pmem_region_alloc(ctx, size, opts, out))
	return ffi.gc(out[0], lib.pmem_region_close)
end

local function fill_and_add(region, size)
	local bytes, sum = ffi.cast("uint8_t *", lib.pmem_region_data(region)), 0
	check(lib.pmem_region_cpu_begin(region, 0, PMEM_TO_END, lib.PMEM_DIR_BOTH))
	for i = 0, size - 1 do
		bytes[i] = i % 251
	end
	for i = 0, size - 1 do
		sum = sum + bytes[i]
	end
	check(lib.pmem_region_cpu_end(region, 0, PMEM_TO_END, lib.PMEM_DIR_BOTH))
	return sum
end

local function add_pieces(region)
	local count, sum = ffi.new("size_t[1]"), 0ULL
	check(lib.pmem_region_extents(region, 0, PMEM_TO_END, lib.PMEM_EXTENTS_PHYS, nil, 0, count))
	local pieces = ffi.new("struct pmem_extent[?]", count[0])
	check(lib.pmem_region_extents(region, 0, PMEM_TO_END, lib.PMEM_EXTENTS_PHYS, pieces, count[0], count))
	for i = 0, tonumber(count[0]) - 1 do
		sum = sum + pieces[i].length
	end
	return sum
end

local function job(ctx, region)
	local size = lib.pmem_region_size(region)
	local word, number = ffi.new("uint32_t[1]"), ffi.new("uint64_t[1]")
	local contiguous = bit.band(lib.pmem_region_attrs(region), lib.PMEM_REGION_CONTIGUOUS) ~= 0
	print("size " .. decimal(size))
	print("contiguous " .. (contiguous and "yes" or "no"))
	print("address " .. (lib.pmem_region_phys(region, number) == 0 and "yes" or "no"))
	check(lib.pmem_region_write32(region, 8, 0x12345678))
	check(lib.pmem_region_read32(region, 8, word))
	print(("word 0x%08x"):format(word[0]))
	print("sum " .. fill_and_add(region, tonumber(size)))
	print("pieces " .. decimal(add_pieces(region)))
	local found = ffi.new("pmem_region *[1]")
	local inside = ffi.cast("char *", lib.pmem_region_data(region)) + size / 16
	check(lib.pmem_region_find(ctx, inside, found, number))
	print("found " .. decimal(number[0]))
	check(lib.pmem_selftest_copy(ctx, size, 0, 0, nil, nil, nil))
	print("copy ok")
end

local text, backend = ...
ffi.errno(0)
local size = text and ffi.C.strtoull(text, nil, 10)
if not text or not text:match("^%d+$") or ffi.errno() ~= 0 or select("#", ...) > 2 then
	io.stderr:write("usage: job.lua SIZE [BACKEND]\n")
	os.exit(2)
end
local done, why = pcall(function()
	local ctx = context()
	local region = alloc(ctx, size, backend)
	job(ctx, region)
	-- Now, not when the collector comes to it.
	check(lib.pmem_region_close(ffi.gc(region, nil)))
end)
if done then
	os.exit(0)
end
if type(why) ~= "table" then
	error(why, 0)
end
print("refused " .. why.errno .. " " .. why.cause)
for _, child in ipairs(why.children) do
	print("child " .. child.backend .. " " .. child.cause)
end
io.stderr:write(why.message, "\n", why.hint, "\n")
os.exit(1)
