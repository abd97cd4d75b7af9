// SPDX-License-Identifier: MIT
// Asynchronous calls in Node.js with koffi: they run in threads of a pool, so that slow ones (large
// allocations, devices) do not stop the loop. pmem_error_last() belongs to a thread and would tell
// the loop's thread of some other call; each task has a context of its own, and pmem_ctx_error()
// tells why the task's call failed. A context is cheap: nothing is opened.
// usage: node job_async.mjs [TASKS]
import koffi from 'koffi';
import { promisify } from 'node:util';

const lib = koffi.load('libpmem.so.3');
for (const handle of ['pmem_ctx', 'pmem_region', 'pmem_error'])
	koffi.opaque(handle);

const PMEM_ADDRESS_NONE = 0xffffffffffffffffn;

const ctx_new = lib.func('int pmem_ctx_new(_Out_ pmem_ctx **out)');
const ctx_unref = lib.func('void pmem_ctx_unref(pmem_ctx *ctx)');
const ctx_error = lib.func('int pmem_ctx_error(pmem_ctx *ctx, _Out_ pmem_error **out)');
const error_free = lib.func('void pmem_error_free(pmem_error *err)');
const error_cause = lib.func('uint32_t pmem_error_cause(const pmem_error *err)');
const error_cause_name = lib.func('const char *pmem_error_cause_name(uint32_t cause)');
const error_path = lib.func('const char *pmem_error_path(const pmem_error *err)');
const error_text = lib.func('const char *pmem_error_text(const pmem_error *err)');
const map_file = lib.func('int pmem_region_map_file(pmem_ctx *ctx, const char *path, uint64_t offset, uint64_t size, uint64_t phys, uint32_t flags, _Out_ pmem_region **out)');
const region_size = lib.func('uint64_t pmem_region_size(const pmem_region *region)');
const region_close = lib.func('int pmem_region_close(pmem_region *region)');

class PmemError extends Error {
	constructor(result, err) {
		super(error_text(err));
		this.errno = -result;
		this.path = error_path(err);
		this.cause_name = error_cause_name(error_cause(err));
	}
}

// A call in another thread. While it is under way, nothing that it was given may be closed, and
// no other call of its task may be begun.
async function call(ctx, func, ...args) {
	const result = await promisify(func.async)(ctx, ...args);
	if (result >= 0)
		return result;
	const box = [null];
	ctx_error(ctx, box);
	try {
		throw new PmemError(result, box[0]);
	} finally {
		error_free(box[0]);
	}
}

async function with_context(use) {
	const box = [null];
	if (ctx_new(box) < 0)
		throw new Error('no memory for a context');
	try {
		return await use(box[0]);
	} finally {
		ctx_unref(box[0]);
	}
}

// The bytes of a file that is mapped.
function size_of(path) {
	return with_context(async (ctx) => {
		const box = [null];
		await call(ctx, map_file, path, 0, 4096, PMEM_ADDRESS_NONE, 1, box);
		const size = region_size(box[0]);
		await promisify(region_close.async)(box[0]);
		return size;
	});
}

// The outcome of each; some at once, since koffi has room for 256 calls that are under way.
async function settle(paths, at_once = 64) {
	const outcomes = [];
	let next = 0;
	async function worker() {
		while (next < paths.length) {
			const i = next++;
			try {
				outcomes[i] = { size: await size_of(paths[i]) };
			} catch (why) {
				outcomes[i] = { why };
			}
		}
	}
	await Promise.all(Array.from({ length: at_once }, worker));
	return outcomes;
}

const tasks = Number(process.argv[2] ?? 1000);
const paths = Array.from({ length: tasks }, (_, i) =>
	i % 10 ? `/no-such-folder/task-${i}` : process.execPath);
const outcomes = await settle(paths);
const right = outcomes.filter(({ size, why }, i) =>
	i % 10 ? why?.errno === 2 && why.path === paths[i] : size === 4096);
console.log(`${right.length} of ${tasks} tasks were told right`);
process.exitCode = right.length === tasks ? 0 : 1;
