// SPDX-License-Identifier: MIT
// looks at files with: fork_lock_take\(|pool_lock\(|pthread_mutex_lock\(
// A function ends while a lock is held that it took. Functions whose name says that they take it may.
@r exists@
expression E;
position p;
identifier take =~ "^(fork_lock_take|pool_lock|pthread_mutex_lock)$";
identifier give =~ "^(fork_lock_give|pool_unlock|pthread_mutex_unlock)$";
identifier f !~ "lock|take";
@@
f(...)
{
<+...
take(E)
... when != give(E)
return@p ...;
...+>
}

@script:python@
p << r.p;
@@
print(f"{p[0].file}:{p[0].line}: {p[0].current_element}: it returns with the lock")
