# SPDX-License-Identifier: MIT
"""A seccomp filter that traps (SIGSYS), as Android has it: physmem says which call, and goes on."""

import ctypes
import json
import os
import platform
import struct
import subprocess
import sys
import unittest

import physmem

# <linux/seccomp.h>, <linux/filter.h>: numbers of x86-64 and arm64. No call that the dynamic loader
# needs: the filter is there before the program's first line.
CALLS = {"x86_64": {"io_uring_setup": 425, "vmsplice": 278, "memfd_create": 319, "mremap": 25,
                    "mlock": 149, "process_vm_readv": 310, "ioctl": 16,
                    "uname": 63},
         "aarch64": {"io_uring_setup": 425, "vmsplice": 75, "memfd_create": 279, "mremap": 216,
                     "mlock": 228, "process_vm_readv": 270, "ioctl": 29,
                     "uname": 160}}.get(platform.machine())
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
RET_TRAP, RET_ALLOW = 0x00030000, 0x7fff0000


def statement(code, true, false, value):
    return struct.pack("=HBBI", code, true, false, value)


def trap(numbers):
    """In the child, before exec."""
    program = statement(0x20, 0, 0, 0)  # BPF_LD | BPF_W | BPF_ABS: seccomp_data.nr
    for number in numbers:
        program += statement(0x15, 0, 1, number) + statement(0x06, 0, 0, RET_TRAP)
    program += statement(0x06, 0, 0, RET_ALLOW)
    text = ctypes.create_string_buffer(program, len(program))
    header = ctypes.create_string_buffer(struct.pack("@HP", len(program) // 8,
                                                     ctypes.addressof(text)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or \
            libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, header, 0, 0):
        os._exit(99)


@unittest.skipUnless(CALLS, "the numbers of system calls of this machine are not in this test")
class Trapped(physmem.Case):
    def trapped(self, calls, *args, root=None):
        environment = {**os.environ, "LC_ALL": "C", **({"LIBPMEM_ROOT": root} if root else {})}
        done = subprocess.run([os.environ["PHYSMEM"], *args], text=True, capture_output=True,
                              check=False, timeout=100, env=environment,
                              preexec_fn=lambda: trap([CALLS[call] for call in calls]))
        if done.returncode == 99:
            self.skipTest("this kernel takes no seccomp filter")
        self.assertGreaterEqual(done.returncode, 0, (calls, args, done))
        return done

    def test_each_call(self):
        for call in CALLS:
            for args in (("info",), ("selftest",), ("heaps",), ("gc", "-n"), ("node", "gpio"),
                         ("read", "-n", "2", "gpio"), ("map",), ("ls",), ("doctor",), ("addr", "0x1000"),
                         ("alloc", "--dry-run", "--scattered", "4096"), ("virt2phys", "self", "0x1000")):
                root = self.machine.root if args[0] in ("node", "read", "addr", "map", "ls") else None
                done = self.trapped([call], *args, root=root)
                self.assertIn(done.returncode, range(6), (call, done))
                if done.returncode:
                    self.assertIn("physmem: ", done.stderr, (call, done))
                for words in done.stderr.splitlines():
                    if "traps system call" in words:
                        self.assertIn(f" {CALLS[call]}", words)

    def test_named_once(self):
        done = self.trapped(["uname"], "info", "--json")
        self.assertEqual(done.returncode, physmem.OK)
        self.assertNotIn("architecture", json.loads(done.stdout)["machine"])
        self.assertEqual(done.stderr, "physmem: a seccomp filter traps system call "
                         f"{CALLS['uname']}: going on without it\n")

    def test_without_io_uring(self):
        info = json.loads(physmem.run("info", "--json").stdout)
        pages = [one for one in info["backends"] if one["name"] == "pages"][0]
        if not pages["usable"]:
            self.skipTest("the backend pages is not usable here: see physmem info")
        done = self.trapped(["io_uring_setup"], "selftest")
        self.assertEqual(done.returncode, physmem.OK, done)
        self.assertIn("(io_uring_setup): going on without it", done.stderr)


if __name__ == "__main__":
    if sys.platform != "linux":
        sys.exit(77)
    physmem.main()
