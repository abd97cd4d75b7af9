#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Mutation testing of lib/: small faults, made of clang's AST one after the other; does any suite see them?

usage: mutants.py list [FILE...]           all mutants, as made.py makes them
       mutants.py run [-n N] [-j N] [-x PART,...] [FILE...]
                                           the first N (default 4) of each file in the order of a hash of their names; results
                                           go to build/mutants/results, and what is there already is not run again; -x leaves
                                           out suites whose names hold one of these texts
       mutants.py again [-j N] [-s SUITE,...] [NAME-PART...]
                                           the survivors again (those whose names hold one of these texts, with these suites only)
       mutants.py sanitized [-j N] [NAME-PART...]
                                           the same with the sanitizers of the preset mutants-asan: leaks, overruns
       mutants.py show                     survivors that nothing explains, and the figures
       mutants.py check                    each line of test/mutants/explained still has its line in lib/

`run` needs python3-clang, a build of the preset `mutants` in build/mutants, and build/reached.json (reached.py run). The
suites run with the played kernel, as nobody if root started it: a mutant must not reach the machine's settings.
With PMEM_FIGURES set, `show` adds its figures to that file.
"""

import collections
import concurrent.futures
import glob
import json
import os
import pathlib
import re
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time

import reached

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SANITIZED = sys.argv[1:2] == ["sanitized"]
BUILD = ROOT / "build" / ("mutants-asan" if SANITIZED else "mutants")
WORK = BUILD / "work"
RESULTS = ROOT / "build" / "mutants" / "results"
EXPLAINED = pathlib.Path(__file__).resolve().parent / "explained"
SECONDS = 60 if SANITIZED else 20
NOBODY = 65534
# As the preset asan; a suite's own table of backends is meant to stand in front of the library's.
SANITIZERS = "detect_leaks=1:strict_string_checks=1:handle_segv=0:detect_odr_violation=0"


def shell(command, **more):
    return subprocess.run(command, cwd=BUILD, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more).returncode


class Library:
    """The library's objects with all symbols visible, and the suites linked with it as a shared one."""

    def __init__(self):
        self.commands = {}
        self.sanitizers = ["-fsanitize=address,undefined"] if SANITIZED else []
        for entry in json.loads((BUILD / "compile_commands.json").read_text()):
            file = os.path.relpath(entry["file"], ROOT)
            if file.startswith("lib/"):
                words = [w for w in entry["command"].split() if not w.startswith("-W")]
                self.commands[file] = words[:words.index("-o")] + ["-w"]
        (WORK / "suites").mkdir(parents=True, exist_ok=True)
        self.renames = ["--redefine-sym", "sl_free=heap_sl_free"]
        for name in ("malloc", "calloc", "realloc", "reallocarray", "strdup", "strndup", "free"):
            self.renames += ["--redefine-sym", f"{name}=heap_{name}"]

    def objects(self, heap):
        return {file: WORK / ((file + (".heap.o" if heap else ".o")).replace("/", "-")) for file in self.commands}

    def compile(self, file, text, out, *more):
        """Beside the copy of the text; the file itself stays as it is. (-iquote: what it includes from its own folder.)"""
        source = out.with_suffix(".c")
        source.write_bytes(text)
        command = [*self.commands[file], *more, "-iquote", str((ROOT / file).parent), "-c", str(source), "-o", str(out)]
        return shell([w for w in command if w != "-MD"])

    def link(self, heap, folder, file=None, instead=None):
        name = "libheap.so" if heap else "libmutant.so"
        objects = {**self.objects(heap), **({file: instead} if file else {})}
        return shell(["cc", "-shared", f"-Wl,-soname,{name}", "-fuse-ld=lld", "-o", str(folder / name), *map(str, objects.values()),
                      *self.sanitizers, "-lbsd", "-pthread"])

    def with_heap(self, plain, heap):
        return shell(["objcopy", *self.renames, str(plain), str(heap)])

    def prepare(self, pool):
        plain, heap = self.objects(False), self.objects(True)

        def one(file):
            if self.compile(file, (ROOT / file).read_bytes(), plain[file]) or self.with_heap(plain[file], heap[file]):
                sys.exit(f"mutants: {file} does not compile")

        list(pool.map(one, self.commands))
        if self.link(False, WORK) or self.link(True, WORK):
            sys.exit("mutants: the library cannot be linked")
        # One program may be several suites, each with its own environment; one with arguments is given the library's file.
        tests = [(name, os.path.basename(command[0]), environment) for name, command, environment in reached.suites()
                 if command and len(command) == 1]
        programs = dict(filter(None, pool.map(self.program, sorted({target for _, target, _ in tests}))))
        return {name: (*programs[target], environment) for name, target, environment in tests if target in programs}

    def program(self, name):
        """(name, (program, with the counted heap?)), linked as its own command does it, but with our library."""
        said = subprocess.run(["ninja", "-C", str(BUILD), "-t", "commands", name], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL).stdout.decode()
        command = said.splitlines()[-1] if said else ""
        heap = "libpmem_heap.a" in command
        if "libpmem_internal.a" not in command:
            return None
        program = WORK / "suites" / name
        command = re.sub(r" -o \S+", f" -o {program} -fuse-ld=lld", command, count=1)
        if heap:
            command = command.replace("lib/libpmem_internal.a", "")
        command = re.sub(r"\S*libpmem_(internal|heap)\.a", str(WORK / ("libheap.so" if heap else "libmutant.so")), command)
        command = re.sub(r"(libheap|libmutant)\.so", r"\1.so -rdynamic -Wl,--allow-shlib-undefined", command, count=1)
        if shell(["sh", "-c", command]):
            print(f"mutants: {name} cannot be linked, and is left out", file=sys.stderr)
            return None
        return name, (str(program), heap)


def limits():
    os.setsid()
    # What sanitizers reserve is more than there is.
    space = resource.RLIM_INFINITY if SANITIZED else 32 << 30
    for what, most in ((resource.RLIMIT_AS, space), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(what, (most, most))
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def end_session(leader):
    """libcheck gives each test a process group of its own: all that is left of the session."""
    for stat in glob.glob("/proc/[0-9]*/stat"):
        try:
            fields = pathlib.Path(stat).read_text().rsplit(")", 1)[1].split()
            if int(fields[3]) == leader:
                os.kill(int(stat.split("/")[2]), signal.SIGKILL)
        except (OSError, IndexError):
            pass


def red(program, environment, folder, seconds=SECONDS):
    """Does the suite fail with the library in folder?"""
    quiet = {key: value for key, value in os.environ.items() if key != "PMEM_FIGURES"}
    with tempfile.TemporaryDirectory(prefix="mutant-", dir="/tmp") as home:
        os.chmod(home, 0o777)
        child = subprocess.Popen([program], cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                 preexec_fn=limits, env={**quiet, **environment, "LD_LIBRARY_PATH": str(folder),
                                                         "TMPDIR": home, "CK_DEFAULT_TIMEOUT": str(SECONDS // 2),
                                                         "UBSAN_OPTIONS": "halt_on_error=1", "ASAN_OPTIONS": SANITIZERS})
        try:
            status = child.wait(seconds)
        except subprocess.TimeoutExpired:
            status = 1
        end_session(child.pid)
        child.kill()
        child.wait()
    return status not in (0, 77)


class Runner:
    def __init__(self, jobs, suites=None, without=()):
        self.pool, self.named = concurrent.futures.ThreadPoolExecutor(jobs), bool(suites)
        self.library = Library()
        self.suites = {name: suite for name, suite in self.library.prepare(self.pool).items()
                       if (not suites or name in suites) and not any(part in name for part in without)}
        known = json.loads(reached.RESULT.read_text())
        self.reach = {suite: {file: set(lines) for file, lines in files.items()} for suite, files in known["reach"].items()}
        self.seconds, self.kills, self.lock = {}, collections.Counter(), threading.Lock()
        for name, (program, _, environment) in list(self.suites.items()):
            begin = time.monotonic()
            if red(program, environment, WORK, 3 * SECONDS):
                print(f"mutants: {name} fails without a fault, and is left out", file=sys.stderr)
                del self.suites[name]
            self.seconds[name] = time.monotonic() - begin

    def likely(self, mutant, lines):
        """The suites that run the mutant's lines (its function's, if gcov counts none), the likeliest first."""
        # A suite that is newer than build/reached.json may reach anything.
        names = [n for n in self.suites if n not in self.reach or lines & self.reach[n].get(mutant.file, set())]
        return sorted(names, key=lambda n: self.seconds[n] / (1 + self.kills[n, mutant.file]))

    def inside(self, mutant):
        return {n for name, start, end in reached.functions(mutant.file) if name == mutant.function for n in range(start, end + 1)}

    def try_one(self, mutant):
        """(what became of it, by which suite)"""
        with tempfile.TemporaryDirectory(dir=WORK) as folder:
            folder = pathlib.Path(folder)
            folder.chmod(0o755)
            source = (ROOT / mutant.file).read_bytes()
            text = source[:mutant.start] + mutant.new.encode() + source[mutant.end:]
            if self.library.compile(mutant.file, text, folder / "m.o"):
                return "stillborn", "the compiler"
            # Suites that somebody names may have changed, and reach lines that they did not.
            lines = self.inside(mutant) if self.named else set(range(mutant.line, mutant.last + 1))
            names = self.likely(mutant, lines) or self.likely(mutant, self.inside(mutant))
            if not names:
                return "unreached", "-"
            linked = set()
            for name in names:
                program, heap, environment = self.suites[name]
                if heap not in linked:
                    linked.add(heap)
                    if heap:
                        self.library.with_heap(folder / "m.o", folder / "h.o")
                    if self.library.link(heap, folder, mutant.file, folder / ("h.o" if heap else "m.o")):
                        return "stillborn", "the linker"
                if red(program, environment, folder, max(SECONDS / 2, 10 * self.seconds[name])):
                    with self.lock:
                        self.kills[name, mutant.file] += 1
                    return "killed", name
            # An optimizing compiler that makes the same of both has proved that they are the same.
            if not (self.library.compile(mutant.file, source, folder / "a.o", "-O2", "-g0", "-frandom-seed=1") or
                    self.library.compile(mutant.file, text, folder / "b.o", "-O2", "-g0", "-frandom-seed=1")):
                for name in "ab":
                    shell(["objcopy", "-S", str(folder / f"{name}.o")])
                    shell(["objcopy", "--remove-section=.comment", str(folder / f"{name}.o")])
                if code(folder / "a.o") == code(folder / "b.o"):
                    return "same", "the compiler"
            return "survived", ",".join(names)

    def run(self, mutants, tell):
        done = {self.pool.submit(self.try_one, mutant): mutant for mutant in mutants}
        for future in concurrent.futures.as_completed(done):
            tell(done[future], *future.result())


def code(path):
    shell(["objcopy", "--strip-all", str(path)])
    shown = subprocess.run(["objdump", "-dsr", str(path)], stdout=subprocess.PIPE).stdout.decode()
    return shown.split("\n", 2)[2]


def every(files):
    import made
    commands = json.loads((BUILD / "compile_commands.json").read_text())
    arguments = {os.path.relpath(c["file"], ROOT): [w for w in c["command"].split() if w[:2] in ("-I", "-D")] for c in commands}
    for file in sorted(f for f in arguments if f.startswith("lib/") and (not files or f in files)):
        yield file, made.made(file, [*arguments[file], "-std=gnu11", "-w"])


def results():
    """{name: (what became of it, by which suite)} of what ran."""
    lines = RESULTS.read_text().splitlines() if RESULTS.exists() else []
    return {line.split("\t")[2]: tuple(line.split("\t")[:2]) for line in lines}


def explained():
    """{name: (class, reason)}; class is `same` for what no test can see, `text`, `speed` and so on otherwise."""
    found = {}
    for line in EXPLAINED.read_text().splitlines() if EXPLAINED.exists() else []:
        if line.strip() and not line.startswith("#"):
            fields = line.split(" ~ ")
            if len(fields) != 5 or not re.match(r"(same|text|speed|machine): \S", fields[4]):
                sys.exit(f"explained: not FILE ~ FUNCTION ~ LINE ~ CHANGED ~ same|text|speed|machine: REASON: {line}")
            found[" ~ ".join(fields[:4])] = fields[4].split(": ", 1)
    return found


def check():
    bad = 0
    for name in explained():
        file, function, old, _ = name.split(" ~ ")
        lines = (ROOT / file).read_text().splitlines() if (ROOT / file).exists() else []
        bodies = [reached.normal(" ".join(lines[start - 1:end])) for f, start, end in (reached.functions(file) if lines else [])
                  if f == function]
        if not any(old in body for body in bodies):
            print(f"explained: {file} has no such line: {function}: {old}")
            bad = 1
    return bad


def show():
    known, count = explained(), collections.Counter()
    for name, (what, suites) in sorted(results().items()):
        if what == "stillborn":
            continue
        count["made"] += 1
        if what in ("survived", "unreached") and name in known:
            what = "same" if known[name][0] == "same" else "explained"
        elif what in ("survived", "unreached"):
            print(f"{what}: {name} ~ \t{suites[:100]}")
        count[what] += 1
    tested = max(count["made"] - count["same"], 1)
    score = f"{100 * count['killed'] / tested:.1f} %"
    print(f"{count['made']} made, {count['killed']} killed, {count['same']} the same program, {count['explained']} explained; {score}")
    if os.environ.get("PMEM_FIGURES"):
        with open(os.environ["PMEM_FIGURES"], "a") as figures:
            figures.write(f"mutants.made\t{count['made']}\nmutants.killed\t{count['killed']}\nmutants.same\t{count['same']}\n"
                          f"mutants.explained\t{count['explained']}\nmutants.score\t{score}\n")
    return 1 if count["survived"] + count["unreached"] else 0


def run(number, jobs, without, files):
    known = results()
    chosen = []
    for _, mutants in every(files):
        chosen += [m for m in sorted(mutants, key=lambda m: m.draw)[:number] if m.name not in known]
    # Not file by file: the first results speak for all. What is known to survive takes the longest, and comes last.
    survivors = explained()
    return try_all(sorted(chosen, key=lambda m: (m.name in survivors, m.draw)), jobs, without=without)


def again(jobs, suites, parts):
    known = results()
    return try_all([m for _, mutants in every([]) for m in mutants
                    if known.get(m.name, "-")[0] in ("survived", "unreached") and
                    (not parts or any(part in m.name for part in parts))], jobs, suites)


def try_all(chosen, jobs, suites=None, without=()):
    runner = Runner(jobs, suites, without)
    with RESULTS.open("a") as out:
        runner.run(chosen, lambda mutant, what, suite: print(what, suite, mutant.name, sep="\t", file=out, flush=True))
    return show()


def option(words, name, default):
    if name in words:
        at = words.index(name)
        default = type(default)(words[at + 1])
        del words[at:at + 2]
    return default


def main(words):
    if words == ["check"]:
        return check()
    if words == ["show"]:
        return show()
    if words[:1] == ["list"]:
        for _, mutants in every(words[1:]):
            print("\n".join(f"{m.kind}\t{m.name}" for m in mutants))
        return 0
    if words[:1] == ["run"]:
        number, jobs, without = option(words, "-n", 4), option(words, "-j", 1), option(words, "-x", "")
        return run(number, jobs, list(filter(None, without.split(","))), words[1:])
    if words[:1] in (["again"], ["sanitized"]):
        jobs, suites = option(words, "-j", 1), option(words, "-s", "")
        return again(jobs, list(filter(None, suites.split(","))), words[1:])
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
