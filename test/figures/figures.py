#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The figures of docs/testing.md: how much was tried, made by the runs that tried it.

A test that counts appends lines "NAME<TAB>VALUE" to the file that PMEM_FIGURES names (test_figure() of
test/harness/figures.h does it). Whole numbers of one name are added up, of others the last one counts. test/figures/rows
tells what each name means, by which command it is made, and whether CI makes it. test/figures/kept holds
those of the last runs that somebody looked at.

usage: figures.py show FIGURES...        what these files say, as a table
       figures.py keep FIGURES...        puts them into kept, and the tables into docs/testing.md
       figures.py write                  puts the tables of what is kept into docs/testing.md
       figures.py check                  docs/testing.md is what `write` writes, and each row has a figure
       figures.py compare FIGURES...     CI made each figure that it should, none smaller than 9/10 of what is kept
"""

import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
PAGE = HERE.parent.parent / "docs" / "testing.md"


def rows():
    """(name, who makes it, section, what, command) of each line of rows."""
    found = []
    for line in (HERE / "rows").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            found.append([field.strip() for field in line.split("|")])
            if len(found[-1]) != 5 or found[-1][1] not in ("ci", "hand"):
                sys.exit(f"rows: not NAME | ci or hand | SECTION | WHAT | COMMAND: {line}")
    return found


def number(value):
    return int(value) if re.fullmatch(r"\d+", value) else None


def read(paths):
    figures = {}
    for path in paths:
        for line in pathlib.Path(path).read_text().splitlines():
            name, _, value = line.partition("\t")
            if number(value) is not None and number(figures.get(name, "0")) is not None:
                value = str(number(figures.get(name, "0")) + number(value))
            figures[name] = value
    return figures


def shown(value):
    return f"{number(value):,}" if number(value) is not None else value


def tables(figures):
    """One table for each section, in the order of rows."""
    texts = {}
    for name, who, section, what, command in rows():
        line = f"| {what} | {shown(figures.get(name, 'not made'))} | `{command}`{'' if who == 'ci' else ', by hand'} |"
        texts.setdefault(section, ["| what | how much | made by |", "|---|---:|---|"]).append(line)
    return {section: "\n".join(lines) for section, lines in texts.items()}


def page(text, figures):
    """The page with each table between <!-- figures: SECTION --> and <!-- end -->."""
    made = tables(figures)

    def table(match):
        if match[1] not in made:
            sys.exit(f"docs/testing.md: no row has the section {match[1]}")
        return f"<!-- figures: {match[1]} -->\n{made.pop(match[1])}\n<!-- end -->"

    text = re.sub(r"<!-- figures: (.*?) -->\n.*?<!-- end -->", table, text, flags=re.S)
    if made:
        sys.exit(f"docs/testing.md: has no place for {', '.join(made)}")
    return text


def keep(figures):
    text = "".join(f"{name}\t{value}\n" for name, value in sorted(figures.items()))
    (HERE / "kept").write_text(text)


def less(kept, made):
    """Sentences about figures that CI should have made."""
    for name, who, *_ in rows():
        if who != "ci":
            continue
        if name not in made:
            yield f"{name}: this run made no such figure"
        elif number(made[name]) is not None and 10 * number(made[name]) < 9 * (number(kept.get(name, "0")) or 0):
            yield f"{name}: {made[name]}, far less than the {kept[name]} of test/figures/kept"


def main(words):
    what, paths = (words or [""])[0], words[1:]
    kept = read([HERE / "kept"])
    if what == "show" and paths:
        print("\n\n".join(tables(read(paths)).values()))
        return 0
    known = {name for name, *_ in rows()}
    if what in ("keep", "write"):
        unknown = set(read(paths)) - known
        if unknown:
            sys.exit(f"rows has no {', '.join(sorted(unknown))}")
        kept = {name: value for name, value in {**kept, **read(paths)}.items() if name in known}
        keep(kept)
        PAGE.write_text(page(PAGE.read_text(), kept))
        return 0
    if what == "check" and not paths:
        bad = [f"{name}: no figure is kept" for name in sorted(known - set(kept))]
        if page(PAGE.read_text(), kept) != PAGE.read_text():
            bad.append("docs/testing.md: not what `test/figures/figures.py write` writes")
    elif what == "compare" and paths:
        bad = list(less(kept, read(paths)))
    else:
        print(__doc__, file=sys.stderr)
        return 2
    print("\n".join(bad), end="\n" if bad else "")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
