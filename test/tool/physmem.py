# SPDX-License-Identifier: MIT
"""Runs the command under test; PHYSMEM is its path."""

import json
import os
import re
import subprocess
import sys
import unittest

import played

OK, FAILED, USAGE, PERMISSION, UNSUPPORTED, MISMATCH = range(6)
NOBODY = 65534
COMMANDS = ("info", "selftest", "read", "write", "node", "heaps", "gc", "device",
            "doctor", "map", "virt2phys", "addr", "alloc", "ls", "bench",
            "dump", "poll", "watch", "registers")


def run(*args, root=None, user=None, env=None, prefix=()):
    """The finished process, with text; root: a played machine; user: another user id."""
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", **(env or {})}
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
        if name in os.environ:
            environment[name] = os.environ[name]
    if root:
        environment["LIBPMEM_ROOT"] = root
    other = {"user": user, "group": user, "extra_groups": []} if user else {}
    return subprocess.run([*prefix, os.environ["PHYSMEM"], *args], env=environment, text=True,
                          capture_output=True, timeout=100, check=False, **other)


def timeless(text):
    """Without the times that poll and watch tell."""
    return re.sub(r'(?m)"(elapsed_)?ms": \d+|^ +\d+\.\d{3} ', "", text)


def figure(name, value):
    """For docs/testing.md: test/figures/figures.py."""
    if os.environ.get("PMEM_FIGURES"):
        with open(os.environ["PMEM_FIGURES"], "a", encoding="ascii") as figures:
            figures.write(f"{name}\t{value}\n")


class Case(unittest.TestCase):
    """A test on a played machine of its own."""

    def setUp(self):
        self.play()

    def play(self, **kwargs):
        """Another machine: see played.Machine."""
        self.machine = played.Machine(**kwargs)
        self.addCleanup(self.machine.close)

    def physmem(self, *args, expect=OK, **kwargs):
        kwargs.setdefault("root", self.machine.root)
        done = run(*args, **kwargs)
        self.assertEqual(done.returncode, expect, f"{args}: {done.stdout}{done.stderr}")
        if expect:
            self.assertTrue(done.stderr.startswith("physmem: ") or "physmem" in done.stderr,
                            f"no word about the failure: {done.stderr!r}")
        return done

    def json(self, *args, **kwargs):
        document = json.loads(self.physmem(*args, "--json", **kwargs).stdout)
        self.assertEqual(document["schema"], "physmem/1")
        self.assertEqual(document["command"], args[0])
        return document


def need_root(test):
    """Skip unless a test can become another user."""
    return unittest.skipUnless(os.geteuid() == 0, "only root can become another user")(test)


def main():
    """As unittest.main(), but 77 if a test was skipped: a skip is no pass."""
    result = unittest.main(module="__main__", exit=False).result
    if not result.wasSuccessful() or not result.testsRun:
        sys.exit(1)
    sys.exit(77 if result.skipped else 0)
