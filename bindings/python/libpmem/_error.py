# SPDX-License-Identifier: MIT
"""Why calls fail, and what is given back when."""

from __future__ import annotations

import contextlib
import ctypes
import os
import threading
import weakref
from ctypes import byref, c_void_p
from typing import Any, Callable, Iterator, List, Optional, Tuple, TypeVar

from ._library import lib


class Thread(threading.local):
    """Calls that are under way in a thread, and what is to be given back after them."""
    depth = 0
    explicit = False

    def __init__(self) -> None:
        self.later: List[Callable[[], None]] = []


thread = Thread()


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Finalizers wait meanwhile: they call the library, too, and would replace the last error."""
    thread.depth += 1
    try:
        yield
    except ctypes.ArgumentError as why:  # ctypes keeps of the reason only the text
        raise (OverflowError if "OverflowError: " in str(why) else TypeError)(str(why)) from None
    finally:
        thread.depth -= 1
        while not thread.depth and thread.later:
            thread.later.pop()()


class Error(OSError):
    """Why a call failed, and what to do about it. errno is positive, as everywhere in Python."""

    code: int = 0
    cause: int = 0
    cause_name: str = "none"
    operation: str = ""
    path: str = ""
    message: str = ""
    hint: str = ""
    backend: str = ""
    children: Tuple["Error", ...] = ()

    def __str__(self) -> str:
        return str(self.args[1])

    @classmethod
    def of(cls, pointer: Any) -> "Error":
        code = lib.pmem_error_code(pointer)
        made = cls(-code, lib.pmem_error_text(pointer).decode(errors="replace"))
        made.code, made.cause = code, lib.pmem_error_cause(pointer)
        made.cause_name = lib.pmem_error_cause_name(made.cause).decode()
        for name in ("operation", "path", "message", "hint", "backend"):
            text = getattr(lib, f"pmem_error_{name}")(pointer)
            setattr(made, name, text.decode(errors="replace"))
        made.children = tuple(cls.of(lib.pmem_error_child(pointer, i))
                              for i in range(lib.pmem_error_child_count(pointer)))
        return made

    @classmethod
    def owned(cls, pointer: Any) -> "Error":
        try:
            return cls.of(pointer)
        finally:
            lib.pmem_error_free(pointer)

    @classmethod
    def last(cls, code: int) -> "Error":
        """That of the call which has just failed in this thread, with that result."""
        copy, last = c_void_p(), lib.pmem_error_last()
        # One that a signal handler's call left is not ours.
        if not last or lib.pmem_error_code(last) != code or lib.pmem_error_dup(last, byref(copy)):
            return cls(-code, os.strerror(-code))
        return cls.owned(copy)


def call(function: Any, *args: Any) -> int:
    with quiet():
        result = function(*args)
        if result < 0:
            raise Error.last(result)
        return result


def text(function: Any, *args: Any) -> Optional[str]:
    """Text, or None where there is none; NULL with an errno is a failure."""
    with quiet():
        ctypes.set_errno(0)
        found = function(*args)
        if found is None and ctypes.get_errno():
            raise Error.last(-ctypes.get_errno())
        return None if found is None else found.decode(errors="replace")


def encoded(name: Any) -> Optional[bytes]:
    return None if name is None else os.fsencode(name)


class Handle:
    """A pointer of the library, given back when nothing needs it: no call, no view, no object."""

    def __init__(self, value: Any, release: Any, keep: Any = None) -> None:
        self._as_parameter_ = c_void_p(value)
        self.value, self.keep = value, [keep]
        self.outcome: List[Error] = []
        self.finalizer = weakref.finalize(self, self._give_back, release, value, self.keep,
                                          self.outcome) if release else None

    @staticmethod
    def _give_back(release: Any, value: int, keep: Any, outcome: Any) -> None:
        def now() -> None:
            with quiet():
                result = release(value)
                if result:
                    outcome.append(Error.last(result))
            keep.clear()
        # close() comes between two calls; the garbage collector perhaps between a failing call and
        # the question why.
        explicit, thread.explicit = thread.explicit, False
        if thread.depth and not explicit:
            thread.later.append(now)
        else:
            now()


def let_go(holder: Any) -> None:
    """Give its handle back, now if nothing else needs it, also in a callback; a second time does nothing."""
    handle, holder._held = holder._held, None
    if handle is None:
        return
    outcome = handle.outcome
    thread.explicit = True
    try:
        del handle  # the last reference gives it back
    finally:
        thread.explicit = False
    if outcome:
        raise outcome[0]


Self = TypeVar("Self", bound="Closable")


class Closable:
    """What has a handle until it is closed, by `with` or close()."""

    _closed = "it is closed"

    def __init__(self, handle: Handle) -> None:
        self._held: Optional[Handle] = handle

    @property
    def _handle(self) -> Handle:
        if self._held is None:
            raise ValueError(self._closed)
        return self._held

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(self, *why: Any) -> None:
        self.close()

    def close(self) -> None:
        """Give it back, when the calls that are under way are done; a second time does nothing."""
        let_go(self)


class Process:
    """How often this process was forked off: what was made before belongs to a parent."""
    generation = 0

    @classmethod
    def forked(cls) -> None:
        cls.generation += 1


os.register_at_fork(after_in_child=Process.forked)
