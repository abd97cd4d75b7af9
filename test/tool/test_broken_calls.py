# SPDX-License-Identifier: MIT
"""System calls of the command fail, one or all of them from then on: it tells that, and never half of the data as all of it.

strace makes them fail, where the command's own work has begun: at the first, the middle and the last one of each name, with
errnos that are likely for it. BROKEN_CALLS is how many are tried of each command; 0: all of these.
"""

import collections
import difflib
import errno
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

try:
    import jsonschema
except ImportError:  # it is Debian's, so Debian's Python has it
    if sys.executable == "/usr/bin/python3":
        raise
    os.execv("/usr/bin/python3", ["/usr/bin/python3", "-B", *sys.argv])

import physmem
import registers
import test_device
from physmem import timeless

SCHEMA = os.path.join(os.environ["SOURCE"], "tools", "schema", "physmem-1.json")
TRIED = int(os.environ.get("BROKEN_CALLS", "44"))
LIKELY = {
    "openat": "EMFILE EACCES ENOENT EIO", "read": "EIO EINTR", "pread64": "EIO EINTR", "mmap": "ENOMEM EPERM",
    "munmap": "ENOMEM", "mremap": "ENOMEM", "madvise": "EINVAL", "mlock": "ENOMEM EPERM", "ioctl": "EIO ENOTTY EPERM",
    "write": "ENOSPC EIO EPIPE EINTR", "writev": "ENOSPC EIO EPIPE EINTR", "pwrite64": "EIO ENOSPC", "close": "EIO EINTR",
    "newfstatat": "EACCES EIO", "fstat": "EIO", "statx": "EACCES EIO", "readlink": "EACCES EIO", "readlinkat": "EACCES EIO",
    "getdents64": "EIO ENOENT", "lseek": "ESPIPE", "fcntl": "EMFILE EAGAIN", "flock": "EINTR EWOULDBLOCK",
    "memfd_create": "EMFILE ENOSYS ENOMEM", "ftruncate": "ENOSPC EIO", "access": "EACCES", "faccessat2": "EACCES",
    "execve": "ENOENT EACCES E2BIG", "clone": "EAGAIN ENOMEM", "clone3": "EAGAIN ENOMEM", "vfork": "EAGAIN",
    "wait4": "EINTR ECHILD", "clock_nanosleep": "EINTR", "pipe2": "EMFILE",
    "io_uring_setup": "EPERM ENOMEM ENOSYS", "io_uring_register": "ENOMEM EPERM", "socket": "EAFNOSUPPORT",
    "mprotect": "ENOMEM", "prctl": "EINVAL",
}
# They have no way to fail; brk() gives the old break then, which glibc would take an injected errno for,
# and ends a program that gets no random number (libexpat asks for one).
NEVER = {"exit_group", "getpid", "gettid", "getuid", "geteuid", "getgid", "getegid", "getppid", "rt_sigreturn", "umask",
         "arch_prctl", "set_tid_address", "set_robust_list", "rseq", "futex",
         "restart_syscall", "brk", "uname", "getrandom"}
SAID = r"physmem: .|(/\S+/)?true: "  # the second by a command that memory is lent to
PLACE = re.compile(SAID + r"|  +\S|usage: physmem |See physmem |$")
Case = collections.namedtuple("Case", "name at errno lasting")


# That something is not there, or not for this user: it is told as that, or another way is taken.
ABSENT = {"ENOENT", "EACCES", "EPERM", "ENOSYS", "ENOTTY", "ESPIPE", "EINVAL", "EAFNOSUPPORT", "EOPNOTSUPP"}


TABLES = ("heaps", "info")
# Where a table has no data it has the reason: the cause of a failure, and no other.
CAUSE = "(limit|system|no-memory)"
REASON = re.compile(rf"(?m)^ +{CAUSE}: .|  {CAUSE}$")


def same_or_told(whole, done):
    """Is all of one JSON in the other, but where the object around it has the error? Names of users may be numbers."""
    if isinstance(whole, dict) and isinstance(done, dict):
        told = any(key.endswith("error") and value != whole.get(key) and re.fullmatch(CAUSE, value["cause"])
                   for key, value in done.items())
        return told or all(key in done and same_or_told(value, done[key])
                           for key, value in whole.items() if key not in ("owner", "group"))
    if isinstance(whole, list) and isinstance(done, list) and len(whole) == len(done):
        return all(map(same_or_told, whole, done))
    return whole == done


def table_tells(whole, done):
    """Has what is different in a table, or in its JSON, the reason in its place?"""
    if done.startswith("{"):
        return same_or_told(json.loads(whole), json.loads(done))
    whole, done = (re.sub(r"(?<= 0\d{3} )\w+:\w+ *", "", one).splitlines() for one in (whole, done))
    return all(REASON.search("\n".join(done[start:end]))
               for what, _, _, start, end in difflib.SequenceMatcher(None, whole, done).get_opcodes() if what != "equal")


def can_trace():
    """Whether strace can make a system call of another program fail."""
    if not shutil.which("strace"):
        return False
    done = subprocess.run(["strace", "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=chdir",
                           "-e", "inject=chdir:error=EIO", "sh", "-c", "cd / || exit 9"], check=False,
                          capture_output=True, timeout=60)
    return done.returncode == 9


def order(case):
    return hashlib.sha256(repr(case).encode()).digest()


def cases(calls):
    """First each name at each of its places, with one errno each, then all others; in an order that is no one's choice."""
    first, more = [], []
    for name, (skipped, number) in sorted(calls.items()):
        likely = LIKELY.get(name, "EIO").split()
        for i, at in enumerate(sorted({1, (number + 1) // 2, number})):
            choices = [Case(name, skipped + at, one, lasting) for one in likely for lasting in (False, True)
                       if not (lasting and one == "EINTR")]  # no signal comes without end
            first.append(choices.pop((i + at) % len(choices)))
            more += choices
    found = sorted(first, key=order) + sorted(more, key=order)
    return found[:TRIED] if TRIED else found


@unittest.skipIf("fsanitize" in os.environ["CC_COMMAND"], "the leak sanitizer does not work below strace")
@unittest.skipUnless(can_trace(), "strace is not here, or may not trace")
class Broken(physmem.Case):
    PLAYED = (["info", "--stable"], ["ls"], ["map", "--ascii"], ["doctor"], ["doctor", "--container"],
              ["addr", "0x1000", "bus:0x7e200000"],
              ["virt2phys", "77", "0x7f0000000000"], ["node", "gpio"], ["device", "list"],
              ["device", "bind", "-n", test_device.DISK], ["write", "--force", "0x80000", "1"],
              ["read", "-n", "4", "gpio"], ["write", "--force", "gpio", "1"], ["gc", "-n"], ["heaps"],
              ["dump", "gpio", "32"], ["poll", "--until", "!7/7", "gpio:9:8"], ["watch", "-T", "1", "gpio"],
              ["registers", "--svd", registers.SVD])
    HERE = (["selftest", "--size", "4096"], ["bench", "--time", "1"], ["alloc", "-n", "--scattered", "--no-address", "4096"],
            ["alloc", "--scattered", "--no-address", "4096", "--", "true"], ["virt2phys", "self", "0x1000"])
    LONG = (["dump", "gpio", "4096"], ["read", "-n", "4096", "gpio"], ["help"])

    def setUp(self):
        self.play()
        self.machine.poke(physmem.played.GPIO, physmem.played.FILL)
        self.machine.write("dev/dma_heap/system", b"")
        test_device.Sysfs(self.machine)
        self.machine.write("proc/self/mountinfo", test_device.MOUNTS.encode())
        self.machine.write("proc/77/comm", b"capture\n")
        self.machine.write("proc/77/maps", b"7f0000000000-7f0000001000 rw-s 0 00:0f 9   anon_inode:[io_uring]\n")
        self.machine.write("proc/77/pagemap", b"")
        os.truncate(self.machine.path("proc/77/pagemap"), (0x7f0000000000 // 4096 + 1) * 8)
        self.around = tempfile.TemporaryDirectory()
        self.addCleanup(self.around.cleanup)
        self.log = os.path.join(self.around.name, "log")
        os.makedirs(os.path.join(self.around.name, "run"))
        with open(SCHEMA, encoding="utf-8") as file:
            self.schema = jsonschema.Draft202012Validator(json.load(file))

    def traced(self, args, root, *options):
        """What it did, and the lines of its calls."""
        run = os.path.join(self.around.name, "run")
        done = physmem.run(*args, root=root, prefix=("strace", "-f", "--seccomp-bpf", "-qq", "-o", self.log, *options),
                           env={"TMPDIR": run, "HOME": run, "XDG_RUNTIME_DIR": run, "LIBPMEM_RUN_DIR": run})
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return done, file.read().splitlines()

    def calls(self, lines):
        """{name: (how many the loader made, how many come after it)} of the process itself."""
        begun, before, after = False, collections.Counter(), collections.Counter()
        process = lines[0].split()[0]
        for one in lines:
            match = re.match(r"(\d+) +(\w+)\(", one)
            if match and match[1] == process:
                begun = begun or match[2] == "rt_sigaction"  # the first one of main()
                (after if begun else before)[match[2]] += 1
        self.assertTrue(begun)
        return {name: (before[name], number) for name, number in after.items() if name not in NEVER}

    def files(self):
        """Names below what the command may write to."""
        found = set()
        for top in (self.machine.root, os.path.join(self.around.name, "run")):
            for where, folders, names in os.walk(top):
                found |= {os.path.join(where, name) for name in folders + names}
        return found

    def half(self, case, whole, done, hit):
        """Status 0, other data than without the failure, and not a word about it. Names of users may be numbers."""
        why = os.strerror(getattr(errno, case.errno))
        return done.returncode == whole.returncode == physmem.OK and case.errno not in ABSENT and \
            not any('"/etc/' in one for one in hit) and timeless(done.stdout) != timeless(whole.stdout) and not done.stderr and \
            why not in done.stdout and case.errno not in done.stdout

    def judge(self, args, whole, done, hit, where):
        lost = any(re.search(r"\bwritev?\(1,", one) for one in hit)
        mute = any(re.search(r"\bwritev?\(2,", one) for one in hit) or \
            any(re.search(r"\bwritev?\(1,.*EPIPE", one) for one in hit)
        known = range(physmem.MISMATCH + 1) if "--" not in args else (*range(physmem.MISMATCH + 1), 126, 127)
        self.assertIn(done.returncode, known, where)
        if "--json" in args and done.stdout and not lost:
            self.schema.validate(json.loads(done.stdout))
        if lost and done.stdout != whole.stdout:
            self.assertNotEqual(done.returncode, physmem.OK, where)
        if mute:
            return
        for one in done.stderr.splitlines():
            self.assertRegex(one, PLACE, where)
        if done.returncode != physmem.OK:
            self.assertRegex(done.stderr, f"(?m)^({SAID})", where)
        elif args[0] == "write" and "gpio" in args:
            self.assertEqual(self.machine.peek(physmem.played.GPIO, 4), b"\1\0\0\0", where)

    def fail_each(self, args, root):
        args = list(args)
        whole, lines = self.traced(args, root)
        calls, files, tried = self.calls(lines), self.files(), 0
        for case in cases(calls):
            inject = f"inject={case.name}:error={case.errno}:when={case.at}{'+' if case.lasting else ''}"
            if args[0] == "write":
                self.machine.poke(physmem.played.GPIO, physmem.played.FILL)
            try:
                done, lines = self.traced(args, root, "-e", f"trace={case.name}", "-e", inject)
            except subprocess.TimeoutExpired:
                self.fail(f"it hangs: {args} {inject}")
            hit = [one for one in lines if "(INJECTED)" in one]
            tried += bool(hit)
            where = f"{args} {inject} {hit[:3]} {done}"
            with self.subTest(args=args, inject=inject):
                self.judge(args, whole, done, hit, where)
                if whole.returncode and case.errno not in ABSENT:  # what was refused is refused all the more
                    self.assertNotEqual(done.returncode, physmem.OK, where)
                if root and self.half(case, whole, done, hit):
                    self.assertTrue(args[0] in TABLES and table_tells(whole.stdout, done.stdout), where)
        self.assertEqual(self.files() ^ files, set(), args)
        self.assertGreater(tried, len(calls) // 2, args)
        physmem.figure("faults.tool_calls", tried)

    def test_played(self):
        for args in self.PLAYED:
            self.fail_each(args, self.machine.root)
            self.fail_each([*args, "--json"], self.machine.root)

    def test_here(self):
        for args in self.HERE:
            self.fail_each(args, None)
            if "--" not in args:
                self.fail_each([*args, "--json"], None)

    def test_long(self):
        for args in self.LONG:
            self.fail_each(args, self.machine.root)


if __name__ == "__main__":
    physmem.main()
