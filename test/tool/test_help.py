# SPDX-License-Identifier: MIT
"""Help, version, and that the documents tell what the command does."""

import os
import re
import unittest

import physmem
import registers

COMMANDS = ("info", "selftest", "read", "write", "node", "heaps", "gc", "dump", "poll", "watch", "registers")
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

    def test_manual_has_examples(self):
        examples = re.findall(r"(?m)^\.Dl [$#] physmem (\w+)", read("docs", "man", "physmem.1"))
        for command in ("read", "write", "dump", "poll", "watch", "registers"):
            self.assertGreaterEqual(examples.count(command), 3, command)


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
        return keys

    def check(self, *args, **kwargs):
        document = self.json(*args, **kwargs)
        missing = set(key_paths(document)) - self.documented(args[0])
        self.assertEqual({key for key in missing if not key.endswith("[]") or
                          key[:-2] not in self.documented(args[0])}, set(), args)

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
        self.check("selftest", "--size", "4E", root=None, expect=physmem.FAILED)
        done = physmem.run("selftest", "--json")
        if done.returncode == physmem.OK:
            self.check("selftest", root=None)


if __name__ == "__main__":
    physmem.main()
