# SPDX-License-Identifier: MIT
"""The binding under test, on this machine or on a played Raspberry Pi 3."""

import json
import os
import pathlib
import sys
import unittest

SOURCE = pathlib.Path(os.environ["SOURCE"])
sys.path[:0] = [str(SOURCE / "bindings" / "python"), str(SOURCE / "test" / "tool")]

import libpmem  # noqa: E402 - the path is set first
import played  # noqa: E402 - the path is set first

with open(os.environ["API_JSON"], encoding="utf-8") as file:
    API = json.load(file)


class Case(unittest.TestCase):
    """A test with a context of its own."""

    def setUp(self):
        self.ctx = libpmem.Context()
        self.addCleanup(self.ctx.close)

    def play(self):
        """From now on a played Raspberry Pi 3; returns it and a context of it."""
        machine = played.Machine()
        self.addCleanup(machine.close)
        os.environ["LIBPMEM_ROOT"] = machine.root
        self.addCleanup(os.environ.pop, "LIBPMEM_ROOT")
        return machine, libpmem.Context()

    def memory(self, size=65536, **kwargs):
        """Memory that any user gets: where it is does not matter."""
        return self.ctx.alloc(size, libpmem.ALLOC_NO_ADDRESS | libpmem.ALLOC_SCATTERED, **kwargs)

    def fails(self, cause, function, *args, **kwargs):
        """The error of a call that must fail, with that cause's name."""
        with self.assertRaises(libpmem.Error) as caught:
            function(*args, **kwargs)
        self.assertEqual(caught.exception.cause_name, cause)
        self.assertEqual(caught.exception.errno, -caught.exception.code)
        return caught.exception


def main():
    """As unittest.main(), but 77 if a test was skipped: a skip is no pass."""
    result = unittest.main(module="__main__", exit=False).result
    if not result.wasSuccessful() or not result.testsRun:
        sys.exit(1)
    sys.exit(77 if result.skipped else 0)
