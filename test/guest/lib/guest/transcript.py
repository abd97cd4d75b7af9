# SPDX-License-Identifier: MIT
"""Reads what a guest printed and decides whether it is good."""

import re

TROUBLE = re.compile(r"WARNING: |BUG: |\bOops\b|Kernel panic|Unable to handle kernel"
                     r"|Internal error: |blocked for more than|general protection fault")
CHECKS_BEGIN = "guest: checks begin"
# Documentation/admin-guide/tainted-kernels.rst: 12 out-of-tree module, 13 unsigned module
TAINT_OWN_MODULES = 1 << 12 | 1 << 13


class Check:
    def __init__(self, name, verdict, reason=""):
        self.name, self.verdict, self.reason = name, verdict, reason


class Transcript:
    """checks: list of Check; outputs: program -> text; problems: what else is wrong."""

    def __init__(self, text):
        self.kernel = "?"
        self.soc = "-"
        self.checks = []
        self.outputs = {}
        self.problems = []
        self.dmesg = []
        self.taint = {}
        self.sentinel = False
        self.read(text.splitlines())

    def read(self, lines):
        program, own, in_dmesg = None, 0, False
        for line in lines:
            word, _, rest = line.partition(" ")
            if in_dmesg and word != "END-DMESG":
                self.dmesg.append(line)
            elif word == "BEGIN-DMESG":
                in_dmesg = True
            elif word == "END-DMESG":
                in_dmesg = False
            elif word == "BEGIN":
                program, own = rest.split(" ")[0], 0
                self.outputs[program] = ""
            elif word == "END":
                self.end(program, own, rest)
                program = None
            elif word == "CHECK" and program:
                self.check(program, rest)
                own += 1
            elif word == "SOC":
                self.soc = rest
            elif program:
                self.outputs[program] += line + "\n"
            else:
                self.fact(word, rest)
        if program:
            self.problems.append(f"{program} did not end")

    def check(self, program, rest):
        name, verdict, reason = (rest.split(" ", 2) + ["", ""])[:3]
        self.checks.append(Check(f"{program}.{name}", verdict, reason.strip()))
        if verdict not in ("ok", "FAIL", "SKIP"):
            self.problems.append(f"unreadable line: CHECK {rest}")

    def end(self, program, own, rest):
        """A program without CHECK lines is one check: 0 ok, 77 skip, as in automake."""
        code = rest.rpartition("rc=")[2]
        told = [c for c in self.checks[len(self.checks) - own:] if own and c.verdict == "FAIL"]
        last = (self.outputs.get(program, "").strip().splitlines() or ["no output"])[-1]
        if code == "77" and not own:
            self.checks.append(Check(program, "SKIP", last))
        elif code != "0" and not told:
            self.checks.append(Check(program, "FAIL", f"exit status {code}: {last}"))
        elif not own:
            self.checks.append(Check(program, "ok"))

    def fact(self, word, rest):
        if word == "KERNEL":
            self.kernel = rest.split(" ")[0]
        elif word == "TAINT":
            when, _, value = rest.partition(" ")
            self.taint[when] = int(value)
        elif word == "NOTLOADED":
            self.problems.append(f"module {rest} did not load")
        elif word == "GUEST-DONE":
            self.sentinel = True

    def judge(self, guest):
        """Adds to the problems what this guest's description does not allow."""
        self.judge_kernel(guest)
        for check in self.checks:
            if check.verdict == "SKIP" and check.name not in guest.skips:
                self.problems.append(f"{check.name} was skipped, which {guest.name}.conf does "
                                     f"not foresee: {check.reason}")
        if not any(check.verdict == "ok" for check in self.checks):
            self.problems.append("no check was passed")
        for name in guest.checks:
            if name not in self.outputs:
                self.problems.append(f"{name} was not run")

    def judge_kernel(self, guest):
        if not self.sentinel:
            self.problems.append("no sentinel")
            return
        checking = False
        for line in self.dmesg:
            checking = checking or CHECKS_BEGIN in line
            noise = not checking and any(re.search(known, line) for known in guest.noise)
            if TROUBLE.search(line) and not noise:
                self.problems.append(f"kernel: {line}")
        if not checking:
            self.problems.append("the kernel's messages are not complete")
        before, after = self.taint.get("before", -1), self.taint.get("after", -1)
        allowed = guest.taint | (TAINT_OWN_MODULES if guest.modules or guest.rebuilt else 0)
        if before < 0 or after < 0 or after & ~before & ~allowed:
            self.problems.append(f"kernel taint {before} became {after}")

    def count(self, verdict):
        return sum(check.verdict == verdict for check in self.checks)

    def good(self):
        return not self.problems and not self.count("FAIL")
