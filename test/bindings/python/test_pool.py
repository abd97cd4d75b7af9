# SPDX-License-Identifier: MIT
"""Pools: objects, their memory and addresses, and when they are given back."""

import gc
import os
import threading
import unittest

import bound
from bound import libpmem


class Pools(bound.Case):
    def pool(self, flags=0, **kwargs):
        """Of memory that any user gets."""
        pool = self.ctx.pool(flags, alloc_flags=libpmem.ALLOC_NO_ADDRESS | libpmem.ALLOC_SCATTERED,
                             **kwargs)
        self.addCleanup(pool.close)
        return pool

    def test_objects(self):
        pool = self.pool()
        with pool.alloc(100) as one, pool.alloc(3000, 4096) as two:
            one.data[:] = bytes(range(100))
            two.data[:4] = b"abcd"
            self.assertEqual(bytes(one.data), bytes(range(100)))
            self.assertEqual((len(one), len(two)), (100, 3000))
            self.assertEqual(two.address % 4096, 0)
            region, offset = two.place()
            self.assertEqual(region.address + offset, two.address)
            with region.cpu(libpmem.DIR_READ, offset, 4) as view:
                self.assertEqual(bytes(view), b"abcd")
            self.assertEqual(pool.stats().objects, 2)
            del region, view  # they keep it
        self.assertEqual(pool.stats().objects, 0)
        self.assertGreater(pool.trim(), 0)
        self.assertEqual(pool.stats().bytes, 0)

    def test_addresses(self):
        """As those of the region that it is in, whose memory is a played machine's."""
        _, ctx = self.play()
        with ctx.map(0, 65536, libpmem.MAP_SYSTEM_RAM) as region, \
                ctx.pool(libpmem.POOL_NO_GROW) as pool:
            pool.add_region(region)
            with pool.alloc(64) as one:
                offset = one.address - region.address
                self.assertEqual(one.phys, region.phys + offset)
                self.assertEqual(one.bus, region.bus + offset)

    def test_refusals(self):
        pool = self.pool(libpmem.POOL_NO_GROW)
        self.fails("limit", pool.alloc, 64)
        self.fails("zero-size", pool.alloc, 0)
        self.fails("alignment", pool.alloc, 64, 3)
        self.fails("flags", self.ctx.pool, 1 << 31)
        with self.assertRaises(OverflowError):
            pool.alloc(-1)

    def test_views_keep_memory(self):
        pool = self.pool()
        one = pool.alloc(64)
        part = one.data[3:5]
        self.assertRaises(BufferError, one.free)
        part.release()
        one.free()
        one.free()
        self.assertRaises(ValueError, lambda: one.data)
        view = pool.alloc(64).data[:8]  # of an object that nobody has
        pool.close()
        gc.collect()
        view[:] = b"12345678"
        self.assertEqual(bytes(view), b"12345678")

    def test_forgotten(self):
        pool = self.pool()
        pool.alloc(64)
        gc.collect()
        self.assertEqual(pool.stats().objects, 0)

    def test_threads(self):
        pool = self.pool()

        def work():
            for _ in range(200):
                with pool.alloc(64) as one:
                    one.data[0] = 1
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(pool.stats().objects, 0)

    def test_fork(self):
        pool = self.pool()
        one = pool.alloc(64)
        one.data[0] = 7
        pid = os.fork()
        if pid == 0:
            right = False
            try:
                pool.alloc(64)
            except libpmem.Error as why:
                right = why.cause_name == "not-found"
            try:
                one.data[0] = 1
                right = False
            except ValueError:
                pass
            one.free()
            pool.close()
            os._exit(0 if right else 1)
        self.assertEqual(os.waitpid(pid, 0)[1], 0)
        self.assertEqual(one.data[0], 7)
        one.free()


if __name__ == "__main__":
    bound.main()
