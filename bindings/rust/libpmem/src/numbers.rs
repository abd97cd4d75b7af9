// SPDX-License-Identifier: MIT
//! Constants as types, and by name.

use std::fmt;

use libpmem_sys as sys;

use crate::error::check;
use crate::text::{c_string, fixed};
use crate::Result;

/// The number of a constant, such as "PMEM_CAUSE_LOCKDOWN".
pub fn constant(name: &str) -> Result<u64> {
    let (name, mut value) = (c_string(name)?, 0);
    check(unsafe { sys::pmem_constant_value(name.as_ptr(), &mut value) })?;
    Ok(value)
}

/// The name of a number among the constants that begin alike; of flags one bit.
pub fn constant_name(prefix: &str, value: u64) -> Option<&'static str> {
    let prefix = c_string(prefix).ok()?;
    let name = unsafe { sys::pmem_constant_name(prefix.as_ptr(), value) };
    // NULL or static text.
    (!name.is_null()).then(|| unsafe { fixed(name) })
}

/// All constants of the library that is running.
pub fn constants() -> impl Iterator<Item = (&'static str, u64)> {
    (0..).map_while(|i| {
        let mut value = 0;
        let name = unsafe { sys::pmem_constant_at(i, &mut value) };
        (!name.is_null()).then(|| (unsafe { fixed(name) }, value))
    })
}

/// The names of bits, and the rest in hexadecimal.
pub(crate) fn show_bits(f: &mut fmt::Formatter<'_>, prefixes: &[&str], bits: u64) -> fmt::Result {
    let (mut rest, mut first) = (bits, true);
    for bit in (0..64).map(|n| 1 << n).filter(|bit| bits & bit != 0) {
        let name = prefixes
            .iter()
            .find_map(|prefix| constant_name(prefix, bit));
        if let Some(name) = name {
            write!(f, "{}{}", if first { "" } else { " | " }, name)?;
            rest &= !bit;
            first = false;
        }
    }
    if rest != 0 || first {
        write!(f, "{}{:#x}", if first { "" } else { " | " }, rest)?;
    }
    Ok(())
}

macro_rules! bits {
    ($number:ty, $(#[$about:meta])* $name:ident $($prefix:literal)+ {
        $($(#[$doc:meta])* $bit:ident = $value:expr,)*
    }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
        pub struct $name($number);

        impl $name {
            $($(#[$doc])* pub const $bit: $name = $name($value);)*

            /// No bit.
            pub const fn empty() -> Self {
                $name(0)
            }

            /// From a number; bits that this version does not know are kept.
            pub const fn from_bits(bits: $number) -> Self {
                $name(bits)
            }

            /// As a number.
            pub const fn bits(self) -> $number {
                self.0
            }

            /// Are all bits of the other one set?
            pub const fn contains(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }
        }

        impl std::ops::BitOr for $name {
            type Output = Self;
            fn bitor(self, other: Self) -> Self {
                $name(self.0 | other.0)
            }
        }

        impl std::ops::BitAnd for $name {
            type Output = Self;
            fn bitand(self, other: Self) -> Self {
                $name(self.0 & other.0)
            }
        }

        impl std::ops::BitOrAssign for $name {
            fn bitor_assign(&mut self, other: Self) {
                self.0 |= other.0;
            }
        }

        impl std::fmt::Debug for $name {
            #[allow(clippy::useless_conversion)] // some of these numbers have 64 bits already
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                crate::numbers::show_bits(f, &[$($prefix),+], u64::from(self.0))
            }
        }
    };
}
pub(crate) use bits;

macro_rules! bits32 {
    ($($all:tt)*) => { crate::numbers::bits! { u32, $($all)* } };
}
pub(crate) use bits32;

macro_rules! bits64 {
    ($($all:tt)*) => { crate::numbers::bits! { u64, $($all)* } };
}
pub(crate) use bits64;

macro_rules! value32 {
    ($(#[$about:meta])* $name:ident $prefix:literal {
        $($(#[$doc:meta])* $one:ident = $value:expr,)*
    }) => {
        $(#[$about])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u32);

        impl $name {
            $($(#[$doc])* pub const $one: $name = $name($value);)*

            /// From a number, which may be one that this version does not know.
            pub const fn from_number(number: u32) -> Self {
                $name(number)
            }

            /// As a number.
            pub const fn number(self) -> u32 {
                self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match crate::numbers::constant_name($prefix, self.0.into()) {
                    Some(name) => f.write_str(name),
                    None => write!(f, "{}({})", stringify!($name), self.0),
                }
            }
        }
    };
}
pub(crate) use value32;
