// SPDX-License-Identifier: MIT
//! What a callback panics with is kept while C is on the stack, and goes on afterwards.

use std::any::Any;
use std::cell::Cell;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};

type Payload = Box<dyn Any + Send>;

thread_local! {
    static KEPT: Cell<Option<Payload>> = Cell::new(None);
}

/// Run what must not unwind; None if it panicked.
pub(crate) fn guarded<T>(function: impl FnOnce() -> T) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(function)) {
        Ok(value) => Some(value),
        Err(payload) => {
            // The first of a call is the one that its caller hears of. Dropping a payload may panic
            // as well, so the others are only forgotten. No thread-local is left at a thread's end.
            let _ = KEPT.try_with(|kept| match kept.take() {
                Some(first) => {
                    std::mem::forget(payload);
                    kept.set(Some(first));
                }
                None => kept.set(Some(payload)),
            });
            None
        }
    }
}

/// After a call: the panic of a callback that ran in it goes on. Two at once would abort, so one
/// that comes while another unwinds is forgotten.
pub(crate) fn settle() {
    if let Ok(Some(payload)) = KEPT.try_with(Cell::take) {
        if std::thread::panicking() {
            std::mem::forget(payload);
        } else {
            resume_unwind(payload);
        }
    }
}
