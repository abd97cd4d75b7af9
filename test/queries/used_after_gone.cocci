// SPDX-License-Identifier: MIT
// looks at files with: os->(close|munmap)\(
// A number or a range that was given up is used or given up again: by then it may be another thread's.
@r exists@
expression X, Y;
position p, q;
@@
os->close@q(X)
... when != X = Y
    when != X += Y
    when != &X
os->close@p(X)

@script:python@
p << r.p;
q << r.q;
@@
if p[0].line != q[0].line: # a loop gives up one after the other
    print(f"{p[0].file}:{p[0].line}: {p[0].current_element}: it was given up already")

@s exists@
expression X, Y;
position p, q;
@@
os->munmap@q(X, ...)
... when != X = Y
    when != X += Y
    when != &X
\(os->munmap@p(X, ...)\|*X@p\|X@p[...]\|memset@p(X, ...)\|memcpy@p(X, ...)\)

@script:python@
p << s.p;
q << s.q;
@@
if p[0].line != q[0].line: # a loop gives up one after the other
    print(f"{p[0].file}:{p[0].line}: {p[0].current_element}: it was given up already")
