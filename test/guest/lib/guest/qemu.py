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

    A Raspberry Pi model does not power off, so the runner always ends QEMU itself. What QEMU says
    for itself goes to a file beside the log: an IOMMU's model tells of each fault, in the middle of
    a line of the guest.
    """
    started = time.monotonic()
    serial = b""
    why = None
    own = log_path.with_name("qemu.log")
    with open(own, "wb") as words:
        qemu = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=words)
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
                    said = own.read_text(errors="replace").strip().splitlines()
                    why = " ".join(["QEMU ended before the sentinel:", *said[-3:]])
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
