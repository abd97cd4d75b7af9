# SPDX-License-Identifier: MIT
"""What is given back when: forgotten objects, threads, fork, the end of the program."""

import gc
import os
import pathlib
import subprocess
import sys
import threading

import bound
from bound import libpmem


def mapped():
    """Bytes of this process's address space."""
    return int(pathlib.Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGESIZE")


def in_child(function):
    """The exit status of a forked child that runs a function: 0 if it returns True."""
    child = os.fork()
    if child == 0:
        status = 3
        try:
            status = 0 if function() else 2
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


class Life(bound.Case):
    def test_forgotten(self):
        self.memory(1 << 22)
        gc.collect()
        before = mapped()
        for _ in range(50):
            self.memory(1 << 22)
        gc.collect()
        self.assertLess(mapped() - before, 1 << 24)

    def test_forgotten_in_a_circle(self):
        region = self.memory()
        address = region.address
        region.myself = region
        del region
        gc.collect()
        self.fails("not-found", self.ctx.find, address)

    def test_context_before_region(self):
        ctx = libpmem.Context()
        region = ctx.alloc(4096, libpmem.ALLOC_NO_ADDRESS)
        lines = []
        ctx.set_log(lambda level, message: lines.append(message))
        ctx.close()
        del ctx
        gc.collect()
        region.data[0] = 1
        region.close()
        with self.assertRaisesRegex(ValueError, "closed"):
            self.ctx.close()
            self.ctx.alloc(1)

    def test_ref(self):
        pointer = self.ctx.ref()
        self.assertTrue(pointer)
        libpmem._context.lib.pmem_ctx_unref(pointer)

    def test_close_while_others_call(self):
        """A thread that closes waits for nobody, and takes nothing from under a call."""
        for _ in range(50):
            region, stop = self.memory(), threading.Event()
            wrong = []

            def read(region=region, stop=stop, wrong=wrong):
                try:
                    while not stop.is_set():
                        region.write32(0, 1)
                        region.read_block(32, 0, 16)
                        region.read(0, 100)
                except ValueError:
                    pass
                except BaseException as why:
                    wrong.append(why)
            threads = [threading.Thread(target=read) for _ in range(3)]
            for thread in threads:
                thread.start()
            region.close()
            stop.set()
            for thread in threads:
                thread.join()
            self.assertEqual(wrong, [])

    def test_fork(self):
        region = self.memory()
        region.data[:5] = b"alive"

        def child():
            for touch in (lambda: region.data, lambda: region.read(0, 1), lambda: region.read32(0),
                          lambda: region.write8(0, 1), region.fill,
                          lambda: region.cpu_begin(libpmem.DIR_READ)):
                try:
                    touch()
                    return False
                except ValueError as why:
                    if "parent" not in str(why):
                        return False
            with self.memory() as own:  # with the inherited context
                own.data[0] = 1
                mine = own.read8(0) == 1
            region.close()
            return mine
        self.assertEqual(in_child(child), 0)
        self.assertEqual(bytes(region.data[:5]), b"alive")
        region.close()

    def test_fork_and_finalizers(self):
        region = self.memory()
        region.write(0, b"alive")

        def child():
            nonlocal region
            region = None
            gc.collect()
            return True
        self.assertEqual(in_child(child), 0)
        self.assertEqual(region.read(0, 5), b"alive")

    def test_fork_with_registers(self):
        """Device mappings are shared with a child."""
        _, ctx = self.play()
        region = ctx.map(0x3f201000, 0x200)
        self.assertEqual(in_child(lambda: region.read32(0) == 0), 0)

    def test_end_of_the_program(self):
        code = ("import sys; sys.path.insert(0, sys.argv[1]); import libpmem\n"
                "ctx = libpmem.Context(); ctx.set_log(lambda *line: None)\n"
                "r = ctx.alloc(65536, libpmem.ALLOC_NO_ADDRESS); view = r.data[1:]; r.me = r\n")
        done = subprocess.run([sys.executable, "-B", "-c", code, str(bound.SOURCE / "bindings/python")],
                              capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    bound.main()
