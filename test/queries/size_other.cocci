// SPDX-License-Identifier: MIT
// looks at files with: \.(argsz|size) = sizeof
// The size that a struct tells of itself is another's: a kernel that believes it writes behind the end.
@r@
identifier t, s;
identifier m =~ "^(argsz|size)$";
position p;
type T;
@@
struct t s = { ..., .m = sizeof@p(T), ... };

@script:python@
p << r.p;
t << r.t;
T << r.T;
@@
if T.replace("const ", "").split() != ["struct", t]:
    print(f"{p[0].file}:{p[0].line}: {p[0].current_element}: it tells the size of {T}")

@b@
identifier t, v;
identifier m =~ "^(argsz|size)$";
position p;
expression E;
@@
struct t v = { ..., .m = sizeof@p(E), ... };

@script:python@
p << b.p;
v << b.v;
E << b.E;
@@
if E.strip("() ") != v:
    print(f"{p[0].file}:{p[0].line}: {p[0].current_element}: it tells the size of {E}")
