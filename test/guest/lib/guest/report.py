# SPDX-License-Identifier: MIT
"""What the runner tells at the end."""


class Row:
    def __init__(self, guest, transcript, seconds, log):
        self.guest, self.transcript, self.seconds, self.log = guest, transcript, seconds, log

    def details(self):
        """Failures at once, while the other guests still run."""
        for check in self.transcript.checks:
            if check.verdict != "ok":
                print(f"{self.guest.name}: {check.verdict} {check.name}: {check.reason}")
        for problem in self.transcript.problems:
            print(f"{self.guest.name}: {problem}")
        if not self.transcript.good():
            print(f"{self.guest.name}: the whole console is in {self.log}", flush=True)

    def cells(self):
        got = self.transcript
        total = len(got.checks) - got.count("SKIP")
        return (self.guest.name, got.kernel, got.soc, f"{got.count('ok')}/{total}",
                str(got.count("SKIP")), f"{self.seconds:.0f}", "ok" if got.good() else "FAILED")


def table(rows):
    """Prints the table; the exit status of the run."""
    head = ("guest", "kernel", "SoC", "passed", "skipped", "seconds", "result")
    lines = [head] + [row.cells() for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    print()
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
    skips = [(row.guest.name, c) for row in rows for c in row.transcript.checks
             if c.verdict == "SKIP"]
    if skips:
        print("\nskipped:")
    for name, check in skips:
        print(f"  {name}: {check.name}: {check.reason}")
    return 0 if rows and all(row.transcript.good() for row in rows) else 1
