# SPDX-License-Identifier: MIT
"""What a check has to print: golden/GUEST.CHECK. Parts that change from run to run are masked."""

import difflib
import re


def masked(text, transcript):
    text = text.replace(transcript.kernel, "KERNEL")
    text = re.sub(r"^(  (?:total|cma free) +)\d+", r"\1N", text, flags=re.M)
    text = re.sub(r"[ \t]+$", "", text, flags=re.M)
    return text.strip() + "\n"


def check(directory, guest, transcript, write):
    for path in sorted(directory.glob(f"{guest.name}.*")):
        name = path.name[len(guest.name) + 1:]
        if name not in guest.checks or name not in transcript.outputs:
            continue
        got = masked(transcript.outputs[name], transcript)
        if write:
            path.write_text(got)
        elif got != path.read_text():
            lines = difflib.unified_diff(path.read_text().splitlines(), got.splitlines(),
                                         "golden", "printed", lineterm="", n=0)
            transcript.problems.append(f"{name} prints something else than {path.name}:\n"
                                       + "\n".join(lines))
