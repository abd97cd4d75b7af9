// SPDX-License-Identifier: MIT
// looks at files with: os->(open|openat|fcntl|memfd_create|eventfd|dup)\(|file_open\(|access_open\(|run_dir_open\(
// A descriptor or a result of the table of calls is tested as if 0 were a failure, or a success of open().
@r exists@
identifier f =~ "^(open|openat|fcntl|memfd_create|eventfd|dup)$";
expression X, Y;
position p;
@@
X = \(os->f(...)\|file_open(...)\|access_open(...)\|run_dir_open(...)\)
... when != X = Y
\(!X@p\|X@p <= 0\|X@p > 0\)

@script:python@
p << r.p;
@@
print(f"{p[0].file}:{p[0].line}: {p[0].current_element}: 0 is a descriptor")
