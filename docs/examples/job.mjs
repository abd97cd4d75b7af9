// SPDX-License-Identifier: MIT
// The main job, with errors; what job.c does, in Node.js with koffi (npm install koffi).
// usage: node job.mjs SIZE [BACKEND]
import koffi from 'koffi';

const lib = koffi.load('libpmem.so.3');
for (const handle of ['pmem_ctx', 'pmem_region', 'pmem_error'])
	koffi.opaque(handle);
koffi.struct('pmem_alloc_opts', {
	size: 'uint32_t',
	flags: 'uint32_t',
	align: 'uint64_t',
	max_addr: 'uint64_t',
	master: 'const char *',
	backend: 'const char *',
	heap: 'const char *',
	name: 'const char *',
	firmware: 'void *',
	reserved: 'void *',
});
koffi.struct('pmem_extent', { offset: 'uint64_t', length: 'uint64_t', phys: 'uint64_t', bus: 'uint64_t' });

const PMEM_REGION_CONTIGUOUS = 1 << 3;
const PMEM_EXTENTS_PHYS = 1;
const PMEM_DIR_BOTH = 3;
const PMEM_TO_END = 0xffffffffffffffffn;

const ctx_new = lib.func('int pmem_ctx_new(_Out_ pmem_ctx **out)');
const ctx_unref = lib.func('void pmem_ctx_unref(pmem_ctx *ctx)');
const region_alloc = lib.func('int pmem_region_alloc(pmem_ctx *ctx, uint64_t size, const pmem_alloc_opts *opts, _Out_ pmem_region **out)');
const region_close = lib.func('int pmem_region_close(pmem_region *region)');
const region_size = lib.func('uint64_t pmem_region_size(pmem_region *region)');
const region_attrs = lib.func('uint32_t pmem_region_attrs(pmem_region *region)');
const region_phys = lib.func('int pmem_region_phys(pmem_region *region, _Out_ uint64_t *phys)');
const region_data = lib.func('void *pmem_region_data(pmem_region *region)');
const cpu_begin = lib.func('int pmem_region_cpu_begin(pmem_region *region, uint64_t offset, uint64_t length, uint32_t direction)');
const cpu_end = lib.func('int pmem_region_cpu_end(pmem_region *region, uint64_t offset, uint64_t length, uint32_t direction)');
const read32 = lib.func('int pmem_region_read32(pmem_region *region, uint64_t offset, _Out_ uint32_t *value)');
const write32 = lib.func('int pmem_region_write32(pmem_region *region, uint64_t offset, uint32_t value)');
const region_extents = lib.func('int pmem_region_extents(pmem_region *region, uint64_t offset, uint64_t length, uint32_t need, _Out_ pmem_extent *extents, size_t capacity, _Out_ size_t *count)');
const region_find = lib.func('int pmem_region_find(pmem_ctx *ctx, void *pointer, _Out_ pmem_region **region, _Out_ uint64_t *offset)');
const selftest_copy = lib.func('int pmem_selftest_copy(pmem_ctx *ctx, uint64_t size, uint64_t hole, uint64_t src_offset, void *alloc, void *copy, void *user)');
const error_last = lib.func('const pmem_error *pmem_error_last()');
const error_cause = lib.func('uint32_t pmem_error_cause(pmem_error *err)');
const error_cause_name = lib.func('const char *pmem_error_cause_name(uint32_t cause)');
const error_message = lib.func('const char *pmem_error_message(pmem_error *err)');
const error_hint = lib.func('const char *pmem_error_hint(pmem_error *err)');
const error_backend = lib.func('const char *pmem_error_backend(pmem_error *err)');
const error_child_count = lib.func('size_t pmem_error_child_count(pmem_error *err)');
const error_child = lib.func('const pmem_error *pmem_error_child(pmem_error *err, size_t i)');

class PmemError extends Error {
	constructor(result, err) {
		super(error_message(err));
		this.errno = -result;
		this.hint = error_hint(err);
		this.cause_name = error_cause_name(error_cause(err));
		this.children = [];
		for (let i = 0; i < error_child_count(err); i++) {
			const child = error_child(err, i);
			this.children.push({ backend: error_backend(child), cause_name: error_cause_name(error_cause(child)) });
		}
	}
}

// Right after a call that was made here and now; job_async.mjs shows what asynchronous calls need.
function check(result) {
	if (result < 0)
		throw new PmemError(result, error_last());
	return result;
}

// An out parameter is an array of one element.
function out(call) {
	const box = [null];
	check(call(box));
	return box[0];
}

function fill_and_add(region, size) {
	let sum = 0;
	check(cpu_begin(region, 0, PMEM_TO_END, PMEM_DIR_BOTH));
	// The memory itself, not a copy: it must not be used when the region is closed.
	const bytes = new Uint8Array(koffi.view(region_data(region), size));
	for (let i = 0; i < size; i++)
		bytes[i] = i % 251;
	for (const byte of bytes)
		sum += byte;
	check(cpu_end(region, 0, PMEM_TO_END, PMEM_DIR_BOTH));
	return sum;
}

function add_pieces(region) {
	const count = out((box) => region_extents(region, 0, PMEM_TO_END, PMEM_EXTENTS_PHYS, null, 0, box));
	const pieces = new Array(Number(count)).fill({ offset: 0, length: 0, phys: 0, bus: 0 });
	check(region_extents(region, 0, PMEM_TO_END, PMEM_EXTENTS_PHYS, pieces, count, [null]));
	return pieces.reduce((sum, piece) => sum + BigInt(piece.length), 0n);
}

function job(ctx, region) {
	const size = region_size(region);
	console.log(`size ${size}`);
	console.log(`contiguous ${region_attrs(region) & PMEM_REGION_CONTIGUOUS ? 'yes' : 'no'}`);
	console.log(`address ${region_phys(region, [null]) === 0 ? 'yes' : 'no'}`);
	check(write32(region, 8, 0x12345678));
	console.log(`word 0x${out((box) => read32(region, 8, box)).toString(16).padStart(8, '0')}`);
	console.log(`sum ${fill_and_add(region, Number(size))}`);
	console.log(`pieces ${add_pieces(region)}`);
	const inside = koffi.address(region_data(region)) + BigInt(size) / 16n;
	console.log(`found ${out((box) => region_find(ctx, inside, [null], box))}`);
	check(selftest_copy(ctx, size, 0, 0, null, null, null));
	console.log('copy ok');
}

function main(size, backend) {
	let ctx, region;
	try {
		ctx = out(ctx_new);
		const opts = backend ? { size: koffi.sizeof('pmem_alloc_opts'), backend } : null;
		region = out((box) => region_alloc(ctx, size, opts, box));
		job(ctx, region);
		return 0;
	} catch (why) {
		if (!(why instanceof PmemError))
			throw why;
		console.log(`refused ${why.errno} ${why.cause_name}`);
		for (const child of why.children)
			console.log(`child ${child.backend} ${child.cause_name}`);
		console.error(`${why.message}\n${why.hint}`);
		return 1;
	} finally {
		region_close(region ?? null);
		ctx_unref(ctx ?? null);
	}
}

const args = process.argv.slice(2);
if (args.length < 1 || args.length > 2 || !/^[0-9]+$/.test(args[0]) || BigInt(args[0]) >> 64n) {
	console.error('usage: job.mjs SIZE [BACKEND]');
	process.exitCode = 2;
} else {
	// Numbers of JavaScript are exact up to 2^53 only.
	process.exitCode = main(BigInt(args[0]), args[1]);
}
