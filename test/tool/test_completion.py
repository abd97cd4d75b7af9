# SPDX-License-Identifier: MIT
"""Completion in bash, zsh and fish: each shell is really asked, and offers what the command's help has,
which is what its tables of options have."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest

import physmem

SOURCE = os.environ["SOURCE"]
FOLDER = os.path.join(SOURCE, "tools", "completion")
HERE = os.path.dirname(os.path.abspath(__file__))
COMMANDS = physmem.COMMANDS
REGISTERS = ("read", "write", "dump", "poll", "watch")
WIDTHS = {str(width) for width in range(8, 72, 8)}
BACKENDS = {"gpiomem", "devmem", "pci", "dmaheap", "udmabuf", "pages", "vcsm", "videocore", "ion"}
HEAPS = {"linux,cma", "system"}
ALIASES = {"gpio", "serial0"}
DRIVERS = {"vfio-pci", "uio_pci_generic", "vfio-platform"}
WHAT = {"list", "bind", "unbind"}
DEVICES = {"0000:00:04.0", "0000:01:00.0"}
USES = {"map", "gpio", "alloc", "phys", "dma", "vfio"}
VALUES = {"--driver": DRIVERS, "--width": WIDTHS, "--endian": {"little", "big"}, "--svd": {"board.svd"},
          "--file": {"board.svd"}, "--backend": BACKENDS, "--heap": HEAPS, "--master": ALIASES, "--for": USES}


def options_of(command):
    """{"--width": (short or None, has an argument)} of the command's help."""
    found = {}
    for line in physmem.run(command, "--help").stdout.split("Examples:\n")[0].splitlines():
        match = re.match(r"\s+(?:-(\w), )?(--[a-z-]+(?:, --[a-z-]+)*)( [A-Z]+\b)?", line)
        for name in match.group(2).split(", ") if match else ():
            found[name] = (f"-{match.group(1)}" if match.group(1) else None, bool(match.group(3)))
    return found


def tables_of(command):
    """The same from the tables that getopt_long() has."""
    def read(name):
        with open(os.path.join(SOURCE, "tools", name), encoding="utf-8") as file:
            return file.read()
    text = read(f"cmd_{command}.c")
    for macro, header in (("REGISTER_OPTIONS", "registers.h"), ("ALLOC_OPTIONS", "alloc_options.h")):
        if macro in text:
            text += re.search(rf"#define {macro} (?:.*\\\n)*.*", read(header)).group()
    found = {f"--{name}": (f"-{letter}" if letter else None, kind == "required")
             for name, kind, letter in re.findall(
                 r'\{ "([a-z-]+)", (no|required)_argument, NULL, (?:\'(\w)\'|\w+) \}', text)}
    own = re.search(r"parse_switches\(self, argc, argv, (?:'(\w)', \"([a-z-]+)\"|0)", text)
    if own:
        found.update({"--json": ("-j", False), "--help": ("-h", False)})
        if own.group(2):
            found[f"--{own.group(2)}"] = (f"-{own.group(1)}", False)
    return found


OPTIONS = {command: options_of(command) for command in COMMANDS}


class Shells:
    """What each shell offers for lines."""

    def __init__(self, root):
        self.work = tempfile.mkdtemp(prefix="completion-")
        path = os.path.dirname(os.environ["PHYSMEM"])
        self.here = os.path.join(self.work, "here")
        os.mkdir(self.here)
        shutil.copy(os.path.join(HERE, "board.svd"), self.here)
        self.env = {**os.environ, "LIBPMEM_ROOT": root, "PATH": f"{path}:{os.environ['PATH']}",
                    "HOME": self.work, "XDG_CONFIG_HOME": self.work, "XDG_DATA_HOME": self.work,
                    "LC_ALL": "C.UTF-8", "TERM": "xterm", "FOLDER": FOLDER}

    def ask(self, *command, text=None):
        done = subprocess.run(command, env=self.env, input=text, text=True, timeout=100, check=False,
                              capture_output=True, cwd=self.here)
        if done.stderr or done.returncode:
            raise AssertionError(f"{command[0]}: exit {done.returncode}: {done.stderr}")
        return done.stdout

    def bash(self, lines):
        script = ('source "$FOLDER/physmem"; while IFS= read -r line; do '
                  'IFS=" " read -ra COMP_WORDS <<<"${line//=/ = }"; '
                  '[[ $line != *[\\ ] ]] || COMP_WORDS+=(""); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); '
                  '_physmem; printf "%s\\n" "${COMPREPLY[@]}" END; done')
        return self.ask("bash", "-c", script, text="\n".join(lines) + "\n")

    def zsh(self, lines):
        return self.ask("zsh", "-f", os.path.join(HERE, "complete.zsh"), FOLDER, self.work,
                        text="\n".join(lines) + "\n")

    def fish(self, lines):
        script = ("source $FOLDER/physmem.fish; while read -l line; "
                  "complete -C $line | string replace -r '\\t.*' ''; echo END; end")
        return self.ask("fish", "--no-config", "-c", script, text="\n".join(lines) + "\n")

    def offers(self, shell, lines):
        """{line: set of words}"""
        pieces = getattr(self, shell)(lines).split("END\n")[:-1]
        if len(pieces) != len(lines):
            raise AssertionError(f"{shell}: {len(pieces)} answers to {len(lines)} lines")
        return {line: {re.sub(r"^--[a-z-]+=(?=.)", "", word.strip()).rstrip("=")
                       for word in piece.splitlines() if word.strip()}
                for line, piece in zip(lines, pieces)}


def wanted(short_too):
    """(line, words that must be offered): all that the help of the command says, and places."""
    yield "physmem ", {*COMMANDS, "help"}
    yield "physmem he", {"heaps", "help"}
    yield "physmem help ", {*COMMANDS}
    yield "physmem --", {"--help", "--version"}
    for command in COMMANDS:
        shorts = {short for short, _ in OPTIONS[command].values() if short and short_too}
        yield f"physmem {command} -", {*OPTIONS[command], *shorts}
        place = ALIASES if command in ("node", *REGISTERS) else WHAT if command == "device" else set()
        yield f"physmem {command} ", place
        for name, (short, argument) in OPTIONS[command].items():
            if name == "--help":
                continue
            for word in (name, short) if short else (name,):
                yield f"physmem {command} {word} ", VALUES.get(name, set()) if argument else place
            if argument:
                yield f"physmem {command} {name}=", VALUES.get(name, set())
    yield "physmem write --fo", {"--force"}  # fish takes --f for --verify too
    yield "physmem read -w 6", {"64"}
    for command in (*REGISTERS, "registers"):
        yield f"physmem {command} --svd board.svd GPIO.GPL", {"GPIO.GPLEV0"}
    for svd in ("--svd=board.svd", "-r board.svd"):
        yield f"physmem read {svd} GPIO.GPLEV0.", {f"GPIO.GPLEV0.{name}" for name in ("LOW", "HIGH", "NEXT", "MODE")}
    yield "physmem selftest --backend v", {"vcsm", "videocore"}
    yield "physmem node seri", {"serial0"}
    yield "physmem device b", {"bind"}
    yield "physmem device bind ", DEVICES
    yield "physmem device unbind --force 0000:01", {"0000:01:00.0"}
    yield "physmem device list ", set()
    yield "physmem read /soc/g", {"/soc/gpio@7e200000"}
    yield "physmem node /so", {"/soc"}
    yield "physmem selftest -m /soc/d", {"/soc/dma@7e007000"}


class Completion(physmem.Case):
    def setUp(self):
        super().setUp()
        for heap in HEAPS:
            self.machine.write(f"dev/dma_heap/{heap}", b"")
        for device in DEVICES:
            os.makedirs(self.machine.path(f"sys/bus/pci/devices/{device}"))
        # Each node has its name as a property.
        self.machine.write("proc/device-tree/aliases/name", b"aliases\0")
        self.shells = Shells(self.machine.root)
        self.addCleanup(shutil.rmtree, self.shells.work)

    def check(self, shell):
        if not shutil.which(shell):
            self.skipTest(f"there is no {shell}")
        lines = dict(wanted(short_too=shell != "bash"))
        for line, words in self.shells.offers(shell, list(lines)).items():
            # A path may be offered as its last part, and folders with a stroke.
            said = {word.rstrip("/") for word in words}
            if "/" in line:
                said = {line[line.index("/"):line.rindex("/") + 1] + word.rpartition("/")[2] for word in said}
            if shell == "zsh" and line.endswith(" ") and not lines[line]:
                # Where nothing else may follow, zsh offers the options that are left.
                command, last = line.split()[1], line.split()[-1]
                if not any(argument and last in (name, short)
                           for name, (short, argument) in OPTIONS[command].items()):
                    said = {word for word in said if not word.startswith("-")}
            self.assertEqual(said, lines[line], f"{shell}: {line!r}")

    def test_bash(self):
        self.check("bash")

    def test_zsh(self):
        self.check("zsh")

    def test_fish(self):
        self.check("fish")

    def test_help_is_what_the_command_takes(self):
        for command in COMMANDS:
            self.assertGreaterEqual(len(OPTIONS[command]), 2, command)
            self.assertEqual(OPTIONS[command], tables_of(command), command)

    def test_commands_are_all(self):
        overview = self.physmem("help").stdout
        self.assertEqual(tuple(re.findall(r"(?m)^  ([a-z0-9]+) ", overview)), COMMANDS)


if __name__ == "__main__":
    physmem.main()
