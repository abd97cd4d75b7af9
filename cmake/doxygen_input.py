#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes what Doxygen reads for the HTML: headers, guides and examples, with links between them.

usage: doxygen_input.py PROJECT_DIR OUT_DIR

The guides are README.md, docs/*.md and what the README links to: the same text, with a label for each
page and heading, and links that Doxygen understands. In headers a function that shares the text of its
@name gets a copy of it, since Doxygen would show the name alone. Nothing else is written by hand.
"""

import pathlib
import re
import shutil
import sys

PLAIN = {"CHANGELOG": "Changes", "LICENSE": "Licence"}  # shown as they are
TOP = ("README.md", "CONTRIBUTING.md", "SECURITY.md", *PLAIN)
CODE = re.compile(r"(?ms)^```.*?^```$|^(?: {4}|\t)[^\n]*$|(`+)[^`].*?\1")


def label(path):
    """"docs/rules.md": what a page is called, and its file without .html."""
    return "guide_" + pathlib.PurePosixPath(path).stem.lower()


def slug(heading):
    """As web sites name headings."""
    return re.sub(r"[^\w -]", "", heading.lower().strip()).replace(" ", "-")


def escape(text):
    """Text in which Doxygen finds no command and no HTML."""
    text = re.sub(r"([\\@<>#%&\"*\[\]])", r"\\\1", text)
    return re.sub(r"docs/(\w+)\.md", r'@ref guide_\1 "docs/\1.md"', text)


class Guides:
    def __init__(self, project):
        self.project = project
        self.pages = [*TOP, *(f"docs/{path.name}" for path in sorted(project.glob("docs/*.md")))]
        self.functions = {name for path in project.glob("include/pmem/*.h") for name in
                          re.findall(r"(?m)^PMEM_API .*?(pmem_\w+)\(", path.read_text(encoding="utf-8"))}
        self.below = set()  # pages that have a place below the main page

    def link(self, page, text, target):
        """One link of a page."""
        if re.match(r"[a-z]+:", target):
            return f"[{text}]({target})"
        path, _, anchor = target.partition("#")
        whole = page if not path else pathlib.PurePosixPath(page).parent.joinpath(path).as_posix()
        if anchor:
            return f'@ref {label(whole)}_{anchor} "{text}"'
        if whole == "docs/examples":
            return f'@subpage guide_examples "{text}"'
        if whole.startswith("docs/examples/"):
            return f'@ref {pathlib.PurePosixPath(whole).name} "{text}"'
        if whole not in self.pages:
            sys.exit(f"{page}: no page for the link to {target}")
        if page != "README.md" or whole in self.below:
            return f'@ref {label(whole)} "{text}"'
        self.below.add(whole)
        return f'@subpage {label(whole)} "{text}"'

    def image(self, page, text, target):
        path = pathlib.PurePosixPath(page).parent / target
        if not (self.project / path).is_file():
            sys.exit(f"{page}: no file for the image {target}")
        return f'@image html {path.name} "{text}"'

    def code(self, text):
        """Functions in `...` lead to what they do; the rest stays."""
        name = re.sub(r"\(\)$", "", text.strip("`"))
        if name in self.functions:
            return f'<code>@ref {name} "{text.strip("`")}"</code>'
        return f"`{text}`" if "'" in text and text[1] != "`" else text

    def heading(self, page, line, pieces):
        """With a name, which other pages may lead to."""
        line = re.sub(r"\0(\d+)\0", lambda hole: pieces[int(hole.group(1))], line)
        return f"{line} {{#{label(page)}_{slug(line.lstrip('#'))}}}"

    def markdown(self, page):
        text = (self.project / page).read_text(encoding="utf-8")
        if page in PLAIN:
            return f"# {PLAIN[page]} {{#{label(page)}}}\n\n@verbatim\n{text}@endverbatim\n"
        title, _, text = text.partition("\n")
        title += " {#mainpage}" if page == "README.md" else f" {{#{label(page)}}}"
        out, end = [], 0
        for match in CODE.finditer(text):
            out += [text[end:match.start()], match.group()]
            end = match.end()
        out.append(text[end:])
        # Links may have code in their text, so they are looked for in a text without it.
        whole = "".join(f"\0{i}\0" if i % 2 else piece for i, piece in enumerate(out))
        # Plots are files beside the page (IMAGE_PATH); Doxygen takes a copy.
        whole = re.sub(r"(?m)^!\[([^\]]*)\]\(([^)\s]*)\)$", lambda image: self.image(page, *image.groups()), whole)
        whole = re.sub(r"\[([^\]]*)\]\(([^)\s]*)\)",
                       lambda link: self.link(page, link.group(1), link.group(2)), whole)
        whole = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", whole)
        whole = re.sub(r"(?m)^##+ .*$", lambda line: self.heading(page, line.group(), out), whole)
        return title + "\n" + re.sub(r"\0(\d+)\0", lambda hole: self.code(out[int(hole.group(1))]), whole)


def first_comment(text):
    """What an example says of itself before it begins."""
    text = re.sub(r"\A(#!.*\n|.*SPDX-License.*\n|# *frozen_string.*\n|\n)*", "", text).lstrip()
    block = re.match(r'(?s)/\*(.*?)\*/|"""(.*?)"""', text)
    lines = (block.group(1) or block.group(2)).splitlines() if block else []
    for line in [] if block else text.splitlines():
        if not re.match(r"#(?!include)|//|--", line):
            break
        lines.append(line)
    words = " ".join(" ".join(re.sub(r"^\s*(\*|#|//!?|--)? ?", "", line) for line in lines).split())
    return re.sub(r".*@brief | usage: .*| All of it is inline.*", "", words)


def examples(folder):
    """A page for each, which the functions in it lead to, and the list of them."""
    pages, rows = [], ["# Examples {#guide_examples}\n", "| program | what it shows |", "|---|---|"]
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.suffix != ".json")
    # For C++ the header is read as it is.
    for path in [*files, folder.parent.parent / "include/pmem/pmem.hpp"]:
        words = first_comment(path.read_text(encoding="utf-8"))
        if not words:
            sys.exit(f"{path.name} does not begin by saying what it shows")
        pages.append(f"/** @example {path.name} */\n")
        rows.append(f'| @ref {path.name} "{path.name}" | {escape(words)} |')
    return "".join(pages), "\n".join(rows) + "\n"


def shared(comment):
    """A comment with @name: for the group, and as the brief description of one function."""
    comment = re.sub(r"^/\*\* @name (.*?)(?: @since (\S+))? \*/$",
                     lambda one: f"/**\n * @name {one.group(1)}\n" +
                     (f" * @since {one.group(2)}\n" if one.group(2) else "") + " */", comment)
    name = re.search(r"@name (.*)", comment).group(1)
    plain = re.sub(r"@[pc] ", "", name)
    # A backslash before a full stop: the description does not end there.
    brief = re.sub(r"\.(?= )", r"\\.", name) + "\n *"
    return (comment.replace(f"@name {name}", f"@name {plain}"),
            comment.replace(f"@name {name}", f"@brief {brief}"))


def header(text):
    """The text of each @name with functions stands at each of them that has none of its own."""
    out, start, words, described = [], 0, "", False
    for line in text.split("\n"):
        if line.startswith("/** @{") and "@name " in "\n".join(out[start:]):
            group, words = shared("\n".join(out[start:]))
            out[start:] = [group]
        elif line.startswith("/** @}"):
            words = ""
        elif line.startswith("/**"):
            start = len(out)
        elif line.startswith("PMEM_API") and words and not described:
            out.append(words)
        described = line.endswith("*/") and not line.startswith(("/** @{", "/** @}"))
        out.append(line)
    return "\n".join(out)


def main(project, folder):
    project, folder = pathlib.Path(project), pathlib.Path(folder)
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "include/pmem").mkdir(parents=True)
    for path in sorted(project.glob("include/pmem/*.h")):
        (folder / "include/pmem" / path.name).write_text(
            header(path.read_text(encoding="utf-8")), encoding="utf-8")
    (folder / "guides").mkdir()
    guides = Guides(project)
    texts = {label(page) + ".md": guides.markdown(page) for page in guides.pages}
    texts["examples.dox"], texts["guide_examples.md"] = examples(project / "docs/examples")
    for name, text in texts.items():
        (folder / "guides" / name).write_text(text, encoding="utf-8")
    # Named one by one: the order in which a folder shows its files is not the same everywhere.
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))
    (folder / "files").write_text(f"INPUT = {' '.join(files)}\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
