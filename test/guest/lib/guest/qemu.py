# SPDX-License-Identifier: MIT
"""Boots a guest, streams its serial console, ends it at the sentinel or at the time-out."""

import os
import re
import selectors
import subprocess
import time

SENTINEL = re.compile(rb"^GUEST-DONE rc=\d+\r?$", re.M)
STALLED = "no sentinel after"
DIED = "the guest's kernel or init died"
DEAD = re.compile(rb"Kernel panic - not syncing|^GUEST-DEAD", re.M)


def boot(command, log_path, seconds, verbose=False):
    """Runs QEMU until the sentinel; returns (serial text, why it ended early or None).

    A Raspberry Pi model does not power off, so the runner always ends QEMU itself.
    """
    started = time.monotonic()
    serial = b""
    why = None
    qemu = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT)
    try:
        with open(log_path, "wb") as log, selectors.DefaultSelector() as wait:
            wait.register(qemu.stdout, selectors.EVENT_READ)
            while True:
                left = started + seconds - time.monotonic()
                if left <= 0:
                    why = f"{STALLED} {seconds} seconds"
                    break
                if not wait.select(left):
                    continue
                chunk = os.read(qemu.stdout.fileno(), 65536)
                if not chunk:
                    why = "QEMU ended before the sentinel"
                    break
                log.write(chunk)
                log.flush()
                if verbose:
                    print(chunk.decode("utf-8", "replace").replace("\r", ""), end="", flush=True)
                serial += chunk
                if SENTINEL.search(serial, max(0, len(serial) - len(chunk) - 64)):
                    break
                if DEAD.search(serial):
                    why = DIED
                    break
    finally:
        qemu.kill()
        qemu.wait()
    return serial.decode("utf-8", "replace").replace("\r", ""), why
