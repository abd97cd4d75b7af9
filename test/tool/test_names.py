# SPDX-License-Identifier: MIT
"""Names of registers: CMSIS-SVD, rwmem's files, where they are looked for, and what they keep from harm."""

import os
import subprocess
import unittest

import physmem
import registers
from played import FILL, GPIO
from registers import SVD, TEXT, regdb


def word(at, size=4):
    return int.from_bytes(FILL[at:at + size], "little")


class Svd(registers.Case):
    def names(self, *args):
        return self.out("registers", "--svd", SVD, *args).splitlines()

    def test_list(self):
        self.assertEqual(self.names("GPIO.*"), [
            "0x3f200000 32 rw  GPIO.GPFSEL0", "0x3f200004 32 rw  GPIO.GPFSEL1",
            "0x3f200008 32 rw  GPIO.GPFSEL2", "0x3f20000c 32 rw  GPIO.GPFSEL3",
            "0x3f200010 32 rw  GPIO.GPFSEL4", "0x3f200014 32 rw  GPIO.GPFSEL5",
            "0x3f20001c 32 wo  GPIO.GPSET[0]", "0x3f200020 32 wo  GPIO.GPSET[1]",
            "0x3f200034 32 ro  GPIO.GPLEV0", "0x3f200040 32 rw! GPIO.FIFO",
            "0x3f200044 16 rw! GPIO.STATUS", "0x3f200046  8 rw  GPIO.BYTE",
            "0x3f200048 64 rw  GPIO.WIDE", "0x3f200080 32 rw  GPIO.CHA.CS",
            "0x3f200084 32 rw  GPIO.CHA.CS2", "0x3f200090 32 rw  GPIO.CHB.CS",
            "0x3f200094 32 rw  GPIO.CHB.CS2"])

    def test_derived(self):
        """A peripheral, a register of another one, a field, the names of values; an array of peripherals."""
        mirror = [line.replace("0x3f201", "0x3f200").replace("MIRROR", "GPIO")
                  for line in self.names("MIRROR.*")]
        self.assertEqual(mirror, self.names("GPIO.*"))
        self.assertEqual(self.names("TIMER*"), ["0x3f003004 32 ro  TIMER0.LEVEL",
                                                "0x3f003104 32 ro  TIMER1.LEVEL"])
        self.assertEqual(self.names("--fields", "TIMER1.*")[1:], [
            "    7:0 LOW", "  31:24 HIGH", "   15:8 NEXT", "  18:16 MODE",
            "        0x0 input", "        0x1 output", "        0x2 alt5"])
        self.assertEqual(self.names("-f", "GPIO.CHB.CS2"), ["0x3f200094 32 rw  GPIO.CHB.CS2", "  31:31 GO"])

    def test_names_for_completion(self):
        self.assertEqual(self.names("--names", "GPIO.GP[SL]*"),
                         ["GPIO.GPSET[0]", "GPIO.GPSET[1]", "GPIO.GPLEV0"])
        self.assertEqual(self.names("--names", "GPIO.GPLEV0.*"),
                         [f"GPIO.GPLEV0.{name}" for name in ("LOW", "HIGH", "NEXT", "MODE")])

    def test_list_json(self):
        found = self.json("registers", "--svd", SVD, "GPIO.GPFSEL0")["registers"]
        self.assertEqual(len(found), 1)
        self.assertEqual({key: found[0][key] for key in ("block", "name", "address", "offset", "width", "access",
                                                         "read_changes")},
                         {"block": "GPIO", "name": "GPFSEL0", "address": "0x3f200000", "offset": "0x00000000",
                          "width": 32, "access": "rw", "read_changes": False})
        self.assertEqual(found[0]["fields"][9]["name"], "FSEL9")
        self.assertEqual((found[0]["fields"][9]["high"], found[0]["fields"][9]["low"]), (29, 27))

    def test_read(self):
        for name, value in (("GPIO.GPFSEL1", word(4)), ("GPIO.STATUS", word(0x44, 2)), ("GPIO.BYTE", 0x46),
                            ("GPIO.WIDE", word(0x48, 8)), ("GPIO.CHB.CS2", word(0x94)),
                            ("reg:GPIO.GPFSEL1", word(4)), ("GPIO.GPFSEL1+4", word(8)),
                            ("GPIO.GPFSEL1.FSEL0", word(4) & 7), ("GPIO.GPFSEL1:FSEL6", word(4) >> 18 & 7),
                            ("GPIO.GPFSEL1:15:8", 5), ("GPIO.GPLEV0.HIGH", 0x37),
                            ("GPIO.GPFSEL1@0x3f200010", word(0x14)), ("MIRROR.WIDE@gpio:", word(0x48, 8)),
                            ("GPIO.GPFSEL1.FSEL0@bus:0x7e200000", word(4) & 7),
                            ("GPIO.GPFSEL1@gpio:+4", word(8))):
            self.assertEqual(self.value("read", "--svd", SVD, name), value, name)
        self.assertEqual(self.value("read", "--svd", SVD, "-w", "8", "GPIO.GPFSEL1"), 4)

    def test_width_of_the_register(self):
        self.assertEqual(self.out("read", "--svd", SVD, "GPIO.STATUS"), "0x4544\n")
        self.assertEqual(self.out("read", "--svd", SVD, "GPIO.GPFSEL1.FSEL0"), "0x4\n")

    def test_fields(self):
        self.machine.poke(GPIO + 4, (1 << 21 | 2 << 24 | 7 << 27).to_bytes(4, "little"))
        self.assertEqual(self.out("read", "--svd", SVD, "--fields", "GPIO.GPFSEL1").splitlines()[8:],
                         ["  23:21 FSEL7                0x1 output", "  26:24 FSEL8                0x2 alt5",
                          "  29:27 FSEL9                0x7"])
        document = self.json("read", "--svd", SVD, "GPIO.GPFSEL1.FSEL7")
        self.assertEqual({key: document[key] for key in ("phys", "block", "register", "field", "high", "low",
                                                         "values", "meaning")},
                         {"phys": "0x3f200004", "block": "GPIO", "register": "GPFSEL1", "field": "FSEL7",
                          "high": 23, "low": 21, "values": ["0x1"], "meaning": "output"})
        fields = self.json("read", "--svd", SVD, "GPIO.GPFSEL1")["fields"]
        self.assertEqual((fields[7]["value"], fields[7]["meaning"]), ("0x1", "output"))

    def test_write(self):
        self.out("write", "--svd", SVD, "GPIO.GPFSEL1.FSEL7@0x3f202000", "output")
        self.assertEqual(self.memory(0x3f202004), (1 << 21).to_bytes(4, "little"))
        self.out("write", "--svd", SVD, "GPIO.GPFSEL1:FSEL8@0x3f202000", "2")
        self.assertEqual(self.memory(0x3f202004), (1 << 21 | 2 << 24).to_bytes(4, "little"))
        self.out("write", "--svd", SVD, "GPIO.BYTE@0x3f202000", "0xab")
        self.assertEqual(self.memory(0x3f202044), b"\0\0\xab\0")

    def test_what_harms(self):
        """Not read by dump; not written over; not read for the other bits."""
        plain = self.physmem("dump", "--svd", SVD, "gpio+0x40+16")
        self.assertEqual(plain.stdout, "0x3f200040: -------- -------- 4b4a4948 4f4e4d4c  |--------HIJKLMNO|\n")
        self.assertRegex(plain.stderr, "2 units were not read.*--side-effects")
        bytewise = self.physmem("dump", "--svd", SVD, "-w", "8", "gpio+0x40+8").stdout
        self.assertEqual(bytewise, "0x3f200040: -- -- -- -- -- -- 46 47" + " " * 26 + "|------FG|\n")
        self.assertEqual(self.out("dump", "--svd", SVD, "--side-effects", "gpio+0x40+16"),
                         "0x3f200040: 43424140 47464544 4b4a4948 4f4e4d4c  |@ABCDEFGHIJKLMNO|\n")
        for args in (("GPIO.GPLEV0", "1"), ("GPIO.FIFO:3", "1"), ("GPIO.GPSET[0]:3", "1")):
            at = args[0] + "@0x3f202000"
            self.physmem("write", "--svd", SVD, at, args[1], expect=physmem.FAILED)
            self.physmem("write", "--svd", SVD, "--force", at, args[1])
        self.out("write", "--svd", SVD, "GPIO.FIFO@0x3f202000", "1")
        self.assertRegex(self.physmem("read", "--svd", SVD, "GPIO.GPSET[0]").stderr, "can only be written")

    def test_side_effects_where_a_block_was_placed(self):
        done = self.physmem("dump", "--svd", SVD, "GPIO.FIFO@0x3f200004", "16")
        self.assertEqual(done.stdout, "0x3f200044: -------- -------- 4f4e4d4c 53525150  |--------LMNOPQRS|\n")

    def test_dump_of_a_block(self):
        done = self.physmem("dump", "--svd", SVD, "GPIO")
        self.assertRegex(done.stderr, "4 registers were not read")
        self.assertEqual(done.stdout.splitlines()[5:13], [
            "0x3f200014 0x17161514 GPFSEL5", "0x3f20001c ---------- GPSET[0]", "0x3f200020 ---------- GPSET[1]",
            "0x3f200034 0x37363534 GPLEV0", "0x3f200040 ---------- FIFO", "0x3f200044 ------     STATUS",
            "0x3f200046 0x46       BYTE", "0x3f200048 0x4f4e4d4c4b4a4948 WIDE"])
        rows = self.json("dump", "--svd", SVD, "GPIO")
        self.assertEqual((rows["left_out"], rows["registers"][6]["value"], rows["registers"][0]),
                         (4, None, {"name": "GPFSEL0", "phys": "0x3f200000", "width": 32, "value": "0x03020100"}))
        every = self.out("dump", "--svd", SVD, "-S", "GPIO@0x3f200000")
        self.assertIn("0x3f200040 0x43424140 FIFO\n", every)

    def test_compatible_with_a_dot(self):
        """Not a register's name: the device tree is asked then."""
        cells = physmem.played.cells
        nodes = {**physmem.played.NODES,
                 "soc/x@7e203000": {"compatible": b"maker,chip-2.1\0", "reg": cells(0x7e203000, 0x100)}}
        self.play(nodes=nodes)
        self.assertEqual(self.value("read", "--svd", SVD, "maker,chip-2.1"), 0)
        self.assertEqual(self.value("read", "maker,chip-2.1"), 0)
        self.assertEqual(self.value("read", "--svd", SVD, "gpio"), 0)


class Rwmem(registers.Case):
    def test_text(self):
        path = self.file("dispc.regs", TEXT)
        self.assertEqual(self.out("registers", "--svd", path, "--fields").splitlines(), [
            "+0x000064 32 rw  dispc.TIMING_H1", "  31:20 HBP", "   19:8 HFP", "    7:0 HSW",
            "+0x000002 16 rw  dispc.SHORT"])
        self.assertEqual(self.value("read", "--svd", path, "dispc.TIMING_H1:HFP@gpio:"), word(0x64) >> 8 & 0xfff)
        self.assertEqual(self.out("read", "--svd", path, "dispc.SHORT@gpio:"), "0x0302\n")

    def test_regdb(self):
        path = self.file("x.regdb", regdb())
        self.assertEqual(self.out("registers", "--svd", path, "-f").splitlines(),
                         ["0x3f200004 32 rw  GPIO.REG", "    7:0 LOW", "  31:28 TOP"])
        self.assertEqual(self.value("read", "--svd", path, "GPIO.REG.LOW"), 4)
        big = self.file("big.regdb", regdb(endian=2))
        self.assertEqual(self.out("read", "--svd", big, "GPIO.REG"), "0x04050607\n")
        self.assertEqual(self.out("read", "--svd", big, "-e", "little", "GPIO.REG"), "0x07060504\n")
        narrow = self.file("narrow.regdb", regdb(size=3, fields=()))
        self.assertEqual(self.out("read", "--svd", narrow, "GPIO.REG"), "0x060504\n")
        inherits = self.file("inherits.regdb", regdb(size=0, endian=0))
        self.assertEqual(self.out("read", "--svd", inherits, "GPIO.REG"), "0x07060504\n")


class Path(registers.Case):
    def test_folders(self):
        with open(SVD, "rb") as file:
            svd = file.read()
        home = self.machine.path("home")
        for place, env in (("usr/share/libpmem/registers/brcm,bcm2837.svd", {}),
                           ("usr/local/share/libpmem/registers/raspberrypi,3-model-b", {}),
                           ("etc/libpmem/registers/brcm,bcm2837.regs", {}),
                           ("home/.config/libpmem/registers/brcm,bcm2837.svd", {"HOME": home}),
                           ("config/libpmem/registers/brcm,bcm2837.svd",
                            {"HOME": home, "XDG_CONFIG_HOME": self.machine.path("config")})):
            self.machine.write(place, svd)
            for args in (("GPIO.GPFSEL1",), ("--svd", os.path.basename(place).removesuffix(".svd"), "GPIO.GPFSEL1")):
                self.assertEqual(self.value("read", *args, env=env), word(4), (place, args))
            self.assertIn("GPIO.GPFSEL1", self.out("registers", env=env))
            os.unlink(self.machine.path(place))

    def test_path_before_folders(self):
        self.machine.write("etc/libpmem/registers/x.svd", b"<device/>")
        path = self.file("x.svd", b"")
        with open(SVD, "rb") as file:
            self.file("x.svd", file.read())
        self.assertEqual(self.value("read", "--svd", path, "GPIO.GPFSEL1"), word(4))


class Hostile(registers.Case):
    """Files that others write: refused with a line, never a crash, a hang or gigabytes."""

    def refused(self, data, words, name="x.svd"):
        done = subprocess.run(["sh", "-c", 'ulimit -v 2000000; exec "$@"', "sh", os.environ["PHYSMEM"],
                               "registers", "--svd", self.file(name, data)], text=True, capture_output=True,
                              check=False, timeout=60, env={**os.environ, "LIBPMEM_ROOT": self.machine.root})
        self.assertEqual(done.returncode, physmem.FAILED, done)
        self.assertRegex(done.stderr, words)
        self.assertEqual(done.stdout, "")

    @unittest.skipIf("fsanitize" in os.environ["CC_COMMAND"], "a sanitizer needs terabytes of address space")
    def test_expanding(self):
        cluster = "<cluster><dim>4096</dim><dimIncrement>4</dimIncrement><name>a%s</name>"
        device = "<device><peripherals><peripheral><name>P</name><baseAddress>0</baseAddress><registers>"
        end = "</registers></peripheral></peripherals></device>"
        deep = device + cluster * 6 + "<register><name>r</name></register>" + "</cluster>" * 6 + end
        self.refused(deep, "too often|more than")
        self.refused(device + cluster * 6 + "</cluster>" * 6 + end, "too often")
        laughs = '<!DOCTYPE d [<!ENTITY a "' + "ha" * 100 + '">' + "".join(
            f'<!ENTITY {chr(98 + i)} "{"&" + chr(97 + i) + ";"}{("&" + chr(97 + i) + ";") * 9}">' for i in range(9))
        self.refused(laughs + "]><d>&j;</d>", "line 1: ")
        self.refused("<cluster>" * 100 + "</cluster>" * 100, "nested too deeply")

    @unittest.skipIf("fsanitize" in os.environ["CC_COMMAND"], "a sanitizer needs terabytes of address space")
    def test_ring(self):
        ring = ("<device><peripherals><peripheral derivedFrom='B'><name>A</name><baseAddress>0</baseAddress>"
                "</peripheral><peripheral derivedFrom='A'><name>B</name></peripheral></peripherals></device>")
        self.refused(ring, "no register")

    def test_foreign_entities(self):
        """No file but the one that was named is read."""
        secret = self.file("secret", "SECRET")
        text = (f'<!DOCTYPE device [<!ENTITY x SYSTEM "{secret}">]><device><peripherals><peripheral><name>P&x;</name>'
                "<baseAddress>0</baseAddress><registers><register><name>R</name></register></registers>"
                "</peripheral></peripherals></device>")
        done = self.physmem("registers", "--svd", self.file("x.svd", text))
        self.assertNotIn("SECRET", done.stdout + done.stderr)

    def test_escaped(self):
        path = self.file("evil.regs", b"R\x1b[31m\xff,0,32\nF\x07,7,0\n")
        for args in (("registers", "-f"), ("dump", "evil@gpio:"), ("read", "-f", "evil.R\x1b[31m\udcff@gpio:")):
            done = subprocess.run([os.environ["PHYSMEM"], *[os.fsencode(arg) for arg in args], "--svd", path],
                                  capture_output=True, check=False, env={**os.environ,
                                                                         "LIBPMEM_ROOT": self.machine.root})
            self.assertEqual(done.returncode, 0, done)
            self.assertEqual([c for c in done.stdout + done.stderr if c > 126 or (c < 32 and c != 10)], [], args)


if __name__ == "__main__":
    physmem.main()
