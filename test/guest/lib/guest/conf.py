# SPDX-License-Identifier: MIT
"""The description of a guest: guests/NAME.conf."""

import configparser
import shlex

from .say import Failure

REQUIRED = ("about", "kernel", "suite", "kernel-arch", "arch", "qemu", "append")
OPTIONAL = {"dtb": "", "disable": "", "emulator": "", "seconds": "240", "modules": "", "noise": "",
            "udev": "", "drivers": "", "rebuilt": "", "taint": "0", "by-hand": ""}


class Guest:
    """Attributes are the keys of the [guest] section with '-' as '_'; see docs/guests.md."""

    def __init__(self, path):
        self.name = path.stem
        parser = configparser.ConfigParser(interpolation=None, delimiters=("=",))
        parser.optionxform = str
        parser.read(path)
        section = parser["guest"]
        unknown = set(section) - set(REQUIRED) - set(OPTIONAL)
        missing = set(REQUIRED) - set(section)
        if unknown or missing:
            raise Failure(f"{path}: unknown keys {sorted(unknown)}, missing {sorted(missing)}")
        for key in (*REQUIRED, *OPTIONAL):
            setattr(self, key.replace("-", "_"), section.get(key, OPTIONAL.get(key)))
        self.seconds = int(self.seconds)
        self.taint = int(self.taint, 0)
        self.qemu = shlex.split(self.qemu)
        self.disable = self.disable.split()
        self.modules = [line.strip() for line in self.modules.splitlines() if line.strip()]
        self.noise = [line.strip() for line in self.noise.splitlines() if line.strip()]
        words = [line.split(maxsplit=1) for line in self.drivers.splitlines() if line.strip()]
        self.drivers = {name.replace("-", "_"): " ".join(rest) for name, *rest in words}
        self.rebuilt = self.rebuilt.split()
        self.checks = dict(parser["checks"])
        self.skips = dict(parser["skips"]) if parser.has_section("skips") else {}
        if not self.checks:
            raise Failure(f"{path}: a guest without checks proves nothing")

    def keep_only(self, names):
        if names:
            self.checks = {name: self.checks[name] for name in names if name in self.checks}
            if not self.checks:
                raise Failure(f"{self.name} has no check {' '.join(names)}")

    def plan(self, drivers=()):
        """What init (or the runner itself, on a real board) does, one step a line. drivers: all
        that are loaded, in order; those that the description names have parameters there."""
        lines = []
        for name in drivers:
            lines.append(f"load {name} {self.drivers.get(name, '')}".strip())
        for module in self.modules:
            name, _, parameters = module.partition(" ")
            lines.append(f"load {name} {parameters}".strip())
        for name, command in self.checks.items():
            lines.append(f"check {name} {command}")
        return "\n".join(lines) + "\n"


def load(directory, names=()):
    known = {path.stem: path for path in sorted(directory.glob("*.conf"))}
    for name in names:
        if name not in known:
            raise Failure(f"no guest {name}; there are: {' '.join(known)}")
    return [Guest(known[name]) for name in (names or known)]
