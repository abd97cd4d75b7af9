# SPDX-License-Identifier: MIT
"""The Rust crates by Debian's compiler, without network.

usage: run.py BUILD test | found | refused | lint
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
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[3]
CRATES = SOURCE / "bindings" / "rust"
sys.path.insert(0, str(SOURCE / "test" / "tool"))

import played  # noqa: E402 - the path is set first


class Skip(Exception):
    """This cannot be tested here."""


class Rust:
    """The tools of /usr/bin: another compiler that comes first in PATH is not asked."""

    def __init__(self, build):
        self.target = pathlib.Path(build).resolve() / "rust"
        self.environment = {
            **os.environ, "PATH": "/usr/bin:/bin", "RUSTC": "/usr/bin/rustc", "RUSTDOC": "/usr/bin/rustdoc",
            "CARGO_HOME": str(self.target / "home"), "CARGO_TARGET_DIR": str(self.target),
            "CARGO_INCREMENTAL": "0", "CARGO_PROFILE_DEV_DEBUG": "0",
            "LIBPMEM_LIB_DIR": os.environ["LD_LIBRARY_PATH"].split(":")[0]}

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
        self.cargo("test", "-p", "libpmem", "--test", "coherence", "--", "--include-ignored",
                   LIBPMEM_DEBUG="coherence")
        if not root:
            raise Skip("only root is told addresses; what needs none was tested")
        self.cargo("test", "-p", "libpmem", "--doc")
        self.guide()

    def guide(self):
        """The programs of docs/bindings.md run as they are printed there."""
        text = (SOURCE / "docs/bindings.md").read_text(encoding="utf-8")
        programs = re.findall(r"^```rust.*?^```$", text, re.M | re.S)
        if len(programs) < 3 or len(programs[0].splitlines()) != 2 + 7:
            sys.exit(f"docs/bindings.md: {len(programs)} programs of Rust, the first not of seven lines")
        self.cargo("build", "-p", "libpmem")
        page = self.target / "bindings.md"
        page.write_text("\n\n".join(programs) + "\n", encoding="utf-8")
        done = subprocess.run([self.tool("rustdoc"), "--test", "--edition", "2021", *self.library(),
                               "-L", f"native={self.environment['LIBPMEM_LIB_DIR']}", page],
                              env=self.environment, check=False, text=True, stdout=subprocess.PIPE)
        print(done.stdout)
        if done.returncode or f"{len(programs)} passed" not in done.stdout:
            sys.exit("docs/bindings.md: a program fails")

    def library(self):
        """For a compiler that Cargo does not call."""
        return ["-L", f"dependency={self.target}/debug/deps",
                "--extern", f"libpmem={self.target}/debug/liblibpmem.rlib"]

    def found(self):
        """The build finds the library by pkg-config or LIBPMEM_LIB_DIR, and takes no other for it."""
        library = self.environment.pop("LIBPMEM_LIB_DIR")
        package = (f"libdir={library}\n{{}}Name: {{}}\nDescription: -\nVersion: 3.0.0\n"
                   f"Libs: -L${{{{libdir}}}} -lpmem\n")
        with tempfile.TemporaryDirectory() as work:
            def folder(name, provider=""):
                where = pathlib.Path(tempfile.mkdtemp(dir=work))
                where.joinpath(f"{name}.pc").write_text(package.format(provider, name), encoding="utf-8")
                return str(where)

            other = pathlib.Path(tempfile.mkdtemp(dir=work))
            other.joinpath("libpmem.so.1").touch()
            other.joinpath("libpmem.so").symlink_to("libpmem.so.1")
            stray = pathlib.Path(tempfile.mkdtemp(dir=work))
            stray.joinpath("libpmem.so.3").touch()
            stray.joinpath("libpmem.so").symlink_to(other / "libpmem.so.1")
            ours = "provider=physical-memory\n"
            for words, expected in (
                    ({"PKG_CONFIG_LIBDIR": folder("libpmem-3")}, None),
                    ({"PKG_CONFIG_LIBDIR": folder("libpmem", ours)}, None),
                    ({"PKG_CONFIG_LIBDIR": folder("libpmem")}, "finds no libpmem-3"),
                    ({"PKG_CONFIG": "/bin/false"}, "or name the folder"),
                    ({"LIBPMEM_LIB_DIR": str(other)}, "there is no libpmem.so.3"),
                    ({"LIBPMEM_LIB_DIR": str(stray)}, "has neither libpmem-3.so nor our libpmem.so"),
                    ({"LIBPMEM_LIB_DIR": library}, None)):
                self.link(words, expected)

    def link(self, words, expected):
        """Link the tests of the lower crate, and run one; or be refused, with a sentence."""
        self.tool("rustc")
        done = subprocess.run(
            [self.tool("cargo"), "test", "--offline", "--locked", "-p", "libpmem-sys", "--lib", "ours"],
            cwd=CRATES, text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**self.environment, "CARGO_TARGET_DIR": str(self.target / "found"), **words})
        good = "1 passed" in done.stdout if expected is None else expected in done.stdout
        if not good or (done.returncode == 0) != (expected is None):
            sys.exit(f"{words}: exit {done.returncode}, {expected} expected\n{done.stdout}")
        print(f"ok: {words}: {expected or 'linked'}")

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
             "--cfg", case, *self.library(), "-o", self.target / f"{case}.rmeta", source],
            text=True, capture_output=True, check=False, env=self.environment)
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
        if subprocess.run(["/usr/bin/rustfmt", "--check", "--edition", "2021",
                           pathlib.Path(__file__).with_name("refused.rs")],
                          env=self.environment, check=False).returncode:
            sys.exit("rustfmt would change refused.rs")
        self.cargo("clippy", "--workspace", "--all-targets", "--", "-D", "warnings")
        self.cargo("doc", "--workspace", "--no-deps", RUSTDOCFLAGS="-D warnings")


def main(arguments):
    if len(arguments) < 2 or arguments[1] not in ("test", "found", "refused", "lint", "cargo"):
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
