#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes docs/benchmarks.md and its plots of what a run of the benchmarks measured.

usage: report.py FOLDER OUT_DIR

FOLDER has the files of one run: rows (see rows.h), log (what the programs printed), machine (lines
"name: value"). Nothing in the page is written by hand but the sentences in report_text.py.
"""

import pathlib
import re
import subprocess
import sys

import report_text as text


class Rows:
    """table -> x -> series -> (median, low, high, note), each in the order of the run."""

    def __init__(self, path):
        self.tables = {}
        for line in path.read_text(encoding="utf-8").splitlines():
            table, x, series, median, low, high, note = line.split("\t")
            self.tables.setdefault(table, {}).setdefault(x, {})[series] = (
                float(median), float(low), float(high), note)

    def series(self, table):
        names = []
        for cells in self.tables[table].values():
            names += [name for name in cells if name not in names]
        return names

    def value(self, table, x, series):
        return self.tables.get(table, {}).get(x, {}).get(series, (None,))[0]

    def success(self, table, x, series):
        """None where each try failed: no bar for it."""
        entry = self.tables[table][x].get(series)
        return entry[0] if entry and not entry[3].startswith("0 of") else None

    def ratio(self, table, x, series, *others):
        """Of a series to the best of others; None if it was not measured."""
        own = self.value(table, x, series)
        best = [value for value in (self.value(table, x, name) for name in others) if value]
        return own / min(best) if own and best else None


def number(value):
    if value == 0:
        return "0"
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def cell(entry):
    median, low, high, note = entry
    if note:
        return f"{note}: {number(median)} ({number(high)})"
    return f"{number(median)} ({number(low)}–{number(high)})"


def table(rows, name, head):
    names = rows.series(name)
    lines = [f"| {head} | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
    for x, cells in rows.tables[name].items():
        x = f"{int(x):,}" if x.isdigit() else x
        lines.append(f"| {x} | " + " | ".join(cell(cells[n]) if n in cells else "–" for n in names) + " |")
    return "\n".join(lines) + "\n"


def counted(limit, ratios):
    """How many are within a limit, of how many, and the largest."""
    values = [value for value in ratios if value is not None]
    return sum(value <= limit for value in values), len(values), max(values, default=None)


def pool_goals(rows):
    peers = ("malloc", "mimalloc", "jemalloc", "rte_mempool", "rte_malloc")
    for threads, limit, least in ((1, 1.25, 11), (2, 1.3, 10)):
        name = f"pool, {threads} thread" + "s" * (threads > 1)
        if name not in rows.tables:
            continue
        ratios = [rows.ratio(name, x, "pool", "list", "stack") for x in rows.tables[name]]
        near, cells, worst = counted(limit, ratios)
        yield ("pool_floor", f"pool, {threads} thread(s): at most {limit} of the floor in each of {cells} cells",
               f"{near} of {cells}; worst {worst:.2f}", near == cells)
        far = [rows.ratio(name, x, "pool", "list, in a library", "stack, in a library") for x in rows.tables[name]]
        near, cells, worst = counted(limit, far)
        if cells:
            yield ("pool_far", f"pool, {threads} thread(s): at most {limit} of the same floor in a shared library",
                   f"{near} of {cells}; worst {worst:.2f}", near == cells)
        faster = [rows.ratio(name, x, "pool", *peers) for x in rows.tables[name]]
        fast = sum(value is not None and value < 1 for value in faster)
        yield ("pool_peers", f"pool, {threads} thread(s): faster than the best peer in {least} of 12",
               f"{fast} of {cells}", fast >= least)
    for x in rows.tables.get("look-up", {}):
        ratio = rows.ratio("look-up", x, "pmem_pool_phys", "flat table, called")
        yield ("look_up", f"pointer to physical, {int(x):,} objects: at most 1.15 of a flat table",
               f"{ratio:.2f}", ratio <= 1.15)
        ratio = rows.ratio("look-up", x, "pmem_pool_phys", "flat table, in a library")
        if ratio:
            yield ("look_up_far", f"pointer to physical, {int(x):,} objects: at most 1.15 of a flat table in a shared library",
                   f"{ratio:.2f}", ratio <= 1.15)
    few, many = (rows.value("alive", x, "any of 1,024 of them") for x in ("1024", "262144"))
    if few and many:
        yield ("constant", "pool: a pair with 262,144 objects alive at most 1.5 of one with 1,024", f"{many / few:.2f}",
               many / few <= 1.5)


def vaddr_goals(rows):
    goals = (("one address", "one_address", "one address: at most 1.05 of a pread", 1.05),
             ("small pages: translate", "bulk", "bulk, small pages: at most 1.053 (0.95 of its speed) of one pread",
              1.053),
             ("huge pages: their pieces", "runs", "huge pages as pieces: at most 0.714 of one pread", 0.714),
             ("register", "register", "pin and translate: at most 1.1 of the bare calls", 1.1))
    for x in rows.tables.get("vaddr", {}):
        for begin, why, goal, limit in goals:
            if x.startswith(begin) or begin in x.split(": ", 1)[-1][:len(begin)] and begin == "register":
                ratio = rows.ratio("vaddr", x, "pmem", "bare calls")
                kind = f" ({x.split(':')[0]})" if begin == "register" else ""
                yield why, goal + kind, f"{ratio:.2f}", ratio <= limit
    lists = {}
    for x, cells in rows.tables.get("vaddr", {}).items():
        if "list, every" in x:
            lists.setdefault(x.rsplit(",", 1)[0], []).append(cells)
    for x, both in lists.items():
        bare = min(cells["bare calls"][0] for cells in both)
        ratio = min(cells["pmem"][0] for cells in both) / bare
        yield "list", f"{x}: at most 1.1 of the best way by hand", f"{ratio:.2f}", ratio <= 1.1
    for kind, least in (("small", 60), ("huge", 1500)):
        name = f"virt2phy, {kind} pages"
        series = "pmem_vaddr_phys_bulk" if kind == "small" else "pmem_vaddr_extents"
        ratio = rows.ratio(name, "65536", series, "rte_mem_virt2phy")
        if ratio:
            yield "dpdk", f"65,536 {kind} pages: {least:,} times as fast as rte_mem_virt2phy", \
                f"{1 / ratio:,.0f} times", 1 / ratio >= least
    ratio = rows.ratio("start", "first address", "pmem", "bare calls")
    if ratio:
        yield "start", "start and first address: at most 1.05 of open and pread", f"{ratio:.2f}", ratio <= 1.05
    ratio = rows.ratio("start", "first address", "pmem", "rte_eal_init")
    if ratio:
        yield "start_dpdk", "start: 150 times as fast as rte_eal_init", f"{1 / ratio:.0f} times", \
            1 / ratio >= 150


def nobody(cells):
    """For a size at which no single way had any success either."""
    others = [entry[3] for series, entry in cells.items() if not series.startswith("pmem")]
    return " (no single way ever)" if all(note.startswith("0") for note in others) else ""


def contiguous_goals(rows):
    refused = ("512 MiB", "16 GiB")
    for name in (name for name in rows.tables if re.match("contiguous, (?!blocks)", name)):
        state = name.split(", ")[1]
        cells = rows.tables[name]
        small = [x for x in cells if x not in (*refused, "64 MiB")]
        bad = [f"{cells[x]['pmem'][3]} at {x}{nobody(cells[x])}" for x in small if not re.match(r"(\d+) of \1$", cells[x]["pmem"][3])]
        yield "success", f"{state}: 20 of 20 up to 8 MiB", "; ".join(bad) or "all", not bad
        slow = []
        for x in small:
            best = [entry[0] for series, entry in cells[x].items()
                    if not series.startswith("pmem") and re.match(r"(\d+) of \1$", entry[3])]
            if best and x != "8 MiB":
                slow.append((cells[x]["pmem"][0] / min(best), x))
        if slow:
            yield "contiguous_time", f"{state}: at most 1.2 of the best single way up to 4 MiB", \
                "worst %.2f at %s" % max(slow), max(slow)[0] <= 1.2
        most, x = max((cells[x]["pmem"][2] / 1000, x) for x in small)
        yield "longest", f"{state}: no request up to 8 MiB above 100 ms", \
            f"{most:.0f} ms at {x}; of CPU {cells[x]['pmem, of CPU'][2] / 1000:.0f}", most <= 100
        hard = cells.get("64 MiB", {}).get("pmem, TRY_HARD")
        if hard and state != "pinned":
            yield "hard", f"{state}: with TRY_HARD 64 MiB 20 of 20, all alive", \
                f"{hard[3]}, median {hard[0] / 1000:.0f} ms, longest {hard[2] / 1000:,.0f}", hard[3] == "20 of 20"
        for x in refused:
            if x in cells:
                median, _, high, note = cells[x]["pmem"]
                if note.startswith("0"):
                    yield "refusal", f"{state}: {x} refused within 50 ms", \
                        f"{median / 1000:.1f} ms, longest {high / 1000:.1f}; of CPU " \
                        f"{cells[x]['pmem, of CPU'][2] / 1000:.1f}", high <= 50000


def stay_goals(rows):
    cells = rows.tables.get("stay", {})
    for event in rows.series("stay") if cells else ():
        ours = [entries[event] for x, entries in cells.items() if x.startswith("pmem") and event in entries]
        moved = sum(high for _, _, high, _ in ours)
        yield "stay", f"{event}: no page of the library's moved", \
            f"{moved:,.0f} at most; mmap + mlock in {cells['mmap + mlock'][event][3]} rounds", moved == 0


def goals(rows):
    lines, missed = ["| goal | measured | |", "|---|---|---|"], []
    for why, goal, measured, met in (*vaddr_goals(rows), *pool_goals(rows), *contiguous_goals(rows), *stay_goals(rows)):
        lines.append(f"| {goal} | {measured} | {'met' if met else '**missed**'} |")
        if not met and why not in missed:
            missed.append(why)
    reasons = "".join(f"- {text.WHY[why]}\n" for why in missed if why in text.WHY)
    return "\n".join(lines) + "\n", reasons


def plot(rows, name, out, title, unit, style, skip=()):
    """SVG and PNG of one table: lines over a logarithmic x, or a group of bars for each x."""
    names = [series for series in rows.series(name) if series not in skip and
             any(rows.success(name, x, series) for x in rows.tables[name] if x not in skip)]
    xs = [x for x in rows.tables[name] if x not in skip]
    data = ["\t".join(["x", *names])]
    for x in xs:
        values = (rows.success(name, x, series) for series in names)
        data.append("\t".join([x, *("NaN" if value is None else f"{value:g}" for value in values)]))
    block = "$data << END\n" + "\n".join(data) + "\nEND\n"
    shown = title.replace(text.CONTIGUOUS, "median µs, where it had success")
    common = (f'set datafile separator "\\t"\nset title "{shown}"\nset ylabel "{unit}"\nset key outside below noenhanced\n'
              "set grid y\nset logscale y\nset rmargin 6\n")
    if style == "lines":
        common += "set logscale x 2\nset format x '%.0f'\nset xtics rotate by -30\n"
        drawn = [f'$data using 1:{i + 2} with linespoints lw 2 title columnheader' for i in range(len(names))]
    else:
        common += "set style data histogram\nset style fill solid\nset xtics rotate by -45 scale 0\nset boxwidth 0.9\n"
        drawn = [f"$data using {i + 2}:xtic(1) title columnheader" for i in range(len(names))]
    for terminal, kind in (("svg size 760,420 font 'sans,11'", "svg"), ("png size 760,420", "png")):
        script = f'{block}set terminal {terminal}\nset output "{out}.{kind}"\n{common}plot ' + ", ".join(drawn) + "\n"
        subprocess.run(["gnuplot", "-"], input=script, text=True, check=True)


def sizes(folder):
    """Libraries without symbols, and what they need."""
    lines = ["| library | bytes, stripped | needs |", "|---|---|---|"]
    found = [next(iter(sorted(folder.rglob("libpmem.so.3.*.*"))), None)]
    for name in ("librte_eal.so.*", "librte_mempool.so.*", "libmimalloc.so.*", "libjemalloc.so.*"):
        found.append(next((path for base in ("/usr/lib", "/lib") for path in sorted(pathlib.Path(base).glob(f"*/{name}"))),
                          None))
    for path in (path for path in found if path):
        stripped = folder / "stripped"
        subprocess.run(["strip", "-o", stripped, path], check=True)
        needed = re.findall(r"NEEDED.*\[(.*)\]", subprocess.run(["readelf", "-d", path], text=True, check=True,
                                                                 capture_output=True).stdout)
        lines.append(f"| {path.name} | {stripped.stat().st_size:,} | {', '.join(needed)} |")
        stripped.unlink()
    return "\n".join(lines) + "\n"


def main(folder, out):
    folder, out = pathlib.Path(folder), pathlib.Path(out)
    rows = Rows(folder / "rows")
    (out / "benchmarks").mkdir(parents=True, exist_ok=True)
    page = [text.HEAD, "| | |\n|---|---|\n"]
    for line in (folder / "machine").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(": ")
        page.append(f"| {name} | {value} |\n")
    left_out = sorted(set(re.findall(r"(?m)^(?:left out|nothing measured): (.*)$", (folder / "log").read_text())))
    if left_out:
        page += ["\nLeft out, and counted nowhere:\n\n", *(f"- {what}\n" for what in left_out)]
    met, reasons = goals(rows)
    page += ["\n## Goals\n\n", text.GOALS, "\n", met]
    if reasons:
        page += ["\nWhy some were missed:\n\n", reasons]
    for heading, words, parts in text.SECTIONS:
        parts = [part for part in parts if part[0] in rows.tables]
        if not parts:
            continue
        page.append(f"\n## {heading}\n\n{words}")
        for name, head, image, title, unit, style, skip in parts:
            page.append(f"\n{title}:\n\n{table(rows, name, head)}")
            if image:
                plot(rows, name, out / "benchmarks" / image, title, unit, style, skip)
                page.append(f"\n![{title}](benchmarks/{image}.svg)\n")
    page.append("\n## Size\n\n" + sizes(folder))
    (out / "benchmarks.md").write_text("".join(page), encoding="utf-8")
    print(f"{out}/benchmarks.md, and {len(list((out / 'benchmarks').iterdir()))} plots beside it")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
