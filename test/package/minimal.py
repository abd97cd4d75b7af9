#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Builds the Debian packages as a builder does: with their tests, or with nocheck without them, in a root of a
Debian suite that holds nothing but the essential packages and what debian/control names.

usage: minimal.py PROJECT_DIR SUITE FOLDER [nocheck]. The packages are left in the folder. Exit 77: such a root
cannot be made here, and why. The root is made once and kept in the cache of the guests, until Build-Depends
changes.
"""

import pathlib
import re
import shutil
import sys

from root import Root, enter_namespace, make_root


def build(project, root, options):
    tree = root.path / "build" / "libpmem"
    shutil.copytree(project, tree, symlinks=True,
                    ignore=lambda folder, names: [n for n in names if n == ".git" or
                                                  (n == "build" and pathlib.Path(folder) == project)])
    return root.run(f"cd /build/libpmem && DEB_BUILD_OPTIONS='nodoc {options}' dpkg-buildpackage -b -us -uc -j2 -Pnodoc")


def main():
    enter_namespace()
    project, suite, kept = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2], pathlib.Path(sys.argv[3])
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(parents=True)
    root = Root(make_root(project, suite))
    options = " ".join(sys.argv[4:])
    done = build(project, root, options)
    ran = re.findall(r"tests passed, (\d+) tests failed out of (\d+)", done.stdout)
    debs = sorted(path.name for path in (root.path / "build").glob("*.deb"))
    print("\n".join(done.stdout.splitlines()[-25:] if done.returncode else debs))
    if done.returncode != 0 or bool(ran) == ("nocheck" in options) or (ran and int(ran[-1][1]) < 40):
        print(f"FAILED: dpkg-buildpackage: {done.returncode}, tests: {ran}")
        return 1
    if any(name.startswith("libpmem-doc_") for name in debs):
        print("FAILED: libpmem-doc was built, although nothing that makes it is there")
        return 1
    for name in debs:
        shutil.copy(root.path / "build" / name, kept)
    print(f"ok: {suite}, {ran[-1][1] if ran else 'no'} tests")
    return 0 if len(debs) >= 3 else 1


if __name__ == "__main__":
    sys.exit(main())
