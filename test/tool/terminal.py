# SPDX-License-Identifier: MIT
"""A terminal of a few escapes, for what a command shows there: the screen as text."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time


class Screen:
    """What stands where; marked holds the places in reverse video."""

    def __init__(self):
        self.lines, self.marked, self.row, self.column, self.reverse = [""], set(), 0, 0, False

    def put(self, char):
        line = self.lines[self.row].ljust(self.column)
        self.lines[self.row] = line[:self.column] + char + line[self.column + 1:]
        place = (self.row, self.column)
        (self.marked.add if self.reverse else self.marked.discard)(place)
        self.column += 1

    def escape(self, numbers, what):
        if what == "A":
            self.row -= int(numbers or 1)
        elif what == "K":
            self.lines[self.row] = self.lines[self.row][:self.column]
            self.marked = {place for place in self.marked if place[0] != self.row or place[1] < self.column}
        elif what == "m":
            self.reverse = numbers == "7"
        else:
            raise AssertionError(f"what does \\033[{numbers}{what} do?")

    def feed(self, text):
        for escape, char in re.findall(r"(\x1b\[[0-9]*[A-Za-z])|([^\x1b])", text):
            if escape:
                self.escape(escape[2:-1], escape[-1])
            elif char == "\n":
                self.row += 1
                self.lines += [""] * (self.row + 1 - len(self.lines))
            elif char == "\r":
                self.column = 0
            else:
                self.put(char)

    def text(self):
        return "\n".join(line.rstrip() for line in self.lines).rstrip() + "\n"


class Terminal:
    """A command on a pseudo-terminal."""

    def __init__(self, *args, rows=24, columns=100, **env):
        self.ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        environment = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM")}
        self.process = subprocess.Popen([os.environ["PHYSMEM"], *args], stdin=theirs, stdout=theirs,
                                        stderr=subprocess.PIPE, text=True,
                                        env={**environment, "TERM": "xterm", "LC_ALL": "C", **env})
        os.close(theirs)
        self.raw = ""

    def screen(self):
        screen = Screen()
        screen.feed(self.raw)
        return screen

    def read(self, seconds):
        """false: nothing came, or it is the end."""
        if not select.select([self.ours], [], [], seconds)[0]:
            return False
        try:
            got = os.read(self.ours, 65536).decode()
        except OSError:  # Linux: the other side was closed
            return False
        self.raw += got
        return bool(got)

    def wait_for(self, condition, seconds=30):
        """Until condition(screen) holds; false: it never did."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.read(0.2)
            if condition(self.screen()):
                return True
        return False

    def end(self, sig=signal.SIGINT):
        """Its exit status and its words, after a signal if there is one."""
        if sig:
            self.process.send_signal(sig)
        while self.read(2):
            pass
        words = self.process.communicate(timeout=30)[1]
        os.close(self.ours)
        return self.process.returncode, words
