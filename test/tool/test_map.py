# SPDX-License-Identifier: MIT
"""physmem map: golden outputs of played machines, a session in a terminal, and the pictures of the documents.

GOLDEN=write writes golden/ anew; look at the difference before you commit it.
"""

import fcntl
import glob
import os
import pathlib
import pty
import re
import struct
import sys
import termios
import xml.etree.ElementTree as xml

import physmem

SOURCE = pathlib.Path(os.environ["SOURCE"])
GOLDEN = pathlib.Path(__file__).resolve().parent / "golden"
sys.path.insert(0, str(SOURCE / "test" / "guest" / "lib"))

import boards  # noqa: E402 - the path is set first

UTF8 = {"LC_ALL": "C.UTF-8"}
PHYSMEM = os.environ["PHYSMEM"]


def screen(output, width):
    """What a terminal of that width shows: SGR gives no text, and long lines go on below."""
    lines = []
    for line in re.sub(r"\033\[[\d;]*m", "", output).replace("\r\n", "\n").split("\n"):
        lines += [line[i:i + width] for i in range(0, max(len(line), 1), width)]
    return "\n".join(line.rstrip() for line in lines).rstrip() + "\n"


def session(root, width, **env):
    """All that physmem map writes to a terminal of that width."""
    pid, terminal = pty.fork()
    if pid == 0:
        size = struct.pack("HHHH", 50, width, 0, 0)
        fcntl.ioctl(1, termios.TIOCSWINSZ, size)
        os.execve(PHYSMEM, [PHYSMEM, "map"], {"LIBPMEM_ROOT": root, "TERM": "xterm", **UTF8, **env})
    output = b""
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # Linux: the other end is closed
            break
        if not piece:
            break
        output += piece
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), output.decode()


class Case(physmem.Case):
    def golden(self, name, text):
        path = GOLDEN / name
        if os.environ.get("GOLDEN") == "write":
            path.write_text(text, encoding="utf-8")
        self.assertEqual(text, path.read_text(encoding="utf-8"), name)

    def map(self, machine, *options, env=None):
        return self.physmem("map", *options, root=machine.root, env=env).stdout


class Drawn(Case):
    def test_golden(self):
        pc = boards.pc()
        self.addCleanup(pc.close)
        for name, machine in (("pi3", self.machine), ("x86", pc)):
            for kind, options, env in (("txt", (), UTF8), ("ascii", ("--ascii", "--columns", "100"), None),
                                       ("narrow", ("--columns", "40"), UTF8), ("all", ("--all",), UTF8),
                                       ("svg", ("--svg",), None)):
                with self.subTest(name=name, kind=kind):
                    self.golden(f"map-{name}.{kind}", self.map(machine, *options, env=env))

    def test_no_line_is_wider(self):
        for width in (20, 40, 48, 72, 80, 133):
            lines = self.map(self.machine, "--columns", str(width), env=UTF8).split("\n")
            self.assertLessEqual(max(map(len, lines[1:])), max(width, 30))

    def test_ascii(self):
        """Without UTF-8 in the locale there is none in the output."""
        self.assertTrue(self.map(self.machine).isascii())
        self.assertFalse(self.map(self.machine, env=UTF8).isascii())

    def test_foreign_text(self):
        self.machine.write("proc/iomem", b"00000000-3b3fffff : System RAM\n"
                           b"3f300000-3f3000ff : evil\x1b[2J<&\xe2\x82\xac\n")
        self.machine.write("proc/device-tree/model", b"\x1b]0;title\x07<b>\0")
        for options in ((), ("--ascii",), ("--svg",), ("--json",)):
            text = self.map(self.machine, *options)
            self.assertNotIn("\x1b", text)
            self.assertNotIn("\x07", text)
        root = xml.fromstring(self.map(self.machine, "--svg"))
        self.assertTrue(any("evil\\033[2J<&" in (element.text or "") for element in root.iter()))

    def test_disabled_nodes_and_windows_are_not_drawn(self):
        places = self.json("map")["places"]
        names = {place["name"]: place for place in places}
        self.assertFalse(names["serial"]["enabled"] and names["serial"]["first"] == "0x3f215040")
        self.assertTrue(any(not place["enabled"] for place in places))
        self.assertNotIn("hdmi", self.map(self.machine).split("\n")[0])

    def test_cma(self):
        """By debugfs, or by a reusable node of the tree; small areas are told in the RAM around them."""
        self.machine.write("sys/kernel/debug/cma/linux,cma/base_pfn", f"{0x37400000 // os.sysconf('SC_PAGESIZE')}\n".encode())
        self.machine.write("sys/kernel/debug/cma/linux,cma/count", f"{(64 << 20) // os.sysconf('SC_PAGESIZE')}\n".encode())
        for name, properties in (("reserved-memory", {"#address-cells": physmem.played.cells(1), "ranges": b"",
                                                      "#size-cells": physmem.played.cells(1)}),
                                 ("reserved-memory/fb@10000000", {"reg": physmem.played.cells(0x10000000, 0x800000)}),
                                 ("reserved-memory/pool@20000000", {"reg": physmem.played.cells(0x20000000, 0x100000),
                                                                    "reusable": b""})):
            for key, value in properties.items():
                self.machine.write(f"proc/device-tree/{name}/{key}", value)
        text = self.map(self.machine)
        self.assertIn("of it 64 MiB CMA", text)
        self.assertIn("CMA, 64 MiB: linux,cma", text)
        self.assertIn("reserved, 8 MiB: fb", text)
        self.assertRegex(text, r"RAM, [\d.]+ MiB\n.*pool")
        kinds = {place["name"]: place["kind"] for place in self.json("map")["places"]}
        self.assertEqual((kinds["linux,cma"], kinds["fb"], kinds["pool"]), ("cma", "reserved", "cma"))

    def test_ordinary_user(self):
        """Without addresses in /proc/iomem: a word on stderr, and what the tree tells."""
        self.machine.write("proc/iomem", re.sub(r"[0-9a-f]{8}-[0-9a-f]{8}", "00000000-00000000",
                                                physmem.played.IOMEM).encode())
        done = self.physmem("map")
        self.assertIn("CAP_SYS_ADMIN", done.stderr)
        self.assertIn("gpio", done.stdout)
        self.play(nodes={}, files={}, memory=False)
        self.physmem("map", expect=physmem.PERMISSION)

    def test_our_regions(self):
        """Memory that a process keeps in place is shown where it is."""
        self.machine.write("proc/77/comm", b"capture\n")
        self.machine.write("proc/77/maps", b"7f0000000000-7f0000002000 rw-s 00000000 00:0f 9   anon_inode:[io_uring]\n")
        os.makedirs(self.machine.path("proc/77/fd"))
        self.machine.write("proc/77/pagemap", b"")
        with open(self.machine.path("proc/77/pagemap"), "r+b") as file:
            file.seek(0x7f0000000 * 8)
            file.write(struct.pack("<2Q", 1 << 63 | 0x1234, 1 << 63 | 0x1235))
        regions = [place for place in self.json("map")["places"] if place["kind"] == "region"]
        self.assertEqual([(place["first"], place["last"], place["name"]) for place in regions],
                         [("0x01234000", "0x01235fff", "capture 77")])
        self.assertIn("capture 77", self.map(self.machine))


class Terminal(Case):
    def test_session(self):
        """As it looks in a terminal of 72 columns."""
        code, output = session(self.machine.root, 72)
        self.assertEqual(code, 0)
        self.golden("map-pi3.screen", screen(output, 72))
        self.assertIn("\033[32m", output)
        self.assertEqual(output.count("\033[0m"), len(re.findall(r"\033\[(?!0m)[\d;]+m", output)))

    def test_no_color(self):
        code, output = session(self.machine.root, 72, NO_COLOR="1")
        self.assertEqual((code, "\033" in output), (0, False))
        code, output = session(self.machine.root, 72, NO_COLOR="")
        self.assertEqual((code, "\033" in output), (0, True))
        code, output = session(self.machine.root, 72, TERM="dumb")
        self.assertEqual((code, "\033" in output), (0, False))

    def test_follows_the_width(self):
        for width in (44, 100):
            _, output = session(self.machine.root, width)
            self.assertEqual(screen(output, width),
                             screen(self.map(self.machine, "--columns", str(width), env=UTF8), width))

    def test_colours_go_to_terminals_only(self):
        self.assertNotIn("\033", self.map(self.machine, env={"TERM": "xterm", **UTF8}))


class Pictures(Case):
    def test_documents(self):
        """Those of docs/map are what the command makes: of the PC whole, of boards as blobs change in shape."""
        pc = boards.pc()
        self.addCleanup(pc.close)
        files = {pathlib.Path(path).name for path in glob.glob(str(SOURCE / "docs/map/*.svg"))}
        self.assertEqual(files, {"pi4.svg", "x86.svg", "imx8mm.svg"})
        self.assertEqual(self.map(pc, "--svg"), (SOURCE / "docs/map/x86.svg").read_text(encoding="utf-8"))
        for name, words in (("pi4", ("Raspberry Pi 4", "CMA", "gpio", "2.9 GiB")),
                            ("imx8mm", ("i.MX8MM", "640 MiB: linux,cma", "spba-bus"))):
            text = (SOURCE / f"docs/map/{name}.svg").read_text(encoding="utf-8")
            xml.fromstring(text)
            for word in words:
                self.assertIn(word, text, name)

    def test_blob(self):
        """The reader of blobs that the boards are made with, against dtc's output."""
        blob = GOLDEN / "small.dtb"
        nodes = boards.nodes_of(blob.read_bytes())
        self.assertEqual(set(nodes), {"", "memory@0", "soc", "soc/gpio@7e200000"})
        self.assertEqual(nodes["soc/gpio@7e200000"]["reg"], struct.pack(">2I", 0x7e200000, 0xb4))
        self.assertEqual(nodes[""]["model"], b"small\0")


if __name__ == "__main__":
    physmem.main()
