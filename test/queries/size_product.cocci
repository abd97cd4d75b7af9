// SPDX-License-Identifier: MIT
// looks at files with: (malloc|realloc|alloca|aligned_alloc)\(.*sizeof
// A product that may wrap is asked for: calloc() and reallocarray() look.
@r@
identifier f =~ "^(malloc|realloc|alloca|aligned_alloc)$";
expression E, N;
type T;
position p;
@@
f@p(..., <+... \(N * sizeof(E)\|sizeof(E) * N\|N * sizeof(T)\|sizeof(T) * N\) ...+>)

@script:python@
p << r.p;
N << r.N;
@@
if not N.isdigit() and not N.isupper():
    print(f"{p[0].file}:{p[0].line}: {p[0].current_element}: the product may wrap")
