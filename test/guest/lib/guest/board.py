# SPDX-License-Identifier: MIT
"""The checks on this machine itself: for the owner of a real board."""

import os
import platform
import shlex
import subprocess

from .say import Failure
from .target import Target, here
from .transcript import Transcript


class Board:
    """Stands where a guest stands in the report; a real board may lack anything."""

    def __init__(self, commands):
        self.name = "here"
        self.about = "this machine"
        self.modules, self.noise = [], []
        self.checks = {}
        for command in commands:
            name = command.split()[0]
            self.checks[name if name not in self.checks else command] = command


def run(commands, source, build):
    """Runs each command, such as "soc --family bcm2711", and reads it as a guest's console."""
    target = Target(here(), source, build)
    programs = {path.name: path for path in target.make()}
    board = Board(commands)
    env = dict(os.environ, LD_LIBRARY_PATH=str(target.made / "lib"))
    text = f"KERNEL {platform.release()}\n"
    for name, command in board.checks.items():
        words = shlex.split(command)
        program = programs.get(f"check-{words[0]}")
        if not program:
            known = " ".join(sorted(p[6:] for p in programs if p.startswith("check-")))
            raise Failure(f"no check {words[0]}; there are: {known}")
        got = subprocess.run([program, *words[1:]], env=env, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True)
        print(got.stdout, end="", flush=True)
        code = got.returncode if got.returncode >= 0 else 128 - got.returncode
        text += f"BEGIN {name}\n{got.stdout}\nEND {name} rc={code}\n"
    transcript = Transcript(text)
    if not transcript.count("ok"):
        transcript.problems.append("no check was passed")
    return board, transcript
