// SPDX-License-Identifier: MIT
//! A view of the machine.

use std::borrow::Cow;
use std::fmt;
use std::os::raw::{c_char, c_void};
use std::panic::RefUnwindSafe;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use libpmem_sys as sys;

use crate::callback::{guarded, settle};
use crate::error::check;
use crate::text::lent;
use crate::{Error, Level, Result};

type Log = Box<dyn Fn(Level, &str) + Send + Sync>;

/// One view of the machine, from which regions are made. A clone is another reference; regions have
/// one.
#[derive(Clone)]
pub struct Context(Arc<Held>);

struct Held {
    ctx: NonNull<sys::pmem_ctx>,
    log: Option<NonNull<Log>>,
    /// A raw pointer to it is somewhere: who has it may go on longer than this.
    lent: AtomicBool,
}

// All functions may be called from any thread at any time, and the log closure is Send and Sync.
unsafe impl Send for Held {}
unsafe impl Sync for Held {}
// Its state is C's, and the log closure is only called.
impl RefUnwindSafe for Held {}

impl Drop for Held {
    fn drop(&mut self) {
        unsafe {
            if let (Some(log), false) = (self.log, *self.lent.get_mut()) {
                // No region is left that could call it: each has a reference to this.
                sys::pmem_ctx_set_log(self.ctx.as_ptr(), None, std::ptr::null_mut());
                sys::pmem_ctx_unref(self.ctx.as_ptr());
                drop(Box::from_raw(log.as_ptr()));
            } else {
                sys::pmem_ctx_unref(self.ctx.as_ptr());
            }
        }
    }
}

impl Context {
    /// Opens nothing, and reads nothing but the environment.
    pub fn new() -> Result<Context> {
        let mut out = std::ptr::null_mut();
        check(unsafe { sys::pmem_ctx_new(&mut out) })?;
        Ok(unsafe { Context::from_raw(out) })
    }

    /// A context whose messages go to a closure: from any thread that calls the library.
    pub fn with_log<F>(log: F) -> Result<Context>
    where
        F: Fn(Level, &str) + Send + Sync + 'static,
    {
        let context = Context::new()?;
        let log: NonNull<Log> = NonNull::from(Box::leak(Box::new(Box::new(log) as Log)));
        let held = Held {
            ctx: context.0.ctx,
            log: Some(log),
            lent: AtomicBool::new(false),
        };
        // One reference more, for `held`; that of `context` goes with it.
        unsafe { sys::pmem_ctx_ref(held.ctx.as_ptr()) };
        let user = log.as_ptr() as *mut c_void;
        check(unsafe { sys::pmem_ctx_set_log(held.ctx.as_ptr(), Some(log_message), user) })?;
        Ok(Context(Arc::new(held)))
    }

    /// The last failure of any call with this context, by any thread. Each call returns its own;
    /// this is for who lost it.
    pub fn last_error(&self) -> Option<Error> {
        let mut out = std::ptr::null_mut();
        let result = unsafe { sys::pmem_ctx_error(self.as_ptr(), &mut out) };
        (result == 0).then(|| unsafe { Error::owned(out) })
    }

    pub(crate) fn as_ptr(&self) -> *mut sys::pmem_ctx {
        self.0.ctx.as_ptr()
    }

    /// The pointer with one more reference, for another library, which calls `pmem_ctx_unref()`.
    pub fn to_raw(&self) -> *mut sys::pmem_ctx {
        self.keep_log();
        unsafe { sys::pmem_ctx_ref(self.as_ptr()) }
    }

    /// Somebody has a pointer of his own: the log closure stays for ever.
    pub(crate) fn keep_log(&self) {
        self.0.lent.store(true, Ordering::Relaxed);
    }

    /// A context of somebody else.
    ///
    /// # Safety
    /// The pointer is a context, and one reference to it is given up to this.
    pub unsafe fn from_raw(ctx: *mut sys::pmem_ctx) -> Context {
        Context(Arc::new(Held {
            // The library makes no context at address 0.
            ctx: NonNull::new(ctx).expect("a context is not NULL"),
            log: None,
            lent: AtomicBool::new(false),
        }))
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Context").field(&self.0.ctx).finish()
    }
}

/// # Safety
/// `user` is a Log that lives as long as messages come.
unsafe extern "C" fn log_message(user: *mut c_void, level: u32, message: *const c_char) {
    let (log, message) = unsafe { (&*(user as *const Log), lent(message)) };
    guarded(|| log(Level::from_number(level), &message));
}

/// Text of a context; NULL is a failure.
pub(crate) fn text_of(
    context: &Context,
    ask: impl FnOnce(*const sys::pmem_ctx) -> *const c_char,
) -> Result<Cow<'_, str>> {
    let text = ask(context.as_ptr());
    let result = match text.is_null() {
        true => Err(Error::of_null()),
        // Lives as long as the context.
        false => Ok(unsafe { lent(text) }),
    };
    settle();
    result
}
