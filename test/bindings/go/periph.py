#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The ways of docs/periph.md to build a program for periph with this package: each is done as it is
written there, with a module that stands for periph's, and with a driver of it that imports pmem too. And the
programs of docs/bindings.md: each is built and run.

Run by env.sh, which allows no download; here the stand-in is downloaded, from a folder.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

SOURCE = pathlib.Path(os.environ["SOURCE"])
INSTALLED = "/usr/share/gocode/src/libpmem/pmem"
MODULE = "periph.io/x/host/v3"
STAND_IN = {
    "go.mod": f"module {MODULE}\n\ngo 1.13\n",
    "pmem/pmem.go": """package pmem

import "errors"

type View struct{}

func Map(base uint64, size int) (*View, error) { return nil, errors.New("the old one") }
""",
    "driver/driver.go": """package driver

import "periph.io/x/host/v3/pmem"

func Try() string {
	_, err := pmem.Map(0, 0)
	return err.Error()
}
"""}
ALONE = """package main

import (
	"fmt"

	"periph.io/x/host/v3/pmem"
)

func main() {
	_, err := pmem.Map(0, 0)
	fmt.Println("program:", err)
}
"""
BOTH = ALONE.replace('\t"periph.io', '\t"periph.io/x/host/v3/driver"\n\t"periph.io').replace(
    "\n}\n", '\n\tfmt.Println("driver:", driver.Try())\n}\n')
NEW, OLD = "the size is 0", "the old one"


def proxy(folder):
    """The stand-in as a module that can be downloaded."""
    at = folder / MODULE / "@v"
    at.mkdir(parents=True)
    (at / "list").write_text("v3.8.0\n")
    (at / "v3.8.0.mod").write_text(STAND_IN["go.mod"])
    (at / "v3.8.0.info").write_text(json.dumps({"Version": "v3.8.0"}))
    with zipfile.ZipFile(at / "v3.8.0.zip", "w") as file:
        for name, text in STAND_IN.items():
            file.writestr(f"{MODULE}@v3.8.0/{name}", text)


def run(where, script):
    done = subprocess.run(["sh", "-ec", script], cwd=where, text=True, check=False, timeout=250,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def program(where, text, name="main.go"):
    """A module with that program, which has periph's as it was."""
    where.mkdir()
    (where / name).write_text(text)
    (where / "go.mod").write_text(f"module example.org/{where.name}\n\ngo 1.17\n\nrequire {MODULE} v3.8.0\n")
    status, out = run(where, "go mod tidy && go run .")
    if status or NEW in out or OLD not in out:
        sys.exit(f"the stand-in is not used before: {out}")
    return where


def blocks(page, language):
    text = (SOURCE / "docs" / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.S | re.M)


def recipes(work):
    """Each way, as it is written."""
    ways = [one.replace(INSTALLED, str(SOURCE / "bindings/go")) for one in blocks("periph.md", "sh")]
    if len(ways) != 4:
        sys.exit(f"docs/periph.md has {len(ways)} ways")
    expected = [(ALONE, [NEW]), (BOTH, [NEW, NEW]), (BOTH, [NEW, NEW]), (BOTH, [NEW, OLD])]
    for number, (way, (text, want)) in enumerate(zip(ways, expected), 1):
        where = program(work / f"way{number}", text)
        status, out = run(where, way + "go run .")
        found = re.findall(f"{NEW}|{OLD}", out)
        print(f"way {number}: exit {status}: {found}")
        if status or found != want:
            yield f"way {number} gives {found}, not {want}:\n{out}"
    where = program(work / "ambiguous", BOTH)
    status, out = run(where, ways[0].replace(f"go mod edit -droprequire={MODULE}\n", "") +
                      "go mod tidy")
    print(f"first way with drivers: exit {status}")
    if status == 0 or "ambiguous import" not in out:
        yield f"the first way works where docs/periph.md says that it does not:\n{out}"


def documents(work):
    """The programs of docs/bindings.md."""
    texts = [one for one in blocks("bindings.md", "go") if one.startswith("package main")]
    if len(texts) < 2:
        sys.exit(f"docs/bindings.md has {len(texts)} programs")
    for number, text in enumerate(texts, 1):
        where = work / f"document{number}"
        where.mkdir()
        (where / "main.go").write_text(text)
        (where / "go.mod").write_text(
            f"module example.org/document\n\ngo 1.17\n\nrequire libpmem/pmem v0.0.0\n\n"
            f"replace libpmem/pmem => {SOURCE}/bindings/go\n")
        status, out = run(where, "gofmt -l . && go vet . && go run .")
        print(f"program {number}: exit {status}: {out.strip()}")
        if status or "main.go" in out:
            yield f"program {number} of docs/bindings.md: exit {status}\n{out}"


def main():
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        proxy(work / "proxy")
        os.environ.update(GOPROXY=f"file://{work}/proxy", GOMODCACHE=f"{work}/modules")
        wrong = [*recipes(work), *documents(work)]
    print("\n".join(wrong + [f"{len(wrong)} failures"]))
    if wrong:
        return 1
    if os.geteuid():
        print("SKIPPED: programs that ask for addresses need root")
        return 77
    return 0


if __name__ == "__main__":
    sys.exit(main())
