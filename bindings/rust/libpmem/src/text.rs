// SPDX-License-Identifier: MIT
//! Text to and from C.

use std::borrow::Cow;
use std::ffi::{CStr, CString};
use std::os::raw::c_char;

use crate::{Cause, Error, Result};

const EINVAL: i32 = 22;

/// Text for C, which has no byte 0 in it.
pub(crate) fn c_string(text: impl Into<Vec<u8>>) -> Result<CString> {
    CString::new(text).map_err(|_| {
        Error::refused(
            EINVAL,
            Cause::OPTIONS,
            "text with a byte 0 in it",
            "give it without",
        )
    })
}

/// As c_string(), where there may be none.
pub(crate) fn optional(text: Option<&str>) -> Result<Option<CString>> {
    text.map(c_string).transpose()
}

/// The pointer of optional text; NULL where there is none.
pub(crate) fn pointer(text: &Option<CString>) -> *const c_char {
    text.as_ref().map_or(std::ptr::null(), |text| text.as_ptr())
}

/// Text that the library lends; "" for NULL.
///
/// # Safety
/// It lives as long as 'a.
pub(crate) unsafe fn lent<'a>(text: *const c_char) -> Cow<'a, str> {
    if text.is_null() {
        return Cow::Borrowed("");
    }
    unsafe { CStr::from_ptr(text) }.to_string_lossy()
}

/// Names that are constants of the library, and ASCII.
///
/// # Safety
/// It is NULL or static.
pub(crate) unsafe fn fixed(text: *const c_char) -> &'static str {
    match unsafe { lent::<'static>(text) } {
        Cow::Borrowed(text) => text,
        Cow::Owned(_) => "",
    }
}
