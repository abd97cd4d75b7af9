// SPDX-License-Identifier: MIT
//! Proves a copy engine: that it copies every byte it should and no byte it should not.

use std::fmt;
use std::os::raw::{c_int, c_void};

use libpmem_sys as sys;

use crate::callback::{guarded, settle};
use crate::{Context, Error, Region, RegionRef, Result};

type Alloc<'a> = Box<dyn FnMut(u64) -> Result<Region> + 'a>;
type Engine<'a> = Box<dyn FnMut(&mut RegionRef, u64, &RegionRef, u64, u64) -> Result<()> + 'a>;

const EFAULT: c_int = 14;

/// A copy between two buffers, of which every byte is compared. What closures fail or panic with
/// comes out of [`run`](SelfTest::run).
///
/// ```
/// # use libpmem::{AllocFlags, AllocOptions, Context, SelfTest};
/// # let ctx = Context::new()?;
/// let anywhere = AllocOptions::new().flags(AllocFlags::NO_ADDRESS | AllocFlags::SCATTERED);
/// SelfTest::new(4096)
///     .hole(5)
///     .src_offset(3)
///     .alloc(|size| ctx.alloc_with(size, &anywhere))
///     .engine(|dst, dst_offset, src, src_offset, length| {
///         let (to, from, length) = (dst_offset as usize, src_offset as usize, length as usize);
///         let bytes = &src.as_slice()?[from..from + length];
///         dst.as_mut_slice()?[to..to + length].copy_from_slice(bytes);
///         Ok(())
///     })
///     .run(&ctx)?;
/// # Ok::<(), libpmem::Error>(())
/// ```
#[must_use]
pub struct SelfTest<'a> {
    size: u64,
    hole: u64,
    src_offset: u64,
    alloc: Option<Alloc<'a>>,
    engine: Option<Engine<'a>>,
}

impl fmt::Debug for SelfTest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SelfTest")
            .field("size", &self.size)
            .field("hole", &self.hole)
            .field("src_offset", &self.src_offset)
            .finish_non_exhaustive()
    }
}

impl<'a> SelfTest<'a> {
    /// Of that many bytes in each buffer.
    pub fn new(size: u64) -> Self {
        SelfTest {
            size,
            hole: 0,
            src_offset: 0,
            alloc: None,
            engine: None,
        }
    }

    /// Bytes that are left alone at each end of the destination.
    pub fn hole(mut self, hole: u64) -> Self {
        self.hole = hole;
        self
    }

    /// Where the copy starts in the source; at most twice the hole.
    pub fn src_offset(mut self, src_offset: u64) -> Self {
        self.src_offset = src_offset;
        self
    }

    /// Makes a buffer of at least so many bytes, which becomes the self-test's. Without one it is
    /// [`Context::alloc`].
    pub fn alloc(mut self, alloc: impl FnMut(u64) -> Result<Region> + 'a) -> Self {
        self.alloc = Some(Box::new(alloc));
        self
    }

    /// The engine: destination, offset, source, offset, length. Without one the CPU copies.
    pub fn engine(
        mut self,
        engine: impl FnMut(&mut RegionRef, u64, &RegionRef, u64, u64) -> Result<()> + 'a,
    ) -> Self {
        self.engine = Some(Box::new(engine));
        self
    }

    /// Copy and compare.
    pub fn run(self, context: &Context) -> Result<()> {
        let (alloc, engine) = (self.alloc.is_some(), self.engine.is_some());
        let (size, hole, src_offset) = (self.size, self.hole, self.src_offset);
        let mut state = State {
            test: self,
            failed: None,
            contexts: Vec::new(),
        };
        let user = (&mut state as *mut State<'_>).cast();
        let result = unsafe {
            sys::pmem_selftest_copy(
                context.as_ptr(),
                size,
                hole,
                src_offset,
                alloc.then_some(call_alloc as sys::pmem_selftest_alloc_fn),
                engine.then_some(call_engine as sys::pmem_selftest_copy_fn),
                user,
            )
        };
        let error = (result < 0).then(|| Error::last(result));
        let failed = state.failed.take();
        drop(state);
        settle();
        match (failed, error) {
            // A closure's own error says more than the number that C was told.
            (Some(why), Some(_)) | (None, Some(why)) => Err(why),
            (_, None) => Ok(()),
        }
    }
}

impl Context {
    /// Prove that memory of so many bytes is copied right; [`SelfTest`] has more to choose.
    pub fn selftest_copy(&self, size: u64) -> Result<()> {
        SelfTest::new(size).run(self)
    }
}

struct State<'a> {
    test: SelfTest<'a>,
    failed: Option<Error>,
    /// Those of the buffers, which C closes: their log closures live until then.
    contexts: Vec<Context>,
}

impl State<'_> {
    /// What C is told of a closure's result.
    fn outcome(&mut self, result: Option<Result<()>>) -> c_int {
        match result {
            Some(Ok(())) => 0,
            Some(Err(why)) => {
                // 0 would be no failure.
                let code = -why.raw_os_error().max(1);
                self.failed = Some(why);
                code
            }
            None => -EFAULT, // it panicked
        }
    }
}

/// # Safety
/// `user` is the State of the call that is under way, and `out` is to be written.
unsafe extern "C" fn call_alloc(
    user: *mut c_void,
    size: u64,
    out: *mut *mut sys::pmem_region,
) -> c_int {
    let state = unsafe { &mut *user.cast::<State<'_>>() };
    let State { test, contexts, .. } = state;
    let result = guarded(|| {
        let alloc = test
            .alloc
            .as_mut()
            .expect("C calls it only if it was given");
        let (region, context) = alloc(size)?.into_parts();
        contexts.push(context);
        unsafe { *out = region.as_ptr() };
        Ok(())
    });
    state.outcome(result)
}

/// # Safety
/// `user` is the State of the call that is under way, and the regions are two that live.
unsafe extern "C" fn call_engine(
    user: *mut c_void,
    dst: *mut sys::pmem_region,
    dst_offset: u64,
    src: *mut sys::pmem_region,
    src_offset: u64,
    length: u64,
) -> c_int {
    let state = unsafe { &mut *user.cast::<State<'_>>() };
    let engine = state.test.engine.as_mut();
    let result = guarded(|| {
        let engine = engine.expect("C calls it only if it was given");
        // Nobody else has a reference: they were made by C, or given up by a closure.
        let (dst, src) = unsafe { (RegionRef::from_mut_ptr(dst), RegionRef::from_ptr(src)) };
        engine(dst, dst_offset, src, src_offset, length)
    });
    state.outcome(result)
}
