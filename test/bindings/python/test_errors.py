# SPDX-License-Identifier: MIT
"""Errors: whole, and each the call's own, whatever else runs."""

import asyncio
import concurrent.futures
import errno
import gc
import pickle

import bound
from bound import libpmem


def failing(ctx, number):
    """A call that fails with its own path."""
    try:
        ctx.map_file(f"/no-such-folder/{number}")
    except libpmem.Error as why:
        return why
    raise AssertionError("it was mapped")


class Errors(bound.Case):
    def test_whole(self):
        _, ctx = self.play()
        why = self.fails("system-ram", ctx.map, 0x100000, 4096)
        self.assertIsInstance(why, OSError)
        self.assertEqual((why.errno, why.cause), (errno.EPERM, libpmem.CAUSE_SYSTEM_RAM))
        self.assertIn("PMEM_MAP_SYSTEM_RAM", why.hint + why.message)
        self.assertIn(why.message, str(why))
        why = self.fails("not-found", self.memory, heap="no-such", backend="no-such")
        self.assertEqual(why.operation, "alloc")
        why = failing(self.ctx, 5)
        self.assertEqual((why.path, why.operation, why.backend), ("/no-such-folder/5", "open", ""))

    def test_children(self):
        _, ctx = self.play()
        with self.assertRaises(libpmem.Error) as caught:
            ctx.alloc(4096, libpmem.ALLOC_DMABUF)
        children = caught.exception.children
        self.assertGreater(len(children), 1)
        self.assertIn("udmabuf", [child.backend for child in children])
        for child in children:
            self.assertTrue(child.errno and child.cause_name and child.message)

    def test_pickle(self):
        why = pickle.loads(pickle.dumps(failing(self.ctx, 1)))
        self.assertEqual((why.path, why.cause_name), ("/no-such-folder/1", failing(self.ctx, 1).cause_name))

    def test_context(self):
        ctx = libpmem.Context()
        self.assertIsNone(ctx.error())
        failing(ctx, 1)
        failing(self.ctx, 2)
        self.assertEqual(ctx.error().path, "/no-such-folder/1")

    def test_threads(self):
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda i: failing(self.ctx, i).path, range(2000)))
        self.assertEqual(found, [f"/no-such-folder/{i}" for i in range(2000)])

    def test_asyncio(self):
        async def task(number):
            loop = asyncio.get_running_loop()
            why = await loop.run_in_executor(None, failing, self.ctx, number)
            await asyncio.sleep(0)
            return why.path

        async def all_tasks():
            return await asyncio.gather(*map(task, range(1000)))
        self.assertEqual(asyncio.run(all_tasks()), [f"/no-such-folder/{i}" for i in range(1000)])

    def test_a_finalizer_in_between(self):
        """Garbage is given back before or after a call, not between it and the question why."""
        order = []

        def release(value):
            order.append(value)
            failing(self.ctx, "finalizer")
            return 0

        def fails_and_collects():
            node = [libpmem._error.Handle(1, release)]
            node.append(node)
            del node
            gc.collect()
            order.append("collected")
            return function()

        def function():
            return libpmem._error.lib.pmem_constant_value(None, None)

        with self.assertRaises(libpmem.Error) as caught:
            libpmem._error.call(fails_and_collects)
        self.assertEqual(caught.exception.cause_name, "null-argument")
        self.assertEqual(order, ["collected", 1])

    def test_log(self):
        lines = []
        self.ctx.set_log(lambda level, message: lines.append((level, message)))
        self.memory().close()
        self.assertTrue(lines)
        self.assertTrue(all(1 <= level <= 4 and message for level, message in lines))
        self.ctx.set_log(None)
        lines.clear()
        self.memory().close()
        self.assertEqual(lines, [])


if __name__ == "__main__":
    bound.main()
