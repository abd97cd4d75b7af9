#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The HTML: no dead link, an entry for each function, structure and constant, a page for each guide and
example; the same bytes wherever and whenever it is made. (That Doxygen has nothing to warn of is seen by
the build, which stops.)

usage: html_pages.py PROJECT_DIR BUILD_DIR
       html_pages.py PROJECT_DIR --html HTML_DIR     (what is installed; not made again)
"""

import filecmp
import html.parser
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

faults = []


class Page(html.parser.HTMLParser):
    """What a page links to, what can be linked to in it, and its text without code."""

    def __init__(self, path):
        super().__init__()
        self.links, self.names, self.text, self.code = [], set(), [], 0
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.links += [values[key] for key in ("href", "src", "action") if values.get(key)]
        self.names |= {values[key] for key in ("id", "name") if values.get(key)}
        self.code += tag in ("code", "pre", "script", "style")
        if values.get("class") == "line":  # of a program
            self.code += 1

    def handle_endtag(self, tag):
        if tag in ("code", "pre", "script", "style", "div") and self.code:
            self.code -= 1

    def handle_data(self, data):
        if not self.code:
            self.text.append(data)


def entries(text):
    """Name and description of each member: a row of the list, or a part of its own further down."""
    for row in text.split('<tr class="memitem:')[1:]:
        anchor = row[:row.index('"')]
        name = re.search(r"\b((?:pmem|PMEM)_\w+)</(?:a|b)>", row)
        words = re.search(r'(?s)<td class="mdescRight">(.*?)<br', row)
        if name and words and f'id="{anchor}"' in text:
            yield name.group(1), re.sub(r"<[^>]*>|&#?\w+;|More\.\.\.", " ", words.group(1)).strip()


def check_link(folder, pages, page, link):
    parts = urllib.parse.urlsplit(link)
    if parts.scheme:
        if parts.scheme not in ("javascript", "https", "mailto"):
            faults.append(f"{page}: {link}")
        return
    target = (folder / page).parent / urllib.parse.unquote(parts.path) if parts.path else folder / page
    if not target.is_file():
        faults.append(f"{page}: dead link {link}")
        return
    name = os.path.relpath(target, folder)
    if parts.fragment and name in pages and parts.fragment not in pages[name].names:
        faults.append(f"{page}: {link}: no such place in that page")


def check_links(folder, pages):
    count = 0
    for name, page in pages.items():
        for link in page.links:
            count += 1
            check_link(folder, pages, name, link)
    # The search's answers.
    for path in folder.glob("search/*_*.js"):
        for link in re.findall(r"'(\.\./[^']*)'", path.read_text(encoding="utf-8")):
            count += 1
            check_link(folder, pages, f"search/{path.name}", link)
    if count < 2000:
        faults.append(f"only {count} links were found")


def check_entries(project, folder):
    told = {}
    for path in [*folder.glob("*_8h.html"), *folder.glob("struct*.html")]:
        told.update(entries(path.read_text(encoding="utf-8")))
    functions = re.findall(r"(?m)^\s+(pmem_\w+);", (project / "lib/libpmem.map").read_text())
    headers = "".join(path.read_text() for path in sorted(project.glob("include/pmem/*.h")))
    constants = [name for name in re.findall(r"(?m)^#define (PMEM_\w+)[ (]", headers)
                 if name not in ("PMEM_API", "PMEM_BEGIN_DECLS", "PMEM_END_DECLS")]
    if len(functions) < 80 or len(constants) < 100:
        faults.append(f"only {len(functions)} functions, {len(constants)} constants were found")
    faults.extend(f"{name} has no entry with words" for name in functions + constants
                  if len(told.get(name, "")) < 4)
    for name in re.findall(r"(?m)^struct (pmem_\w+) \{", headers):
        if not (folder / f"struct{name.replace('_', '__')}.html").exists():
            faults.append(f"struct {name} has no page")


def check_pages(project, folder, pages):
    wanted = ["index.html"] + [f"guide_{path.stem}.html" for path in project.glob("docs/*.md")]
    wanted += [f"guide_{name}.html" for name in ("changelog", "license", "contributing", "security")]
    wanted += [path.name.replace(".", "_8") + "-example.html" for path in project.glob("docs/examples/*.c")]
    faults.extend(f"no {name}" for name in wanted if name not in pages)
    # All can be reached from the first page.
    reached, new = set(), {"index.html"}
    while new:
        reached |= new
        new = {urllib.parse.urlsplit(link).path for name in new for link in pages[name].links}
        new = (new & set(pages)) - reached
    faults.extend(f"nothing leads to {name}" for name in wanted if name not in reached)
    # A command of Doxygen or a mark of Markdown that was taken for text.
    for name, page in pages.items():
        left = re.search(r"[@\\](?:name|p|c|ref|subpage|since|param|return|brief|verbatim)\b|\]\(|\{#|\*\*\w[^*]*\*\*|\0",
                         "".join(page.text))
        if left and name != "guide_changelog.html":
            faults.append(f"{name} shows {left.group()!r}")


def check_same(project, build, folder):
    """Made elsewhere, at another time, it is the same."""
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            faults.extend(f"{path.name} names {tree}" for tree in (project, build)
                          if str(tree).encode() in content)
    with tempfile.TemporaryDirectory(prefix="elsewhere-") as other:
        shutil.copy(build / "man/Doxyfile.html", other)
        subprocess.run([sys.executable, "-B", project / "cmake/doxygen_input.py", project,
                        f"{other}/input"], check=True)
        subprocess.run(["doxygen", "../Doxyfile.html"], cwd=f"{other}/input", check=True,
                       env={**os.environ, "SOURCE_DATE_EPOCH": "86400", "TZ": "UTC-14", "LC_ALL": "C"})
        names = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
        again = {path.relative_to(f"{other}/html") for path in pathlib.Path(other, "html").rglob("*")
                 if path.is_file()}
        faults.extend(f"{name} is not always made" for name in names ^ again)
        faults.extend(f"{name} differs when it is made again" for name in names & again
                      if not filecmp.cmp(folder / name, pathlib.Path(other, "html", name), shallow=False))


def main(project, build, installed=None):
    project, build = pathlib.Path(project).resolve(), pathlib.Path(build).resolve()
    folder = pathlib.Path(installed) if installed else build / "man/html"
    if not installed and "PMEM_MAN:BOOL=OFF" in (build / "CMakeCache.txt").read_text():
        print("SKIP: built with PMEM_MAN=OFF")
        return 77
    pages = {path.relative_to(folder).as_posix(): Page(path) for path in folder.rglob("*.html")}
    check_pages(project, folder, pages)
    check_links(folder, pages)
    check_entries(project, folder)
    if not installed:
        check_same(project, build, folder)
    for fault in faults:
        print(fault)
    print(f"{len(pages)} pages, {sum(len(page.links) for page in pages.values())} links")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
