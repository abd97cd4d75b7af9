// SPDX-License-Identifier: MIT
// looks at files with: \berrno\b
// errno is read after a call that may have changed it.
@r exists@
identifier c =~ "^(close|free|munmap|fclose|closedir|unlink|unlinkat|printf|fprintf|snprintf|json_object_put|tcsetattr|sigaction)$";
identifier other;
position p;
expression E;
@@
\(c(...);\|(void)c(...);\)
... when != other(...)
    when != errno = E
errno@p

@script:python@
p << r.p;
@@
print(f"{p[0].file}:{p[0].line}: {p[0].current_element}: errno may be that of a call before")
