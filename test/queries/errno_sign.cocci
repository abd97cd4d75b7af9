// SPDX-License-Identifier: MIT
// looks at files with: error_set\(-|return E[A-Z]
// The sign of an errno: error_set() takes it positive and returns it negative; functions return it negative.
@r@
constant C =~ "^E[A-Z][A-Z0-9]+$";
position p;
@@
error_set@p(-C, ...)

@script:python@
p << r.p;
@@
print(f"{p[0].file}:{p[0].line}: {p[0].current_element}: an errno with the wrong sign")

@s@
constant C =~ "^E[A-Z][A-Z0-9]+$";
position p;
@@
return C@p;

@script:python@
p << s.p;
@@
print(f"{p[0].file}:{p[0].line}: {p[0].current_element}: an errno with the wrong sign")
