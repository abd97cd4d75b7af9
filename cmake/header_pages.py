#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the manual pages of section 3 from what Doxygen has read of the public headers.

usage: header_pages.py XML_DIR PAGE_DIR DATE_FROM

One page for each header, pmem_region(3) for region.h, and a link to it for each function, structure,
type and macro with arguments; libpmem(3) is pmem.h and types.h, and has the list of all pages.
DATE_FROM is another manual page: its date is that of these.
"""

import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

OVERVIEW = "libpmem"
PAGE_OF = {"pmem.h": OVERVIEW, "types.h": OVERVIEW}  # else pmem_ and the header's name


def squeeze(text):
    return " ".join((text or "").split())


def escape(text):
    """Text that roff takes as it is."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text[:1] in (".", "'") else text


def argument(text):
    """One argument of a macro, which is never taken for a macro or a delimiter."""
    text = escape(text).replace('"', "\\(dq")
    return f'"\\&{text}"' if re.fullmatch(r"[A-Z%][a-z0-9]{0,2}|[.,:;()\[\]?!|]", text) else f'"{text}"'


def inline(element):
    """The text of an element with what it holds, but for lists and sections."""
    out = [element.text or ""]
    for child in element:
        if child.tag not in BLOCKS:
            out.append(inline(child))
        out.append(child.tail or "")
    return "".join(out)


def sentences(text):
    """One sentence in a line, as mdoc wants it."""
    text = squeeze(text)
    return [escape(line) for line in re.split(r"(?<=[a-z0-9)][.?!]) (?=[A-Z])", text) if line]


def paragraphs(element):
    """A paragraph as pieces: text is ("text", ...), what stands apart ("block", element)."""
    pieces, text = [], element.text or ""
    for child in element:
        if child.tag in BLOCKS:
            pieces += [("text", text), ("block", child)]
            text = child.tail or ""
        else:
            text += inline(child) + (child.tail or "")
    return [piece for piece in [*pieces, ("text", text)] if piece[0] == "block" or squeeze(piece[1])]


def items(element):
    out = [".Bl -bullet -compact"]
    for item in element.findall("listitem"):
        out.append(".It")
        for para in item.findall("para"):
            out += body(para, first=True)
    return [*out, ".El"]


def parameters(element):
    out = [".Bl -tag -width 10n -compact"]
    for item in element.findall("parameteritem"):
        names = [squeeze(inline(name)) for name in item.iter("parametername")]
        out.append(".It Fa " + argument(", ".join(names)))
        for para in item.find("parameterdescription").findall("para"):
            out += body(para, first=True)
    return [*out, ".El"]


def section(element):
    """@return and @since; what else may come is a paragraph under its own name."""
    kind = element.get("kind")
    out = []
    for para in element.findall("para"):
        text = squeeze(inline(para))
        if kind == "since":
            out += [".Pp", f"Since {escape(text)}."]
        elif kind == "return":
            out += [".Pp", "Returns " + sentences(text)[0], *sentences(text)[1:]]
        else:
            out += [".Pp", f"{kind.capitalize()}: " + sentences(text)[0], *sentences(text)[1:]]
    return out


def verbatim(element):
    lines = inline(element).strip("\n").split("\n")
    return [".Bd -literal -offset indent", *[escape(line) for line in lines], ".Ed"]


BLOCKS = {"itemizedlist": items, "orderedlist": items, "parameterlist": parameters,
          "simplesect": section, "verbatim": verbatim}


def body(para, first=False):
    """One <para>; unless it is the first, it begins with a break."""
    out = []
    for kind, content in paragraphs(para):
        if kind == "text":
            out += ([] if first else [".Pp"]) + sentences(content)
        elif content.tag == "parameterlist":
            out += ([] if first else [".Pp"]) + BLOCKS[content.tag](content)
        else:
            out += BLOCKS[content.tag](content)
        first = False
    return out


def description(element, first):
    """All paragraphs of a <detaileddescription> or its like."""
    out = []
    for para in element.findall("para") if element is not None else []:
        out += body(para, first=first and not out)
    return out


class Member:
    """A function, macro, constant, type, or the member of a structure."""

    def __init__(self, element):
        self.name = squeeze(element.findtext("name"))
        self.kind = element.get("kind")
        self.line = int(element.find("location").get("line"))
        self.type = squeeze("".join(element.find("type").itertext())) \
            if element.find("type") is not None else ""
        self.value = squeeze("".join(element.find("initializer").itertext())) \
            if element.find("initializer") is not None else ""
        self.arguments = squeeze(element.findtext("argsstring"))
        self.parameters = [self.parameter(p) for p in element.findall("param")]
        self.is_macro = self.kind == "define" and bool(self.parameters)
        self.brief = squeeze(inline_all(element.find("briefdescription")))
        self.detail = element.find("detaileddescription")
        self.documented = bool(self.brief or squeeze(inline_all(self.detail)))

    @staticmethod
    def parameter(element):
        kind = squeeze("".join(element.find("type").itertext())) \
            if element.find("type") is not None else ""
        name = squeeze(element.findtext("declname") or element.findtext("defname"))
        gap = "" if not kind or not name or kind.endswith("*") else " "
        return kind + gap + name

    def has_page(self):
        return self.kind in ("function", "typedef") or self.is_macro

    def prototype(self):
        """Lines of a SYNOPSIS."""
        names, kind = self.parameters, self.type
        if self.kind == "typedef":
            names, kind = self.arguments.strip("()").split(", "), "typedef " + self.type
        out = [] if self.is_macro else [".Ft " + argument(kind)]
        return [*out, " ".join([".Fn", self.name, *[argument(name) for name in names]])]

    def text(self):
        lines = sentences(self.brief)
        return [*lines, *description(self.detail, first=not lines)]


def inline_all(element):
    return "".join(element.itertext()) if element is not None else ""


class Group:
    """Members below one @name, or the rest of a header one by one."""

    def __init__(self, element):
        self.header = squeeze(element.findtext("header"))
        self.since = re.search(r"@since (\S+)", self.header)
        self.header = squeeze(re.sub(r"@since \S+|@p ", "", self.header))
        self.detail = element.find("description")
        self.members = sorted((Member(m) for m in element.findall("memberdef")),
                              key=lambda member: member.line)

    def parts(self):
        """(line, lines of a page)"""
        if not self.header:
            for member in self.members:
                if member.has_page():
                    yield member.line, [f".Ss {member.name}", *member.text()]
                elif member.documented:
                    yield member.line, [f".Ss {member.name}", *constants([member])]
            return
        functions = [m for m in self.members if m.has_page()]
        title = " , ".join(m.name for m in functions) or escape(self.header.rstrip("."))
        out = [f".Ss {title}"]
        if functions:
            out += [escape(self.header) + ("" if self.header.endswith(".") else ".")]
        out += description(self.detail, first=False)
        for member in functions:
            out += ([".Pp"] + member.text()) if member.documented else []
        rest = [m for m in self.members if not m.has_page() and (m.documented or m.value)]
        out += constants(rest) if rest else []
        if self.since:
            out += [".Pp", f"Since {self.since.group(1)}."]
        yield self.members[0].line, out


def constants(members):
    out = [".Bl -tag -width 10n -compact"]
    for member in members:
        value = re.sub(r"^\((.*)\)$", r"\1", member.value)
        out.append(f".It Dv {member.name} Pq Li {argument(value)}")
        out += member.text()
    return [*out, ".El"]


class Structure:
    def __init__(self, path):
        compound = ElementTree.parse(path).getroot().find("compounddef")
        self.name = compound.findtext("compoundname")
        self.line = int(compound.find("location").get("line"))
        self.brief = squeeze(inline_all(compound.find("briefdescription")))
        self.detail = compound.find("detaileddescription")
        self.members = sorted((Member(m) for m in compound.iter("memberdef")),
                              key=lambda member: member.line)

    def part(self):
        lines = sentences(self.brief)
        out = [f".Ss struct {self.name}", *lines, *description(self.detail, first=not lines),
               ".Bl -tag -width 10n -compact"]
        for member in self.members:
            gap = "" if member.type.endswith("*") else " "
            out.append(".It Vt " + argument(f"{member.type}{gap}{member.name}"))
            out += member.text()
        return [*out, ".El"]


class Header:
    def __init__(self, path):
        compound = ElementTree.parse(path).getroot().find("compounddef")
        self.file = compound.findtext("compoundname")
        self.brief = squeeze(inline_all(compound.find("briefdescription"))).rstrip(".")
        self.detail = compound.find("detaileddescription")
        self.groups = [Group(s) for s in compound.findall("sectiondef")]
        self.structures = [Structure(path.parent / f"{inner.get('refid')}.xml")
                           for inner in compound.findall("innerclass")]
        members = [m for group in self.groups for m in group.members]
        self.members = sorted((m for m in members if m.has_page()), key=lambda m: m.line)
        groups = {m.name for g in self.groups if g.header for m in g.members}
        for member in self.members:
            if not member.documented and member.name not in groups:
                sys.exit(f"{self.file}: {member.name} is not documented")

    def page(self):
        return PAGE_OF.get(self.file, "pmem_" + self.file.removesuffix(".h"))

    def names(self):
        """What has a link to the page."""
        return [m.name for m in self.members] + [s.name for s in self.structures]

    def text(self):
        parts = [part for group in self.groups for part in group.parts()]
        parts += [(s.line, s.part()) for s in self.structures]
        return [line for _, lines in sorted(parts, key=lambda part: part[0]) for line in lines]


def head(page, names, brief, date):
    others = [name for name in names if name != page]
    out = ['.\\" Written by cmake/header_pages.py from include/pmem/: change it there.', date,
           f".Dt {page.upper()} 3", ".Os", ".Sh NAME"]
    listed = [page, *others]
    out += [f".Nm {name} ," for name in listed[:-1]] + [f".Nm {listed[-1]}"]
    return [*out, f".Nd {escape(brief[:1].lower() + brief[1:])}", ".Sh SYNOPSIS", ".In pmem/pmem.h"]


def see_also(names):
    """In the order that mdoc(7) wants: by section, then by name."""
    entries = sorted(names, key=lambda entry: (entry[1], entry[0]))
    return [".Sh SEE ALSO"] + [f".Xr {name} {section} ," for name, section in entries[:-1]] + \
        [".Xr {} {}".format(*entries[-1])]


def object_page(header, pages, date):
    out = head(header.page(), header.names(), header.brief, date)
    for member in header.members:
        out += member.prototype()
    out += [".Pp", ".Li " + argument("cc example.c $(pkg-config --cflags --libs libpmem)")]
    out += [".Sh DESCRIPTION", *description(header.detail, first=True), *header.text()]
    others = [(page, 3) for page in {OVERVIEW, *pages} - {header.page()}]
    return [*out, *see_also([*others, ("physmem", 7)])]


def overview(umbrella, types, objects, date):
    out = head(OVERVIEW, types.names(), umbrella.brief.split(": ")[-1], date)
    out += [".Pp", ".Li " + argument("cc example.c $(pkg-config --cflags --libs libpmem)"),
            ".Sh DESCRIPTION", "Each object has a page, and each function leads to that of its object:",
            ".Bl -tag -width pmem_constant"]
    for header in objects:
        out += [f".It Xr {header.page()} 3", *sentences(header.brief + ".")]
    out += [".El", ".Pp", ".Xr physmem 7", "is an introduction with an example."]
    out += [".Ss Rules", *description(types.detail, first=True), *types.text()]
    return [*out, *see_also([(h.page(), 3) for h in objects] + [("physmem", 1), ("physmem", 7)])]


def main(xml, folder, date_from):
    date = re.search(r"^\.Dd .*$", pathlib.Path(date_from).read_text(encoding="utf-8"), re.M).group(0)
    headers = {}
    for path in sorted(pathlib.Path(xml).glob("*_8h.xml")):
        header = Header(path)
        headers[header.file] = header
    objects = [h for h in headers.values() if h.file not in PAGE_OF]
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.3"):
        old.unlink()
    pages = {h.page(): object_page(h, [o.page() for o in objects], date) for h in objects}
    pages[OVERVIEW] = overview(headers["pmem.h"], headers["types.h"], objects, date)
    for header in headers.values():
        for name in header.names():
            if name not in pages:
                (folder / f"{name}.3").write_text(f".so man3/{header.page()}.3\n", encoding="utf-8")
    for page, lines in pages.items():
        (folder / f"{page}.3").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
