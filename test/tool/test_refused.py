# SPDX-License-Identifier: MIT
"""Every input that the commands on registers refuse: arguments, exit status, message; nothing on stdout.

The last test reads the sources: a message that no row shows is a fault, and so is one that the table of
exceptions has for nothing.
"""

import os
import re
import unittest

import physmem
import registers
from played import NODES, cells, strings
from registers import SVD, TEXT, regdb

OK, FAILED, USAGE, PERMISSION, UNSUPPORTED, MISMATCH = range(6)
LONG = "x" * 600
SOURCES = ("access", "address", "bus", "cmd_dump", "cmd_poll", "cmd_read", "cmd_registers", "cmd_watch", "cmd_write",
           "dump_block", "left", "place", "regfile", "regfile_none", "regfile_rwmem", "regfile_svd", "regform", "registers",
           "regpath", "units", "warn", "xml")

# The grammar: (address, message), all with exit status 2.
GRAMMAR = (
    ("", "a name is missing before ''"),
    ("+4", "a name is missing before '+4'"),
    ("0x3f20000g", "'0x3f20000g' is not a number"),
    ("0x", "'0x' is not a number"),
    ("09", "'09' is not a number"),
    ("0x10000000000000000", "'0x10000000000000000' is not a number"),
    ("0xffffffffffffffffG", "'0xffffffffffffffffG' is not a number"),
    ("0x10 ", "'0x10 ' is not a number"),
    ("1+x", "'+x' is no offset"),
    ("1+-4", "'+-4' is no offset"),
    ("0x1000+4+", "'+' is no length"),
    ("0x1000+4+0", "'+' is no length"),
    ("0x1000+4+x", "'+x' is no length"),
    ("0x1000-x", "'-x' is no last address"),
    ("0x1000-0xfff", "the range ends before it begins"),
    ("0-0xffffffffffffffff", "the range ends before it begins"),
    ("gpio:+8-4", "the range ends before it begins"),
    ("0x1000-0x1003+4", "'+4' is one thing too many"),
    ("0x1000+4+4+4", "'+4' is one thing too many"),
    ("gpio:x", "'x' is one thing too many"),
    ("gpio+4:x", "':x' is no bit or HIGH:LOW"),
    ("0x1000:", "':' is no bit or HIGH:LOW"),
    ("0x1000:x", "':x' is no bit or HIGH:LOW"),
    ("0x1000:7:", "':7:' is no bit or HIGH:LOW"),
    ("0x1000:7:x", "':7:x' is no bit or HIGH:LOW"),
    ("0x1000:7:4:1", "':7:4:1' is no bit or HIGH:LOW"),
    ("0x1000:64", "bits are HIGH:LOW, at most 63, and HIGH is not below LOW"),
    ("0x1000:4:7", "bits are HIGH:LOW, at most 63, and HIGH is not below LOW"),
    ("alias:gpio:LOW", "':LOW' is no bit or HIGH:LOW"),
    ("node:gpio", "node:gpio: a path begins with '/'"),
    ("A.B@", "an address is missing behind '@'"),
    ("bus:gpio", "bus:gpio: not a number"),
    ("bus:/soc:", "bus:/soc:: not a number"),
    ("bus:1-4", "bus:1-4: not a number"),
    ("dma::4", "dma::4: not a number"),
    ("pci:0000:00:04.0", "pci:0000:00:04.0: expected DOMAIN:BUS:DEVICE.FUNCTION/BAR"),
    ("pci:0000:00:04.0/6", "pci:0000:00:04.0/6: expected DOMAIN:BUS:DEVICE.FUNCTION/BAR"),
    ("pci:0000:00:04.8/0", "pci:0000:00:04.8/0: expected DOMAIN:BUS:DEVICE.FUNCTION/BAR"),
    ("pci:4/0", "pci:4/0: expected DOMAIN:BUS:DEVICE.FUNCTION/BAR"),
    ("uio:uio0", "uio:uio0: expected NAME/MAP, where MAP is below 5"),
    ("uio:uio0/5", "uio:uio0/5: expected NAME/MAP, where MAP is below 5"),
    ("uio:/0", "uio:/0: expected NAME/MAP, where MAP is below 5"),
    (LONG, "the address is longer than 510 bytes"),
)

# (arguments, exit status, message)
TABLE = (
    (("read",), USAGE, "one ADDRESS is expected"),
    (("read", "gpio", "uart"), USAGE, "one ADDRESS is expected"),
    (("read", "-w", "12", "gpio"), USAGE, "--width is a multiple of 8, up to 64"),
    (("read", "-w", "72", "gpio"), USAGE, "--width is a multiple of 8, up to 64"),
    (("read", "-w", "32x", "gpio"), USAGE, "--width is a multiple of 8, up to 64"),
    (("read", "-e", "middle", "gpio"), USAGE, "--endian is little or big"),
    (("read", "-i", "x", "gpio"), USAGE, "--index is a number"),
    (("read", "-i", "65536", "gpio"), USAGE, "--index is a number"),
    (("read", "-O", "x", "gpio"), USAGE, "--offset is a number"),
    (("read", "-B", "-1", "gpio"), USAGE, "--base is a number"),
    (("read", "-B", "1", "gpio"), USAGE, "--offset and --base are of a --file"),
    (("read", "-n", "0", "gpio"), USAGE, "--count is a number from 1"),
    (("read", "-n", "-1", "gpio"), USAGE, "--count is a number from 1"),
    (("read", "0x3f200001"), USAGE, "the address is not a multiple of 4 bytes"),
    (("read", "-w", "64", "gpio+4"), USAGE, "the address is not a multiple of 8 bytes"),
    (("read", "-n", "2", "gpio+0+16"), USAGE, "the range has 4 units, not 2"),
    (("read", "gpio+0+6"), USAGE, "the range is not whole units of 4 bytes"),
    (("read", "gpio:32"), USAGE, "bit 32 is not in 32 bits"),
    (("read", "-w", "8", "gpio+1:8"), USAGE, "bit 8 is not in 8 bits"),
    (("read", "-n", "0xffffffffffffffff", "gpio"), USAGE, "that many units are beyond 64 bits"),
    (("read", "0xfffffffffffffffc", "-n", "2"), USAGE, "the range is beyond 64 bits"),
    (("read", "0xfffffffffffffffc+8"), USAGE, "0xfffffffffffffffc+8 is beyond 64 bits"),
    (("read", "gpio+0xb4"), FAILED, "offset 0xb4 is outside: there are 0xb4 bytes"),
    (("read", "-n", "46", "gpio"), FAILED, "the range ends behind the node's registers: 0xb4 bytes are left"),
    (("read", "alias:uart"), FAILED, "the device tree has no alias 'uart'"),
    (("read", "alias:brcm,bcm2835-gpio"), FAILED, "the device tree has no alias 'brcm,bcm2835-gpio'"),
    (("read", "bus:/soc:0x10"), FAILED, "/soc has no 0x00000010 in its ranges, or a bus above it has not"),
    (("read", "bus:0x60000000"), FAILED, "/one and /two have 0x60000000 at different places"),
    (("read", "pci:0000:00:05.0/0"), FAILED, "memory decoding of PCI device 0000:00:05.0 is off: it answers"),
    (("read", "-n", "2", "pci:0000:00:04.0/0+0xffc"), FAILED, "the range ends behind the BAR's 0x1000 bytes"),
    (("read", "uio:nothing/0"), UNSUPPORTED, "there is no UIO device 'nothing'"),
    (("read", "uio:0/3"), UNSUPPORTED, "uio0 has no map 3"),
    (("read", "uio:0/0+0x1000"), FAILED, "offset 0x1000 is outside: there are 0x1000 bytes"),
    (("read", "--file", "X", "pci:00:04.0/0"), USAGE, "'pci:00:04.0/0' is not an address in a file"),
    (("read", "--file", "X", "uio:0/0"), USAGE, "'uio:0/0' is not an address in a file"),
    (("read", "--file", "X", "-B", "0x100", "0"), FAILED, "the file begins at 0x00000100, behind 0x00000000"),
    (("read", "--file", LONG, "0"), USAGE, "the name of the file is too long"),
    # Names.
    (("read", "A.B@gpio:"), FAILED, "no file of registers for this machine, so 'A.B' is unknown"),
    (("read", "--svd", "nothing", "A.B"), FAILED, "there is no file of registers 'nothing'"),
    (("read", "--svd", "/nothing", "A.B"), FAILED, "/nothing: No such file or directory"),
    (("read", "--svd", SVD, "GPIO.NOTHING@gpio:"), FAILED, f"{SVD} has no 'GPIO.NOTHING'"),
    (("read", "--svd", SVD, "GPIO.GPLEV0:NO"), FAILED, f"{SVD} has no 'GPIO.GPLEV0:NO'"),
    (("read", "--svd", SVD, "GPIO.GPLEV0.LOW:LOW"), FAILED, f"{SVD} has no 'GPIO.GPLEV0.LOW:LOW'"),
    (("read", "--svd", SVD, "GPIO"), USAGE, "'GPIO' is a block: name a register of it, or use dump"),
    (("read", "--svd", SVD, "GPIO.GPLEV0@GPIO"), USAGE, "'@GPIO': only a place may follow '@'"),
    (("read", "--svd", SVD, "GPIO.GPLEV0@gpio:7:0"), USAGE, "'@gpio:7:0': only a place may follow '@'"),
    (("read", "--svd", SVD, "GPIO.GPLEV0@gpio:+0x90"), FAILED,
     "GPIO.GPLEV0 is outside of 'gpio:+0x90': there are 0x24 bytes"),
    (("read", "--svd", SVD, "GPIO.GPLEV0+0xa0@gpio:"), FAILED, "offset 0xa0 is outside"),
    (("read", "--svd", "TEXT", "text.TIMING_H1"), USAGE, "the file does not say where 'text' is: text.TIMING_H1@ADDRESS"),
    # Write.
    (("write", "gpio"), USAGE, "an ADDRESS and a VALUE are expected"),
    (("write", "gpio", "x"), USAGE, "'x' is not a number"),
    (("write", "gpio", "-1"), USAGE, "'-1' is no option, or lacks its argument, or has one too many"),
    (("write", "--", "gpio", "-1"), USAGE, "'-1' is not a number"),
    (("write", "gpio", "1", "2x"), USAGE, "'2x' is not a number"),
    (("write", "--svd", SVD, "GPIO.GPFSEL1.FSEL1", "in"), USAGE, "'in' is not a number, nor a value of that field"),
    (("write", "-w", "8", "gpio", "256"), USAGE, "256 does not fit in 8 bits"),
    (("write", "gpio:3:0", "16"), USAGE, "16 does not fit in 4 bits"),
    (("write", "gpio", "0x1ffffffff"), USAGE, "0x1ffffffff does not fit in 32 bits"),
    (("write", "--mask", "0xf0", "gpio", "0x11"), USAGE, "0x11 has bits outside of the mask"),
    (("write", "--mask", "0", "gpio", "0"), USAGE, "--mask, --set and --clear are numbers from 1"),
    (("write", "--set", "x", "gpio"), USAGE, "--mask, --set and --clear are numbers from 1"),
    (("write", "--set", "1", "gpio", "1"), USAGE, "with --set or --clear only an ADDRESS is expected"),
    (("write", "--set", "1", "--mask", "1", "gpio"), USAGE, "with --set or --clear only an ADDRESS is expected"),
    (("write", "--set", "1", "gpio:3:0"), USAGE, "--set and --clear name bits of a whole register"),
    (("write", "--set", "3", "--clear", "1", "gpio"), USAGE, "--set and --clear have a bit in common, or one outside"),
    (("write", "--set", "256", "-w", "8", "gpio"), USAGE, "--set and --clear have a bit in common, or one outside"),
    (("write", "gpio+0+8", "1"), USAGE, "the range has 2 units, not 1"),
    (("write", "0xfffffffffffffffc", "1", "2"), USAGE, "the range is beyond 64 bits"),
    # Twice as many values, of what was and what is to be, are 0 in 64 bits.
    (("write", "--set", "1", "-w", "8", "--file", "X", "0+0+0x8000000000000000"), USAGE,
     "the range has too many units: 0x8000000000000000"),
    (("write", "--svd", SVD, "GPIO", "1"), USAGE, "'GPIO' is a block: name a register of it"),
    (("write", "--svd", SVD, "GPIO.GPLEV0", "1"), FAILED, f"GPLEV0 can only be read, says {SVD}: --force"),
    (("write", "--svd", SVD, "GPIO.FIFO:3", "1"), FAILED,
     "FIFO would be read to keep its other bits, and reading changes it, says"),
    (("write", "--svd", SVD, "GPIO.GPSET[0]:3", "1"), FAILED,
     "GPSET[0] would be read to keep its other bits, and it can only be written, says"),
    (("write", "gpio", "1"), FAILED, "0x3f200000 belongs to 'gpio@7e200000': --force writes all the same"),
    (("write", "--force", "0x80000", "1"), FAILED, "0x00080000 is System RAM: writing there breaks the system"),
    (("write", "--verify", "--file", "READONLY", "0", "1"), FAILED, "map 0x00000000: "),
    # The others.
    (("dump",), USAGE, "an ADDRESS is expected, and perhaps a LENGTH"),
    (("dump", "gpio", "4", "4"), USAGE, "an ADDRESS is expected, and perhaps a LENGTH"),
    (("dump", "gpio", "x"), USAGE, "LENGTH is a number of bytes"),
    (("dump", "gpio", "0"), USAGE, "LENGTH is a number of bytes"),
    (("dump", "--raw", "--json", "gpio"), USAGE, "--raw is no JSON"),
    (("dump", "gpio+0+4", "4"), USAGE, "the ADDRESS has a range: no LENGTH may follow"),
    (("dump", "gpio:3"), USAGE, "bits of a register are not to be dumped: see read"),
    (("dump", "gpio", "6"), USAGE, "the range is not whole units of 4 bytes"),
    (("dump", "0xfffffffffffffff0", "32"), USAGE, "the range is beyond 64 bits"),
    (("dump", "--svd", "nothing", "gpio"), FAILED, "there is no file of registers 'nothing'"),
    (("poll",), USAGE, "one ADDRESS is expected"),
    (("poll", "gpio"), USAGE, "--until is missing"),
    (("poll", "--until", "x", "gpio"), USAGE, "--until is VALUE or VALUE/MASK, with '!' for another"),
    (("poll", "--until", "1/0", "gpio"), USAGE, "--until is VALUE or VALUE/MASK, with '!' for another"),
    (("poll", "--until", "1/", "gpio"), USAGE, "--until is VALUE or VALUE/MASK, with '!' for another"),
    (("poll", "--until", "1" * 80, "gpio"), USAGE, "--until is VALUE or VALUE/MASK, with '!' for another"),
    (("poll", "--until", "2/1", "gpio"), USAGE, "--until has bits that are not in its mask, or not in 32 bits"),
    (("poll", "--until", "2", "gpio:1"), USAGE, "--until has bits that are not in its mask, or not in 1 bits"),
    (("poll", "--until", "1", "--timeout", "-1", "gpio"), USAGE, "--timeout is a time: 2, 0.5, 250ms"),
    (("poll", "--until", "1", "--timeout", "1h", "gpio"), USAGE, "--timeout is a time: 2, 0.5, 250ms"),
    (("poll", "--until", "1", "--interval", "nan", "gpio"), USAGE, "--interval is a time: 2, 0.5, 250ms"),
    (("poll", "--until", "1", "gpio+0+8"), USAGE, "poll looks at one register, not at a range"),
    (("poll", "--until", "1", "--svd", SVD, "GPIO"), USAGE, "'GPIO' is a block: name a register of it"),
    (("poll", "--until", "1", "--timeout", "5ms", "0x3f202000"), FAILED,
     "0x3f202000 still reads 0x00000000 after 0.005 s"),
    (("watch",), USAGE, "one ADDRESS is expected"),
    (("watch", "-n", "0", "gpio"), USAGE, "--count is a number from 1"),
    (("watch", "--interval", "x", "gpio"), USAGE, "--interval is a time: 2, 0.5, 250ms"),
    (("watch", "--times", "0", "gpio"), USAGE, "--times is a number from 1"),
    (("watch", "--svd", SVD, "GPIO"), USAGE, "'GPIO' is a block: name a register of it"),
    (("registers", "a", "b"), USAGE, "at most one PATTERN is expected"),
    (("registers",), FAILED, "there is no file of registers for this machine"),
)

XML = "<device><peripherals><peripheral><name>P</name><baseAddress>0</baseAddress><registers>%s</registers>" \
      "</peripheral></peripherals></device>"

# Files of registers: (name, content, message), all with exit status 1.
FILES = (
    ("empty.svd", "", "it has no register"),
    ("none.svd", XML % "", "it has no register"),
    ("cut.svd", "<device><peripherals>", "line 1: "),
    ("html.svd", "<html/>", "it is XML, but no CMSIS-SVD: its root is html"),
    ("nowhere.svd", "<device><peripherals><peripheral><name>P</name><registers/></peripheral></peripherals></device>",
     "peripheral 'P' has no address"),
    ("many.svd", XML % "<register><name>R</name><dim>4097</dim></register>", "register R is there more than 4096 times"),
    ("much.svd", XML.replace("<baseAddress>", "<dim>4097</dim><baseAddress>") % "",
     "peripheral P is there more than 4096 times"),
    ("deep.svd", XML % ("<cluster><name>C</name>" * 17 + "</cluster>" * 17), "cluster C is too deep, or too often"),
    ("field.svd", XML % "<register><name>R</name><fields><field><name>F</name></field></fields></register>",
     "field F has no place"),
    ("nested.svd", "<device>" * 70, "elements are nested too deeply"),
    ("wide.svd", XML % ("<cluster><name>C</name><dim>4096</dim>" * 3 + "</cluster>" * 3),
     "it repeats its registers too often"),
    ("more.svd", XML % ("<cluster><name>C</name><dim>128</dim><register><name>R</name><dim>4096</dim></register>"
                        "</cluster>"), "more than 262144 registers"),
    ("line.regs", "R,0,32\nF,1\n", "line 2 is neither NAME,OFFSET,BITS nor FIELD,HIGH,LOW"),
    ("field.regs", "R,0,32\nF,32,1\n", "line 2 is neither NAME,OFFSET,BITS nor FIELD,HIGH,LOW"),
    ("size.regs", "R,0,12\n", "line 1 is neither NAME,OFFSET,BITS nor FIELD,HIGH,LOW"),
    ("bytes.regs", b"R,0,32\n\0\n", "line 2 is no text"),
    ("long.regs", "R" * 600 + ",0,32\n", "line 1 is no text"),
    ("old.regdb", b"\x00\xe1\x15\x55\0\0\0\2" + bytes(80), "a regdb of rwmem before version 3, whose form is documented"),
    ("four.regdb", regdb(version=4), "a regdb of rwmem whose version is not 3"),
    ("short.regdb", regdb()[:30], "a regdb of rwmem whose version is not 3"),
    ("cut.regdb", regdb()[:90], "the regdb is shorter than it says"),
    ("open.regdb", regdb()[:-14], "block 0 of the regdb is damaged"),
    ("bits.regdb", regdb(fields=((b"F", 32, 0),)), "register 0 of block GPIO of the regdb is damaged, or has swapped"),
    ("swap.regdb", regdb(endian=3), "register 0 of block GPIO of the regdb is damaged, or has swapped"),
)

# What no input shows: an expression of the source's text, and why.
EXCEPTIONS = {
    r"bus error: nothing answers": "tool_access plays it",
    r"^'%s' is no option": "not ours",
    r"reads 0x%0\*.* was written": "memory that differs is not to be had: tool_mismatch plays the library",
    r"--raw writes bytes, not to a terminal": "tool_watch has a terminal",
    r"/proc/iomem does not tell": "tool_access",
    r"/proc/iomem cannot be read": "tool_broken_calls",
    r"larger than %u MiB|more than %u blocks": "takes a file of 256 MiB, or a file of as many blocks",
    r"built without CMSIS-SVD": "only in a build without it",
}


class Refused(registers.Case):
    seen = []

    def setUp(self):
        self.play(nodes={**NODES, **{name: {"compatible": strings("simple-bus"), "#address-cells": cells(1),
                                            "#size-cells": cells(1),
                                            "ranges": cells(0x60000000, place, 0x1000)}
                                     for name, place in (("one", 0x10000000), ("two", 0x20000000))}})
        self.machine.poke(registers.GPIO, registers.FILL)
        for device, command in (("4", b"\2"), ("5", b"\0")):
            where = f"sys/bus/pci/devices/0000:00:0{device}.0/"
            self.machine.write(where + "resource", b"0x00000000feb00000 0x00000000feb00fff 0x0000000000040200\n" +
                               b"0x0000000000000000 0x0000000000000000 0x0000000000000000\n" * 6)
            self.machine.write(where + "resource0", registers.FILL)
            self.machine.write(where + "config", bytes(4) + command + bytes(60))
        self.machine.write("sys/class/uio/uio0/maps/map0/addr", b"0x3f201000\n")
        self.machine.write("sys/class/uio/uio0/maps/map0/size", b"0x1000\n")
        self.machine.write("x.bin", bytes(64))
        self.machine.write("dir/x", b"")
        self.names = {"X": "/x.bin", "TEXT": self.file("text.regs", TEXT), "READONLY": "/dir"}

    def refused(self, args, code, message):
        with self.subTest(args=args):
            done = self.physmem(*[self.names.get(arg, arg) for arg in args], expect=code)
            self.assertEqual(done.stdout, "")
            self.assertIn(message, done.stderr.splitlines()[0])
            self.assertTrue(done.stderr.startswith("physmem: "), done.stderr)
            if code == USAGE and "is no option" not in message:
                self.assertIn(f"usage: physmem {args[0]} ", done.stderr)
            self.seen.append(done.stderr.splitlines()[0].removeprefix("physmem: "))

    def test_1_grammar(self):
        for address, message in GRAMMAR:
            self.refused(("read", "--", address), USAGE, message)

    def test_2_commands(self):
        for row in TABLE:
            self.refused(*row)
        self.assertEqual(self.memory(registers.GPIO, 4096), registers.FILL)
        self.assertEqual(self.machine.pages(), [registers.GPIO])

    def test_3_files(self):
        for name, content, message in FILES:
            self.refused(("registers", "--svd", self.file(name, content)), FAILED, message)

    def messages(self):
        """Each that the sources can refuse with, as an expression."""
        call = re.compile(r'\b(?:usage_error|fail|fail_because|refuse|regfile_refuse)\(((?:[^;"]|"(?:[^"\\]|\\.)*")*)\);')
        for name in SOURCES:
            with open(os.path.join(os.environ["SOURCE"], "tools", name + ".c"), encoding="utf-8") as file:
                text = re.sub(r'PRI[ux]64', '"x"', file.read())
            for arguments in call.findall(text):
                groups = re.findall(r'"(?:[^"\\]|\\.)*"(?:\s*"(?:[^"\\]|\\.)*")*', arguments)
                texts = ["".join(part.replace('\\"', '"') for part in re.findall(r'"((?:[^"\\]|\\.)*)"', one))
                         for one in groups]
                # A cause, a hint and words to choose from stand beside the sentence.
                sentences = [one for one in texts if "%" in one or " " in one]
                if sentences:  # else it is the function itself
                    yield name, sentences

    @staticmethod
    def expression(sentence):
        """What printf() makes of it."""
        parts = re.split(r"%[-0-9.*l]*(?:z?[a-z]|x)", sentence)
        return ".*".join(re.escape(part) for part in parts)

    def test_4_every_message_has_a_row(self):
        self.assertGreater(len(self.seen), 100)
        found, used = 0, set()
        for name, sentences in self.messages():
            found += 1
            # A file's comes with its path.
            if any(re.fullmatch("(?:/[^:]*: )?" + self.expression(one), line, re.S)
                   for one in sentences for line in self.seen):
                continue
            excused = [why for why in EXCEPTIONS if any(re.search(why, one) for one in sentences)]
            used.update(excused)
            with self.subTest(source=name):
                self.assertTrue(excused, f"no row shows: {sentences}")
        self.assertGreater(found, 80)
        self.assertEqual(set(EXCEPTIONS) - used - {r"^'%s' is no option"}, set())


if __name__ == "__main__":
    physmem.main()
