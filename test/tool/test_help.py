# SPDX-License-Identifier: MIT
"""Help, version, and that the documents tell what the command does."""

import json
import os
import re
import unittest

import physmem
import registers

COMMANDS = physmem.COMMANDS
SOURCE = os.environ["SOURCE"]


def read(*path):
    with open(os.path.join(SOURCE, *path), encoding="utf-8") as file:
        return file.read()


def key_paths(value, path=""):
    """'backends[].name' of everything in a document."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from key_paths(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value and isinstance(value[0], (dict, list)):
        for inner in value:
            yield from key_paths(inner, path + "[]")
    elif isinstance(value, list):
        yield path + "[]"
    else:
        yield path


class Help(physmem.Case):
    def test_every_command(self):
        overview = self.physmem("help").stdout
        self.assertEqual(self.physmem("--help").stdout, overview)
        for command in COMMANDS:
            self.assertRegex(overview, rf"(?m)^  {command} ")
            text = self.physmem(command, "--help").stdout
            self.assertEqual(self.physmem("help", command).stdout, text)
            examples = text.split("Examples:\n")[1].splitlines()
            self.assertGreaterEqual(len(examples), 3, command)
            self.assertTrue(any(f"physmem {command}" in line for line in examples))

    def test_wrong_commands(self):
        for args in ((), ("nonsense",), ("help", "nonsense"), ("-x",)):
            self.assertEqual(self.physmem(*args, expect=physmem.USAGE).stdout, "")

    def test_version(self):
        header = read("include", "pmem", "version.h")
        numbers = re.findall(r"PMEM_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", header)
        self.assertEqual(self.physmem("--version").stdout, f"physmem {'.'.join(numbers)}\n")

    def test_manual_has_the_examples(self):
        """Three of each command, those that its help has."""
        section = read("docs", "man", "physmem.1").split(".Sh EXAMPLES\n")[1].replace("\\e", "\\")
        for command in COMMANDS:
            examples = self.physmem(command, "--help").stdout.split("Examples:\n")[1].splitlines()
            found = section.split(f"\n.Ss {command}\n")[1].split("\n.Ss ")[0].splitlines()
            self.assertEqual([line for line in found if line[0] != "."], [line.strip() for line in examples])
            self.assertGreaterEqual(sum(f"physmem {command}" in line for line in found), 2, command)
            self.assertGreaterEqual(len(examples), 3, command)

    def test_manual_names_every_option(self):
        manual = read("docs", "man", "physmem.1")
        for command in COMMANDS:
            text = self.physmem(command, "--help").stdout.split("Examples:\n")[0]
            for option in re.findall(r"--([a-z-]+)", text):
                short = {"width": "w", "count": "n", "index": "i", "endian": "e"}.get(option)
                if option == "help":
                    continue
                self.assertTrue(f"Fl -{option}" in manual or (short and f"Fl {short}" in manual),
                                f"physmem {command} --{option}")


class Schema(physmem.Case):
    """docs/json.md names every key that the command prints."""

    def setUp(self):
        super().setUp()
        self.machine.write("dev/dma_heap/system", b"")

    def documented(self, command):
        sections = re.split(r"(?m)^## ", read("docs", "json.md"))
        common, own = "", ""
        for section in sections:
            if section.startswith("In every object"):
                common = section
            if section.startswith(command + "\n"):
                own = section
        keys = set(re.findall(r"(?m)^\| `([^`]+)` ", common + own))
        errors = [line.split("`")[1] for line in own.splitlines() if "| error" in line]
        inner = ("message", "errno", "cause", "operation", "path", "hint", "backend")
        keys |= {f"{key}.{name}" for key in errors + ["error", "error.children[]"]
                 for name in inner}
        keys |= {"error.children"}
        if command == "info":
            keys |= self.documented("heaps")
        if command == "device":  # one is as each of the list
            keys |= {key.replace("devices[]", "device") for key in keys}
        if command == "alloc":
            keys |= {key for key in self.documented("selftest") if key.startswith("region.")}
        return keys

    def check(self, *args, **kwargs):
        document = self.json(*args, **kwargs)
        self.assertEqual(self.missing(args[0], document), set(), args)

    def missing(self, command, document):
        """Keys that are not documented; of an empty list nothing is known but its name."""
        documented = self.documented(command)
        return {key for key in set(key_paths(document)) - documented if not key.endswith("[]") or
                key[:-2] not in documented and not any(name.startswith(key + ".") for name in documented)}

    def test_keys(self):
        self.machine.poke(physmem.played.GPIO, b"\0")
        self.check("info")
        self.check("node", "gpio")
        self.check("node", "/cpus/cpu@0")
        self.check("node", "nonsense", expect=physmem.FAILED)
        self.check("read", "gpio")
        self.check("write", "--force", "gpio", "1")
        svd = ("--svd", registers.SVD)
        self.check("read", *svd, "GPIO.GPFSEL1")
        self.check("read", *svd, "GPIO.GPFSEL1.FSEL1")
        self.check("write", "--force", *svd, "GPIO.GPFSEL1.FSEL1", "1")
        self.check("dump", "gpio")
        self.check("dump", *svd, "GPIO")
        self.check("read", "--file", self.machine.path("proc/iomem"), "0", root=None)
        self.check("poll", "--until", "!3", "gpio:9:8")
        self.check("poll", "--until", "7/7", "-t", "1ms", "gpio", expect=physmem.FAILED)
        self.check("watch", "-T", "1", "gpio")
        self.check("registers", *svd)
        self.check("heaps")
        self.machine.write("sys/bus/pci/devices/0000:00:04.0/vendor", b"0x1234\n")
        self.check("device", "list")
        self.check("device", "bind", "--dry-run", "00:04.0")
        self.check("map")
        self.check("addr", "0x1000", "0xfffffffff", expect=physmem.FAILED)
        self.check("virt2phys", "self", "0x1000", root=None)
        self.check("ls", root=None)
        self.check("doctor", "--container")
        self.assertEqual(self.missing("doctor", json.loads(physmem.run("doctor", "--json").stdout)), set())
        self.check("selftest", "--size", "4E", root=None, expect=physmem.FAILED)
        done = physmem.run("selftest", "--json")
        if done.returncode == physmem.OK:
            self.check("selftest", root=None)
            self.check("bench", "--time", "1", root=None)
            self.check("alloc", "--dry-run", "--scattered", "--no-address", "4096", root=None)


if __name__ == "__main__":
    physmem.main()
