# SPDX-License-Identifier: MIT
"""The commands that hints and documents give are run, by an ordinary user: they must be enough."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import physmem

PROJECT = Path(__file__).resolve().parents[2]


def commands():
    """Every capability set that a text gives for the address of memory, and where it is."""
    found = {}
    texts = [*PROJECT.glob("docs/*.md"), PROJECT / "lib/pages/frames.c", *PROJECT.glob("docs/man/*")]
    for path in texts:
        for caps in re.findall(r"setcap (cap_sys_admin[a-z_,]*\+ep)", path.read_text()):
            found.setdefault(caps, []).append(path.name)
    return found


MAIN_JOB = r"""
#include <stdio.h>
#include <pmem/pmem.h>

int main(void)
{
	struct pmem_region *region;
	struct pmem_ctx *ctx;
	uint64_t phys;

	if (pmem_ctx_new(&ctx) || pmem_region_alloc(ctx, 65536, NULL, &region) ||
	    pmem_region_phys(region, &phys)) {
		puts(pmem_error_text(pmem_error_last()));
		return 1;
	}
	return pmem_region_close(region) != 0;
}
"""


class Setcap(unittest.TestCase):
    """setcap, as pages.md, permissions.md and the error of pagemap say it."""

    def setUp(self):
        if os.getuid() != 0 or not shutil.which("setcap"):
            self.skipTest("needs root and setcap to make an ordinary user's program")
        done = physmem.run("selftest", "--need-address", "--size", "4096")
        if done.returncode != physmem.OK:
            self.skipTest(f"not even root learns an address here: {done.stderr}")
        # In the build's folder, since /tmp may be mounted nosuid; with the library inside, since
        # the loader looks into no folder of ours for a program that has capabilities.
        self.folder = tempfile.mkdtemp(dir=os.path.dirname(os.environ["STATIC"]))
        self.addCleanup(shutil.rmtree, self.folder)
        os.chmod(self.folder, 0o755)
        self.program = os.path.join(self.folder, "main-job")
        source = self.program + ".c"
        Path(source).write_text(MAIN_JOB, encoding="ascii")
        subprocess.run([*os.environ["CC_COMMAND"].split(), "-I", PROJECT / "include", "-o",
                        self.program, source, os.environ["STATIC"], "-lbsd", "-lpthread"],
                       check=True)

    def selftest(self):
        return subprocess.run(["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
                               self.program], text=True, capture_output=True, timeout=100,
                              check=False)

    def test_without_it_there_is_no_address(self):
        self.assertNotEqual(self.selftest().returncode, physmem.OK)

    def test_each_command_is_enough(self):
        found = commands()
        self.assertGreaterEqual(len(found), 2)
        for caps, files in found.items():
            with self.subTest(caps=caps, files=files):
                subprocess.run(["setcap", caps, self.program], check=True)
                done = self.selftest()
                self.assertEqual(done.returncode, physmem.OK, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
