#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What an analyser, a compiler or a run of CI is told to leave out has its reason beside it.

usage: suppressed.py PROJECT_DIR

Beside it: in the rest of the line after the words of the suppression, or in the comment right above it. In
CMakePresets.json can hold no comment: cmake/stages says why where the same is run. In
.clang-tidy, which is one text for YAML, it is a line "# NAME: reason" above for each check that is left out.
"""

import os
import pathlib
import re
import sys

LEFT_OUT = {".git", "build", "node_modules", ".pc", "cache"}
CODE = r"\.(c|h|cc|hpp)$"
SCRIPT = r"(\.sh|\.py|/[^./]+|CMakeLists\.txt|\.cmake|rules)$"
# Where, what a suppression looks like (all of it, without the reason), and what it is called.
KINDS = (
    (CODE, r"cppcheck-suppress(\[[^]]*\]|\s+\w+)", "cppcheck"),
    (CODE, r"NOLINT(NEXTLINE|BEGIN|END)?\b(\([^)]*\))?", "clang-tidy"),
    (CODE, r"#\s*pragma (GCC|clang) diagnostic ignored \"[^\"]*\"", "a warning"),
    (CODE, r"__attribute__\(\(no_sanitize[^)]*\)+|no_sanitize\w*\b", "a sanitizer"),
    (r"\.py$", r"#\s*(noqa(:\s*[A-Z]+\d+)?|type:\s*ignore(\[\S+\])?|pylint:\s*disable=\S+)", "a check of Python"),
    (r"\.rs$", r"#!?\[allow\([^)]*\)\]", "a warning of Rust"),
    (r"\.(m?js|ts)$", r"(eslint-disable|@ts-ignore|@ts-expect-error)\S*", "a check of JavaScript"),
    (SCRIPT, r"shellcheck disable=[\w,]+", "shellcheck"),
    (SCRIPT, r"(?<!\S)\"?-Wno-[\w-]+", "a warning"),
    (SCRIPT, r"--suppress(ions)?=\S+", "an analyser"),
    (SCRIPT, r"-fno-sanitize=\S+|(detect_leaks|handle_\w+|detect_\w+)=0", "a sanitizer"),
    (r"^cmake/stages$", r"\s-E '\^unit[^']*'", "tests"),
    (r"\.supp$", r"^\{$", "valgrind"),
    (r"suppressions\.ini$", r"^\[suppress_\w+\]", "a change of the ABI"),
    (r"lintian-overrides$", r"^[^#\s].*", "lintian"),
    (r"^test/emulated$", r"^(tags|without): .*", "tests"),
    (r"^\.codespellrc$", r"^(skip|ignore-words) = .*", "codespell"),
)
KINDS = tuple((re.compile(where), re.compile(what), name) for where, what, name in KINDS)
COMMENT = re.compile(r"^\s*(#(?!\s*(pragma|if|endif|else|define|include|!))|//|/\*|\*(?!\w)|;)")
STARTER = re.compile(r"(?<!\S)#(?![!\[])|//|/\*|;")
PRAGMA = re.compile(r"#\s*pragma")
LICENCE = re.compile(r"SPDX-License-Identifier: \S+")
WORD = re.compile(r"[A-Za-z][A-Za-z'()_-]+")


def words(text):
    return WORD.findall(text)


def comment_above(lines, at, kinds):
    """The comment above line at; other suppressions and pragmas may stand between."""
    found = []
    while at > 0:
        line = lines[at - 1]
        if COMMENT.match(line):
            found.append(line)
        elif found or not (PRAGMA.match(line) or any(what.search(line) for _, what, _ in kinds)):
            break
        at -= 1
    return " ".join(found)


def reason(lines, at, match, kinds, cmake):
    """What is said beside a suppression, in a comment: the command that it is an argument of is no reason."""
    before, rest = lines[at][:match.start()], lines[at][match.end():]
    in_comment = STARTER.search(before + match.group()[:2])
    start = STARTER.search(rest)
    own = rest if in_comment else rest[start.end():] if start else ""
    first = at
    while first > 0 and (lines[first - 1].rstrip().endswith("\\") or cmake and lines[first][:1] in " \t"):
        first -= 1  # the command begins above
    return own + " " + LICENCE.sub("", comment_above(lines, first, kinds))


def look_at_tidy(path, bad):
    text = path.read_text()
    told = set(re.findall(r"^# ([\w.-]+): \S+ \S+", text, re.MULTILINE))
    checks = re.findall(r"^\s+-([a-z][\w.-]+),?$", text, re.MULTILINE)
    for check in checks:
        if check not in told:
            bad(f".clang-tidy: no reason for -{check}")
    return len(checks)


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    root, count, status = pathlib.Path(sys.argv[1]), 0, 0

    def bad(text):
        nonlocal status
        print(text)
        status = 1

    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if LEFT_OUT & set(path.relative_to(root).parts) or not path.is_file():
            continue
        kinds = [kind for kind in KINDS if kind[0].search("/" + name) or kind[0].search(name)]
        if not kinds or path.name in ("suppressed.py", "lint_fails.sh"):
            continue
        try:
            lines = path.read_text().splitlines()
        except UnicodeDecodeError:
            continue
        for at, line in enumerate(lines):
            for _, what, kind in kinds:
                for match in what.finditer(line):
                    count += 1
                    if not words(reason(lines, at, match, kinds, path.suffix == ".cmake" or path.name == "CMakeLists.txt")):
                        bad(f"{name}:{at + 1}: no reason beside it: {kind}: {match.group().strip()}")
    count += look_at_tidy(root / ".clang-tidy", bad)
    if os.environ.get("PMEM_FIGURES"):  # for docs/testing.md, see test/figures/figures.py
        with open(os.environ["PMEM_FIGURES"], "a") as figures:
            figures.write(f"analysers.suppressions\t{count}\n")
    print(f"{count} suppressions")
    return status or count < 20


if __name__ == "__main__":
    sys.exit(main())
