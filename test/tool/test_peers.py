# SPDX-License-Identifier: MIT
"""Beside memtool and busybox devmem: the tables of docs/physmem.md are run, with both commands, on the same
memory; then accesses at random; and the system calls that the document names."""

import os
import random
import re
import shlex
import shutil
import subprocess
import unittest

import physmem
import registers
from played import FILL, GPIO

DOCUMENT = os.path.join(os.environ["SOURCE"], "docs", "physmem.md")
# /dev/mem is the played one; what runs must not see another.
SCRIPT = 'mount -t tmpfs none /dev && ln -s "$1" /dev/mem && ln -s "$2" /dev/shell && shift 2 && exec "$@"'


def rows(heading):
    """(left, right) of the table below a heading, without the marks of code."""
    with open(DOCUMENT, encoding="utf-8") as file:
        section = re.search(rf"(?ms)^## {heading}\n(.*?)(?=^## |\Z)", file.read()).group(1)
    found = re.findall(r"(?m)^\| `([^`]+)` \| `?([^`|]+)`? \|$", section)
    assert len(found) == len(re.findall(r"(?m)^\| ", section)) - 1, section
    return found


def values(text):
    """The numbers that a dump, or one value, shows, in hex without their prefix."""
    found = []
    for line in text.splitlines():
        match = re.match(r"(?:0x)?[0-9a-f]+:((?: +[0-9a-f]+)+?)(?:  +\S.*)?$", line)
        shown = match.group(1)[:49].split() if match else [line.strip()]
        found += [word.lower().removeprefix("0x") for word in shown]
    return found


class Case(registers.Case):
    def setUp(self):
        super().setUp()
        for name in ("memtool", "busybox", "unshare"):
            if not shutil.which(name):
                self.skipTest(f"there is no {name}")
        self.machine.write("dump.bin", FILL)
        os.unlink(self.machine.path("proc/iomem"))  # what is asked here is not who may

    def run_other(self, *words):
        done = subprocess.run(["unshare", "-m", "sh", "-c", SCRIPT, "sh", self.machine.path("dev/mem"), "/bin/sh",
                               *words], capture_output=True, text=True, check=False, cwd=self.machine.root, timeout=60)
        if "unshare" in done.stderr or "mount" in done.stderr:
            self.skipTest("cannot mount here: " + done.stderr)
        self.assertEqual((done.returncode, done.stderr), (0, ""), words)
        return done.stdout

    def run_ours(self, *words):
        force = ("--force",) if words[0] == "write" else ()
        return self.out(words[0], *force, *[self.machine.path(word) if word == "dump.bin" else word for word in words[1:]],
                        **({"root": None} if "dump.bin" in words else {}))

    def state(self):
        with open(self.machine.path("dump.bin"), "rb") as file:
            return self.memory(GPIO, 0x3000), file.read()

    def both(self, other, ours):
        """What each prints, and what it leaves behind, from the same beginning."""
        results = []
        for run, words in ((self.run_other, other), (self.run_ours, ours)):
            self.machine.poke(GPIO, FILL * 3)
            self.machine.write("dump.bin", FILL)
            printed = run(*words)
            results.append((values(printed) if printed else [], self.state()))
        self.assertEqual(*results, (other, ours))
        return results[0]


class Tables(Case):
    def check(self, heading, tool, least):
        found = rows(heading)
        self.assertGreaterEqual(len(found), least)
        before = FILL * 3, FILL
        for left, right in found:
            other, ours = shlex.split(left), shlex.split(right)
            self.assertEqual((other[0], ours[0]), (tool, "physmem"))
            printed, after = self.both(other, ours[1:])
            self.assertNotEqual(bool(printed), after != before, left)  # it did something

    def test_memtool(self):
        self.check("In place of memtool", "memtool", 12)

    def test_busybox(self):
        self.check("In place of busybox devmem", "busybox", 6)


class Random(Case):
    ROUNDS = 12

    def test_accesses(self):
        chance = random.Random(7)
        for _ in range(self.ROUNDS):
            width = chance.choice((8, 16, 32, 64))
            at = GPIO + chance.randrange(0x2000) // 8 * 8
            value = chance.getrandbits(width)
            size = f"-{'bwlq'[(8, 16, 32, 64).index(width)]}"
            self.both(("memtool", "md", size, f"{at:#x}+{width}"), ("dump", "-w", str(width), f"{at:#x}", str(width)))
            self.both(("memtool", "mw", size, f"{at:#x}", f"{value:#x}"),
                      ("write", "-w", str(width), f"{at:#x}", f"{value:#x}"))
            self.both(("busybox", "devmem", f"{at:#x}", str(width)), ("read", "-w", str(width), f"{at:#x}"))


class Calls(registers.Case):
    """The system calls of each command, as the document has them."""

    def count(self, *words):
        path = self.machine.path("calls")
        self.physmem(*words, prefix=("strace", "-f", "-qq", "-o", path))
        with open(path, encoding="utf-8", errors="replace") as file:
            calls = [one.split(None, 1)[1].split("(")[0] for one in file if "(" in one]
        return calls

    @unittest.skipUnless(shutil.which("strace"), "strace is not installed")
    @unittest.skipIf("fsanitize" in os.environ["CC_COMMAND"], "a sanitizer makes calls of its own")
    def test_document(self):
        found = rows("What they cost")
        loading = len(self.count("--version"))
        self.assertEqual({shlex.split(left)[1] for left, _ in found},
                         {"read", "write", "dump", "poll", "watch", "registers"})
        for left, right in found:
            words = [registers.SVD if word == "board.svd" else word for word in shlex.split(left)[1:]]
            calls = len(self.count(*words)) - loading
            with self.subTest(command=left, calls=calls):
                # A few more or less are the C library's, or the library's first look at the machine.
                self.assertAlmostEqual(calls, int(right), delta=6)

    @unittest.skipUnless(shutil.which("strace"), "strace is not installed")
    def test_one_map_and_no_call_for_an_access(self):
        """One handler, one mapping, for any number of accesses; only what is printed costs more."""
        mapped = "dev/mem"
        for one, many in ((("read", "0x3f200000"), ("read", "-n", "4096", "0x3f200000")),
                          (("dump", "0x3f200000", "16"), ("dump", "0x3f200000", "64k")),
                          (("poll", "--until", "1", "-t", "0", "-I", "0", "0x3f202000"),
                           ("poll", "--until", "1", "-t", "50ms", "-I", "0", "0x3f202000"))):
            expect = physmem.FAILED if one[0] == "poll" else physmem.OK
            counts = []
            for words in (one, many):
                path = self.machine.path("calls")
                self.physmem(*words, prefix=("strace", "-f", "-qq", "-o", path), expect=expect)
                with open(path, encoding="utf-8", errors="replace") as file:
                    text = file.read()
                self.assertEqual(text.count("rt_sigaction(SIGBUS"), 1, words)
                self.assertEqual(len(re.findall(rf'openat\(.*{mapped}"', text)), 1, words)
                counts.append(len([line for line in text.splitlines() if "(" in line and " write(" not in line]))
            # A clock without a vDSO is a call.
            self.assertLessEqual(counts[1], counts[0] + (0 if one[0] != "poll" else 4000), one)
            self.assertTrue(one[0] == "poll" or counts[0] == counts[1], (one, counts))


if __name__ == "__main__":
    physmem.main()
