#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the same program in C and in other languages, and compares what they print.

usage: table.py LANGUAGE...     (LD_LIBRARY_PATH begins with the folder of libpmem.so.3)
Exit 77: a language is not installed, or this machine gives the C program no memory.
"""

import subprocess
import sys
import tempfile

from listed import command, installed, lines


class Skip(Exception):
    """This cannot be tested here."""


def run(words, timeout=120):
    done = subprocess.run(words, text=True, capture_output=True, check=False, timeout=timeout,
                          errors="replace")
    return done.returncode, done.stdout, done.stderr


def made(language, work):
    """The command of a language's program, which is built."""
    program = None
    for line in lines("programs.txt"):
        name, kind, text = line.split(None, 2)
        if name != language:
            continue
        words = command(text, work)
        if not installed(words) and kind != "run":
            raise Skip(f"{language}: {words[0]} is not installed")
        if kind == "run":
            program = words
            continue
        status, out, err = run(words, 280)
        if status and kind == "need":
            raise Skip(f"{language}: {' '.join(words)}: {err or out}")
        if status:
            sys.exit(f"{language}: {' '.join(words)}: exit {status}\n{out}{err}")
    if program is None:
        sys.exit(f"{language}: no such program in programs.txt")
    if not installed(program):
        raise Skip(f"{language}: {program[0]} is not installed")
    return program


def differences(language, row, want, got):
    """What is wrong with the outcome of a row."""
    if got[0] != want[0]:
        yield f"exit {got[0]}, not {want[0]}"
    if got[1] != want[1]:
        yield f"prints\n{got[1]}but C\n{want[1]}"
    if want[0] and not got[2].strip():
        yield "nothing on stderr says why"
    if want[0] == 0 and got[2].strip():
        yield "something on stderr"


def main(languages):
    rows = [line.split() for line in lines("table.txt")]
    failed = 0
    with tempfile.TemporaryDirectory() as work:
        reference = made("c", work)
        wanted = [run(reference + row) for row in rows]
        for language in languages:
            program = made(language, work)
            for row, want in zip(rows, wanted):
                got = run(program + row)
                wrong = list(differences(language, row, want, got))
                failed += bool(wrong)
                print(f"{'FAILED' if wrong else 'ok'}: {language} {' '.join(row)}")
                if wrong:
                    print("\n".join(wrong), got[2], sep="\n")
    statuses = {want[0] for want in wanted}
    if not failed and not {1, 2} <= statuses:
        sys.exit("the C program was refused nothing: the table proves too little")
    if not failed and 0 not in statuses:
        raise Skip(f"no row gives memory here: {wanted[0][2]}")
    print(f"{len(rows)} rows, {failed} failures")
    return 1 if failed or not languages else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Skip as why:
        print(f"SKIPPED: {why}")
        sys.exit(77)
