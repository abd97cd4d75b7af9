// SPDX-License-Identifier: MIT
// looks at files with: LOCK_EX
// A lock of a file is let go by close() alone: a child that was forked meanwhile has the descriptor, and so the lock.
@r exists@
expression FD;
position p;
@@
os->flock(FD, <+... LOCK_EX ...+>)
... when != os->flock(FD, LOCK_UN)
os->close@p(FD)

@script:python@
p << r.p;
@@
print(f"{p[0].file}:{p[0].line}: {p[0].current_element}: closed without LOCK_UN: a child may have it")
