// SPDX-License-Identifier: MIT
// looks at files with: inherit_never
// What was noted as this process's only is closed by its number alone: after a fork, or where the program closed all
// numbers, that is somebody else's (lib/os/inherit.h).
@n@
expression E;
identifier m;
@@
E->m = inherit_never(...)

@r@
expression X;
identifier n.m;
position p;
@@
os->close@p(X->m)

@script:python@
p << r.p;
@@
print(f"{p[0].file}:{p[0].line}: {p[0].current_element}: inherit_close() looks whose it is")
