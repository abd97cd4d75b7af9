# SPDX-License-Identifier: MIT
"""Messages of the runner."""

import sys


class Failure(Exception):
    """The run cannot go on; the text says why and what to do."""


def say(text):
    print(f"guest: {text}", file=sys.stderr, flush=True)
