# SPDX-License-Identifier: MIT
"""The mutants of a file: what clang's AST says can be changed. Needs python3-clang (Debian), and its libclang."""

import hashlib
import pathlib
import re

import clang.cindex as ci

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
K = ci.CursorKind
OTHER = {  # operator: (kind, what is put in its place)
    "<": ("relation", "<="), "<=": ("relation", "<"), ">": ("relation", ">="), ">=": ("relation", ">"),
    "==": ("relation", "!="), "!=": ("relation", "=="), "&&": ("logic", "||"), "||": ("logic", "&&"),
    "+": ("arithmetic", "-"), "-": ("arithmetic", "+"), "*": ("arithmetic", "+"), "/": ("arithmetic", "*"),
    "%": ("arithmetic", "+"), "&": ("arithmetic", "|"), "|": ("arithmetic", "&"), "<<": ("arithmetic", ">>"),
    ">>": ("arithmetic", "<<"), "^": ("arithmetic", "|"), "+=": ("arithmetic", "-="), "-=": ("arithmetic", "+="),
    "|=": ("arithmetic", "&="), "&=": ("arithmetic", "|="), "<<=": ("arithmetic", ">>="),
    ">>=": ("arithmetic", "<<="),
}
COMMENT = r"(?:\s|/\*.*?\*/)*"


class Mutant:
    """A change of one place. Its name stays when lines above it come or go."""

    def __init__(self, file, function, kind, source, start, end, new, line):
        self.file, self.function, self.kind = file, function, kind
        self.start, self.end, self.new, self.line = start, end, new, line
        self.last = line + source[start:end].count(b"\n")
        begin = source.rfind(b"\n", 0, start) + 1
        stop = source.find(b"\n", end)
        old = " ".join(source[begin:stop].decode().split())
        self.code = " ".join(source[begin:source.find(b"\n", start)].decode().split())
        changed = " ".join((source[begin:start] + new.encode() + source[end:stop]).decode().split())
        self.text = f"{old} ~ {changed}"
        self.ordinal = 0

    @property
    def name(self):
        again = f" #{self.ordinal}" if self.ordinal else ""
        return f"{self.file} ~ {self.function} ~ {self.text}{again}"

    @property
    def draw(self):
        """Its place in the lot of the sample: the same in every run, and of no other mutant's doing."""
        return hashlib.sha256(self.name.encode()).hexdigest()


class Maker:
    def __init__(self, file, arguments):
        self.file, self.made, self.function = file, [], None
        self.source = (ROOT / file).read_bytes()
        unit = ci.Index.create().parse(str(ROOT / file), args=arguments)
        wrong = [d.spelling for d in unit.diagnostics if d.severity >= ci.Diagnostic.Error]
        if wrong:
            raise SystemExit(f"mutants: clang cannot read {file}: {wrong[0]}")
        for cursor in unit.cursor.get_children():
            if cursor.kind == K.FUNCTION_DECL and cursor.is_definition() and self.here(cursor):
                self.function = cursor
                for child in cursor.get_children():
                    if child.kind == K.COMPOUND_STMT:
                        self.walk(child, None)

    def here(self, cursor):
        return cursor.location.file and cursor.location.file.name == str(ROOT / self.file)

    def text(self, cursor):
        return self.source[cursor.extent.start.offset:cursor.extent.end.offset].decode()

    def add(self, kind, start, end, new):
        line = self.source.count(b"\n", 0, start) + 1
        mutant = Mutant(self.file, self.function.spelling, kind, self.source, start, end, new, line)
        mutant.ordinal = sum(m.function == mutant.function and m.text == mutant.text for m in self.made)
        self.made.append(mutant)

    def around(self, kind, cursor, new):
        self.add(kind, cursor.extent.start.offset, cursor.extent.end.offset, new)

    def walk(self, cursor, parent):
        children = list(cursor.get_children())
        if cursor.kind in (K.BINARY_OPERATOR, K.COMPOUND_ASSIGNMENT_OPERATOR) and len(children) == 2:
            self.operator(children)
        elif cursor.kind in (K.IF_STMT, K.WHILE_STMT, K.CONDITIONAL_OPERATOR) and children:
            self.condition(children[0])
        elif cursor.kind == K.INTEGER_LITERAL and not self.bound(cursor, parent):
            self.constant(cursor)
        elif cursor.kind == K.CALL_EXPR and parent is not None and self.statement(cursor, parent):
            self.around("deletion", cursor, "(void)0")
        elif cursor.kind == K.RETURN_STMT and children and self.text(cursor).startswith("return"):
            self.result(children[0])
        for child in children:
            self.walk(child, cursor)

    def statement(self, cursor, parent):
        """Is the call a statement of its own? The next character is then the end of it."""
        after = self.source[cursor.extent.end.offset:cursor.extent.end.offset + 1]
        inside = list(parent.get_children())
        if parent.kind == K.COMPOUND_STMT or parent.kind == K.CSTYLE_CAST_EXPR:
            return after == b";"
        return parent.kind in (K.IF_STMT, K.FOR_STMT, K.WHILE_STMT) and after == b";" and cursor != inside[0]

    def operator(self, sides):
        left, right = (side.extent for side in sides)
        between = self.source[left.end.offset:right.start.offset].decode()
        # Not across a macro's edge, where the text is not what the tree says.
        found = re.fullmatch(rf"({COMMENT})([<>=!&|+*/%^-]+)({COMMENT})", between, re.S)
        if not found or found[2] not in OTHER:
            return
        start = left.end.offset + len(found[1].encode())
        kind, new = OTHER[found[2]]
        self.add(kind, start, start + len(found[2]), new)
        if found[2] == "|":  # each flag in turn is forgotten
            self.add("flag", left.start.offset, right.start.offset, "")
            self.add("flag", left.end.offset, right.end.offset, "")

    def condition(self, cursor):
        text = self.text(cursor)
        simple = re.search(r"[<>=!]=|[<>]", text) and not re.search(r"&&|\|\||\(", text)
        if text and not simple and cursor.kind != K.DECL_STMT:  # a lone relation is negated by its operator
            self.around("negation", cursor, f"!({text})")

    def bound(self, cursor, parent):
        """`r < 0`: the operator's mutant is the same as the constant's."""
        return parent is not None and parent.kind == K.BINARY_OPERATOR and re.search(r"[^<>-](<|>|<=|>=) *\w+$", self.text(parent))

    def constant(self, cursor):
        found = re.match(rb"(0[xX][0-9a-fA-F]+|[0-9]+)([uUlL]*)\b", self.source[cursor.extent.start.offset:])
        if found:
            value = int(found[1], 0) if not re.fullmatch(rb"0[0-7]+", found[1]) else int(found[1], 8)
            new = {0: 1, 1: 0}.get(value, value + 1)
            start = cursor.extent.start.offset
            self.add("constant", start, start + len(found[0]), f"{new}{found[2].decode()}")

    def result(self, cursor):
        text, kind = self.text(cursor), self.function.result_type.get_canonical().kind
        integer = kind in (ci.TypeKind.INT, ci.TypeKind.LONG, ci.TypeKind.LONGLONG)
        if text not in ("0", "NULL", "false") and kind not in (ci.TypeKind.RECORD, ci.TypeKind.VOID):
            self.around("result", cursor, "0")
        if integer and not re.fullmatch(r"-E\w+", text):
            self.around("result", cursor, "-5")


def made(file, arguments):
    return Maker(file, arguments).made
