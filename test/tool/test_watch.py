# SPDX-License-Identifier: MIT
"""physmem watch on a pseudo-terminal, and elsewhere; physmem poll. The screen is compared with the document's."""

import json
import os
import re
import signal
import subprocess
import time
import unittest

import physmem
import registers
from played import FILL
from terminal import Terminal

AT = 0x3f202000
NARROW = 40


def document_screen():
    """What docs/physmem.md shows."""
    with open(os.path.join(os.environ["SOURCE"], "docs", "physmem.md"), encoding="utf-8") as file:
        return re.search(r"(?s)\n```text\n(every 50 ms.*?)```", file.read()).group(1)


class Screens(registers.Case):
    def setUp(self):
        super().setUp()
        self.machine.poke(AT, (0x00000010).to_bytes(4, "little") + (0xcafe0000).to_bytes(4, "little"))

    def session(self, *args, value="0x00020011", times=1, **options):
        """The terminal, after the first register has become 0x20011."""
        terminal = Terminal("watch", "-I", "50ms", *args, LIBPMEM_ROOT=self.machine.root, **options)
        self.addCleanup(terminal.process.kill)
        self.assertTrue(terminal.wait_for(lambda screen: "0xcafe0000" in screen.text() or "-n" not in args),
                        terminal.raw)
        self.machine.poke(AT, (0x00020011).to_bytes(4, "little"))
        self.assertTrue(terminal.wait_for(lambda screen: value in screen.text()), terminal.raw)
        return terminal

    def test_screen(self):
        terminal = self.session("-n", "2", hex(AT))
        self.assertEqual(terminal.end(), (0, ""))
        screen = terminal.screen()
        self.assertEqual(screen.text(), document_screen())
        marks = {(2, column) for column, char in enumerate(screen.lines[2]) if char == "^"}
        self.assertEqual(screen.marked, {(1, column) for _, column in marks})
        self.assertEqual(len(marks), 2)

    def test_no_color(self):
        terminal = self.session("-n", "2", hex(AT), NO_COLOR="1")
        self.assertEqual(terminal.end(signal.SIGTERM), (0, ""))
        self.assertNotIn("\x1b[7m", terminal.raw)
        self.assertEqual(terminal.screen().text(), document_screen())
        terminal = self.session("-n", "2", hex(AT), NO_COLOR="")  # empty: as if it were not set
        self.assertEqual(terminal.end(), (0, ""))

    def test_narrow(self):
        terminal = self.session("-n", "2", hex(AT), columns=NARROW)
        self.assertEqual(terminal.end(), (0, ""))
        self.assertEqual(terminal.screen().lines[1:3], ["0x3f202000  0x00020011    1", "            0x00020001 changed"])
        self.assertLess(max(map(len, terminal.screen().lines[1:])), NARROW)

    def test_lines_where_no_screen_is(self):
        """Too many for the screen, a dumb terminal."""
        for options in ({"rows": 5}, {"TERM": "dumb"}):
            terminal = self.session("-n", "2", hex(AT), **options)
            self.assertEqual(terminal.end(), (0, ""))
            self.assertNotIn("\x1b", terminal.raw)
            self.assertRegex(terminal.raw, r" 0x3f202000 0x00020011 was 0x00000010 changed 0x00020001\r\n")
            self.machine.poke(AT, (0x00000010).to_bytes(4, "little"))

    def test_raw_bytes_not_on_a_terminal(self):
        terminal = Terminal("dump", "--raw", hex(AT), LIBPMEM_ROOT=self.machine.root)
        code, words = terminal.end(0)
        self.assertEqual(code, physmem.USAGE)
        self.assertIn("--raw writes bytes, not to a terminal", words)


class Changing(registers.Case):
    def changing(self, *args, data=b"\5"):
        """Its output, while the register is changed after it began to look."""
        process = subprocess.Popen([os.environ["PHYSMEM"], *args], stdout=subprocess.PIPE, text=True,
                                   env={**os.environ, "LIBPMEM_ROOT": self.machine.root})
        end = time.monotonic() + 60
        while "/dev/mem" not in self.maps(process.pid) and time.monotonic() < end:
            time.sleep(0.02)
        time.sleep(0.2)
        self.machine.poke(AT, data)
        told = ""
        if args[0] == "watch" and "--json" not in args:  # it would go on
            told = process.stdout.readline() + process.stdout.readline()
            process.send_signal(signal.SIGINT)
        out = told + process.communicate(timeout=60)[0]
        self.assertEqual(process.returncode, physmem.OK, out)
        return out

    @staticmethod
    def maps(pid):
        with open(f"/proc/{pid}/maps", encoding="utf-8") as file:
            return file.read()


class Lines(Changing):
    def test_lines(self):
        out = self.changing("watch", "-I", "50ms", "-w", "8", hex(AT)).splitlines()
        self.assertRegex(out[0], r"^     0\.\d{3} 0x3f202000 0x00$")
        self.assertRegex(out[1], r"^     \d\.\d{3} 0x3f202000 0x05 was 0x00 changed 0x05$")
        self.assertEqual(len(out), 2)

    def test_json(self):
        document = json.loads(self.changing("watch", "--json", "-I", "50ms", "-T", "40", hex(AT) + ":2"))
        self.assertEqual((document["rounds"], [change["value"] for change in document["changes"]],
                          [change["before"] for change in document["changes"]]), (40, ["0x0", "0x1"], [None, "0x0"]))


class Poll(Changing):
    def test_at_once(self):
        for until, place, value in (("0x07060504", "gpio+4", "0x07060504"), ("4/7", "gpio+4", "0x07060504"),
                                    ("1", "gpio+4:8", "0x1"), ("!0/0xff", "gpio+4", "0x07060504")):
            self.assertEqual(self.out("poll", "--until", until, place), value + "\n")

    def test_late(self):
        self.assertEqual(self.changing("poll", "--until", "0x10/0x10", "--timeout", "30", hex(AT), data=b"\x10"),
                         "0x00000010\n")

    def test_another(self):
        document = json.loads(self.changing("poll", "--json", "--until", "!0", "--timeout", "30s", "-I", "5ms", hex(AT),
                                            data=b"\x10"))
        self.assertEqual(document["value"], "0x00000010")
        self.assertGreater(document["reads"], 2)
        self.assertGreaterEqual(document["elapsed_ms"], 50)

    def test_never(self):
        began = time.monotonic()
        error = self.json("poll", "--until", "1", "--timeout", "250ms", hex(AT), expect=physmem.FAILED)["error"]
        self.assertEqual(error["cause"], "timeout")
        self.assertGreaterEqual(time.monotonic() - began, 0.25)

    def test_names(self):
        self.machine.poke(AT + 0x34, FILL[:4])
        self.assertEqual(self.out("poll", "--until", "0", "--svd", registers.SVD, f"GPIO.GPLEV0.LOW@{AT:#x}"), "0x00\n")


if __name__ == "__main__":
    physmem.main()
