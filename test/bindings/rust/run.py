# SPDX-License-Identifier: MIT
"""The Rust crates by Debian's compiler, without network.

usage: run.py BUILD test | refused | lint
       run.py BUILD cargo ARGUMENT...
BUILD is the folder of the build, below which Cargo builds; LD_LIBRARY_PATH begins with the folder of the
library. Exit 77: there is no such compiler, or only root is told what the test asks for.
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[3]
CRATES = SOURCE / "bindings" / "rust"
sys.path.insert(0, str(SOURCE / "test" / "tool"))

import played  # noqa: E402


class Skip(Exception):
    """This cannot be tested here."""


class Rust:
    """The tools of /usr/bin: another compiler that comes first in PATH is not asked."""

    def __init__(self, build):
        self.target = pathlib.Path(build).resolve() / "rust"
        self.environment = {
            **os.environ, "PATH": "/usr/bin:/bin", "RUSTC": "/usr/bin/rustc", "RUSTDOC": "/usr/bin/rustdoc",
            "CARGO_HOME": str(self.target / "home"), "CARGO_TARGET_DIR": str(self.target),
            "CARGO_INCREMENTAL": "0", "PMEM_LIB_DIR": os.environ["LD_LIBRARY_PATH"].split(":")[0]}

    def tool(self, name):
        if not os.access(f"/usr/bin/{name}", os.X_OK):
            raise Skip(f"/usr/bin/{name} is not installed")
        return f"/usr/bin/{name}"

    def cargo(self, *words, check=True, **environment):
        self.tool("rustc")
        command = [self.tool("cargo"), words[0], "--offline", "--locked", *words[1:]]
        done = subprocess.run(command, cwd=CRATES, env={**self.environment, **environment}, check=False)
        if check and done.returncode:
            sys.exit(f"{' '.join(command)}: exit {done.returncode}")
        return done.returncode

    def test(self):
        """Both layers, their programs in comments and in docs/bindings.md, and a played machine."""
        root = os.geteuid() == 0
        everything = ["--include-ignored"] if root else []
        self.cargo("test", "--workspace", "--lib", "--test", "library", "--", *everything)
        machine = played.Machine()
        try:
            self.cargo("test", "-p", "libpmem", "--test", "played", "--", "--include-ignored",
                       LIBPMEM_ROOT=machine.root)
        finally:
            machine.close()
        if not root:
            raise Skip("only root is told addresses; what needs none was tested")
        self.cargo("test", "-p", "libpmem", "--doc")

    def refused(self):
        """Each case of refused.rs has the error that it names, and no other."""
        self.cargo("build", "-p", "libpmem")
        source = pathlib.Path(__file__).with_name("refused.rs")
        cases = dict(re.findall(r"^// (\w+): (E\d+)$", source.read_text(encoding="utf-8"), re.M))
        cases["none"] = None
        named = set(re.findall(r"#\[cfg\((\w+)\)\]", source.read_text(encoding="utf-8")))
        if named != set(cases) - {"none"} or len(cases) < 20:
            sys.exit(f"cases and their lines differ: {sorted(named ^ set(cases))}")
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            found = list(pool.map(lambda name: self.codes(source, name), cases))
        wrong = [f"{name}: {sorted(codes)}, not {code}\n{text}" for (name, code), (codes, text)
                 in zip(cases.items(), found) if codes != ({code} if code else set())]
        print("\n".join([*wrong, f"{len(cases) - 1} cases, {len(wrong)} failures"]))
        if wrong:
            sys.exit(1)

    def codes(self, source, case):
        """The errors of the file that is compiled with one case."""
        done = subprocess.run(
            [self.tool("rustc"), "--edition", "2021", "--crate-type", "lib", "--emit", "metadata",
             "--cfg", case, "-L", f"dependency={self.target}/debug/deps", "-o",
             self.target / f"{case}.rmeta", "--extern", f"libpmem={self.target}/debug/liblibpmem.rlib",
             source], text=True, capture_output=True, check=False, env=self.environment)
        codes = set(re.findall(r"^error\[(E\d+)\]", done.stderr, re.M))
        plain = re.findall(r"^error: (?!aborting due to|could not compile)(.*)", done.stderr, re.M)
        return codes | set(plain) | ({"exit 0"} if done.returncode == 0 and codes else set()) | \
            ({"exit"} if done.returncode and not codes else set()), done.stderr

    def lint(self):
        """clippy and rustfmt find nothing."""
        self.tool("clippy-driver")
        self.tool("rustfmt")
        if subprocess.run(["/usr/bin/cargo", "fmt", "--all", "--check"], cwd=CRATES, env=self.environment,
                          check=False).returncode:
            sys.exit("cargo fmt --all would change files")
        # refused.rs is no part of a crate.
        if subprocess.run(["/usr/bin/rustfmt", "--check", "--edition", "2021", "--config-path",
                           CRATES / "rustfmt.toml", pathlib.Path(__file__).with_name("refused.rs")],
                          env=self.environment, check=False).returncode:
            sys.exit("rustfmt would change refused.rs")
        self.cargo("clippy", "--workspace", "--all-targets", "--", "-D", "warnings")
        self.cargo("doc", "--workspace", "--no-deps", RUSTDOCFLAGS="-D warnings")


def main(arguments):
    if len(arguments) < 2 or arguments[1] not in ("test", "refused", "lint", "cargo"):
        sys.exit(__doc__)
    rust = Rust(arguments[0])
    if arguments[1] == "cargo":
        rust.cargo(*arguments[2:])
    else:
        getattr(rust, arguments[1])()


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Skip as why:
        print(f"SKIPPED: {why}")
        sys.exit(77)
