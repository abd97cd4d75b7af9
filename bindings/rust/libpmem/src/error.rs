// SPDX-License-Identifier: MIT
//! Why a call failed, taken in the thread and before anything else can run there.

use std::ffi::{CStr, OsStr};
use std::fmt;
use std::io;
use std::os::raw::c_int;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use libpmem_sys as sys;

use crate::callback::settle;
use crate::text::{fixed, lent};
use crate::Cause;

/// What calls of this crate return.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a call failed, and what to do about it. Programs decide by
/// [`raw_os_error`](Error::raw_os_error) and [`cause`](Error::cause); texts may change.
///
/// ```
/// let ctx = libpmem::Context::new()?;
/// let error = ctx.alloc(0).unwrap_err();
/// assert_eq!(error.cause(), libpmem::Cause::ZERO_SIZE);
/// assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
/// # Ok::<(), libpmem::Error>(())
/// ```
#[derive(Clone)]
pub struct Error(Box<Parts>);

#[derive(Clone)]
struct Parts {
    code: c_int,
    cause: Cause,
    operation: String,
    path: PathBuf,
    message: String,
    hint: String,
    text: String,
    backend: String,
    children: Vec<Error>,
}

impl Error {
    /// The errno, positive.
    pub fn raw_os_error(&self) -> i32 {
        -self.0.code
    }

    /// The kind that `std::io` gives to this errno.
    pub fn kind(&self) -> io::ErrorKind {
        io::Error::from_raw_os_error(self.raw_os_error()).kind()
    }

    /// One of a fixed list; its name is `cause().name()`.
    pub fn cause(&self) -> Cause {
        self.0.cause
    }

    /// The operation that failed, such as "open" or "mmap".
    pub fn operation(&self) -> &str {
        &self.0.operation
    }

    /// The file concerned.
    pub fn path(&self) -> Option<&Path> {
        Some(self.0.path.as_path()).filter(|path| !path.as_os_str().is_empty())
    }

    /// What is wrong, one sentence.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The next step to take, or "".
    pub fn hint(&self) -> &str {
        &self.0.hint
    }

    /// The backend, or the way within one, that refused; or "".
    pub fn backend(&self) -> &str {
        &self.0.backend
    }

    /// One error for each backend, heap or way that was tried, if several were.
    pub fn children(&self) -> &[Error] {
        &self.0.children
    }

    /// A copy of an error of the library, with all of its children.
    ///
    /// # Safety
    /// The pointer is one of an error, which stays as it is meanwhile.
    pub(crate) unsafe fn copied(from: *const sys::pmem_error) -> Error {
        unsafe {
            let count = sys::pmem_error_child_count(from);
            let path = CStr::from_ptr(sys::pmem_error_path(from)); // never NULL
            Error(Box::new(Parts {
                code: sys::pmem_error_code(from),
                cause: Cause::from_number(sys::pmem_error_cause(from)),
                operation: lent(sys::pmem_error_operation(from)).into_owned(),
                path: OsStr::from_bytes(path.to_bytes()).into(),
                message: lent(sys::pmem_error_message(from)).into_owned(),
                hint: lent(sys::pmem_error_hint(from)).into_owned(),
                text: lent(sys::pmem_error_text(from)).into_owned(),
                backend: lent(sys::pmem_error_backend(from)).into_owned(),
                children: (0..count)
                    .map(|i| Error::copied(sys::pmem_error_child(from, i)))
                    .collect(),
            }))
        }
    }

    /// As copied(), of an error that is this program's to free.
    ///
    /// # Safety
    /// As of copied(); the error is gone afterwards.
    pub(crate) unsafe fn owned(from: *mut sys::pmem_error) -> Error {
        unsafe {
            let error = Error::copied(from);
            sys::pmem_error_free(from);
            error
        }
    }

    /// That of the call which has just failed in this thread, with that result.
    pub(crate) fn last(code: c_int) -> Error {
        let last = unsafe { sys::pmem_error_last() };
        // One that a signal handler's call left is not ours.
        if last.is_null() || unsafe { sys::pmem_error_code(last) } != code {
            let text = io::Error::from_raw_os_error(-code).to_string();
            return Error::refused(-code, Cause::SYSTEM, &text, "");
        }
        unsafe { Error::copied(last) }
    }

    /// That of a call which has just returned NULL: its errno is the thread's.
    pub(crate) fn of_null() -> Error {
        let errno = io::Error::last_os_error().raw_os_error().unwrap_or(0);
        Error::last(-errno)
    }

    /// What this crate refuses by itself.
    pub(crate) fn refused(errno: i32, cause: Cause, message: &str, hint: &str) -> Error {
        Error(Box::new(Parts {
            code: -errno,
            cause,
            operation: "binding".into(),
            path: PathBuf::new(),
            message: message.into(),
            hint: hint.into(),
            text: format!("{} ({})", message, cause),
            backend: String::new(),
            children: Vec::new(),
        }))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("errno", &self.raw_os_error())
            .field("cause", &self.0.cause)
            .field("text", &self.0.text)
            .field("hint", &self.0.hint)
            .field("backend", &self.0.backend)
            .field("children", &self.0.children)
            .finish()
    }
}

impl std::error::Error for Error {}

impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        io::Error::new(error.kind(), error)
    }
}

impl Cause {
    /// The stable name, such as "driver-owned".
    pub fn name(self) -> &'static str {
        // Static text for every number.
        unsafe { fixed(sys::pmem_error_cause_name(self.number())) }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The result of a call, or its error, taken before a callback's panic goes on.
pub(crate) fn check(result: c_int) -> Result<c_int> {
    let result = match result {
        0.. => Ok(result),
        _ => Err(Error::last(result)),
    };
    settle();
    result
}
