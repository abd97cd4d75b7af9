# SPDX-License-Identifier: MIT
"""The programs of docs/bindings.md run as they are printed there."""

import os
import re
import subprocess
import sys
import unittest

import bound


class Docs(unittest.TestCase):
    @unittest.skipUnless(os.geteuid() == 0, "only root is told addresses")
    def test_programs(self):
        text = (bound.SOURCE / "docs/bindings.md").read_text(encoding="utf-8")
        programs = re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)
        self.assertGreater(len(programs), 2)
        self.assertEqual(len(programs[0].splitlines()), 7)
        for program in programs:
            done = subprocess.run([sys.executable, "-B", "-c", program], text=True,
                                  capture_output=True, check=False, timeout=60, env={
                                      **os.environ, "PYTHONPATH": str(bound.SOURCE / "bindings/python")})
            self.assertEqual(done.returncode, 0, f"{program}{done.stdout}{done.stderr}")
            self.assertRegex(done.stdout, r"\w")


if __name__ == "__main__":
    bound.main()
