# SPDX-License-Identifier: MIT
"""Findings that are none: lists of them, each with the reason why, that the scripts of this folder look into."""

import os

ENOUGH = 4  # words of a reason


class Known:
    """A file of lines "A | B | C | why": what is found as (A, B, C) is known."""

    def __init__(self, path):
        self.name, self.keys, self.status = path.name, set(), 0
        for line in path.read_text().splitlines():
            if not line or line.startswith("#"):
                continue
            columns = [column.strip() for column in line.split("|")]
            if len(columns) != 4 or len(columns[3].split()) < ENOUGH:
                self.bad(f"{self.name}: no reason: {line}")
            self.keys.add(tuple(columns[:3]))

    def bad(self, text):
        print(text)
        self.status = 1

    def compare(self, found, asked=lambda key: True):
        """Tell what of {key: message} is not known, and what is known, was asked for, and is not found any more."""
        for key in sorted(found.keys() - self.keys):
            self.bad(found[key])
        for key in sorted(self.keys - found.keys()):
            if asked(key):
                self.bad(f"{self.name}: not found any more: {' | '.join(key)}")
        figure("analysers.explained", len(self.keys))


def figure(name, value):
    """For docs/testing.md, see test/figures/figures.py."""
    if os.environ.get("PMEM_FIGURES"):
        with open(os.environ["PMEM_FIGURES"], "a") as figures:
            figures.write(f"{name}\t{value}\n")
