// SPDX-License-Identifier: MIT
//! dma-bufs: heaps, and buffers of which a program has a descriptor only.

use std::borrow::Cow;
use std::mem::ManuallyDrop;
use std::os::unix::io::{AsFd, AsRawFd, BorrowedFd};

use libpmem_sys as sys;

use crate::callback::settle;
use crate::error::check;
use crate::text::lent;
use crate::{Context, Direction, HeapClass, Result, Way};

/// A dma-heap of this machine.
#[derive(Clone, Debug)]
pub struct Heap<'a> {
    context: &'a Context,
    index: usize,
    /// For [`AllocOptions::heap`](crate::AllocOptions::heap).
    pub name: Cow<'a, str>,
    /// Its device file.
    pub path: Cow<'a, str>,
    /// What it gives, known by its name.
    pub class: HeapClass,
}

impl Heap<'_> {
    /// By which way the address of its memory can be known. Allocates one page and gives it back.
    pub fn way(&self) -> Result<Way> {
        let mut way = 0;
        check(unsafe { sys::pmem_heap_way(self.context.as_ptr(), self.index, &mut way) })?;
        Ok(Way::from_number(way))
    }
}

/// The CPU's turn with a bare dma-buf; it ends with this value.
#[derive(Debug)]
pub struct DmabufAccess<'a> {
    context: &'a Context,
    fd: BorrowedFd<'a>,
    direction: Direction,
}

impl DmabufAccess<'_> {
    /// End the CPU's turn, and hear whether that worked.
    pub fn end(self) -> Result<()> {
        check(ManuallyDrop::new(self).finish()).map(drop)
    }

    fn finish(&self) -> i32 {
        let (ctx, fd) = (self.context.as_ptr(), self.fd.as_raw_fd());
        unsafe { sys::pmem_dmabuf_cpu_end(ctx, fd, self.direction.number()) }
    }
}

impl Drop for DmabufAccess<'_> {
    fn drop(&mut self) {
        self.finish();
        settle();
    }
}

impl Context {
    /// The dma-heaps: contiguous ones first, then by name. The list is made once for a context.
    pub fn heaps(&self) -> Result<Vec<Heap<'_>>> {
        let mut count = 0;
        check(unsafe { sys::pmem_heap_count(self.as_ptr(), &mut count) })?;
        // Names and paths live as long as the context.
        let one = |index| unsafe {
            Heap {
                context: self,
                index,
                name: lent(sys::pmem_heap_name(self.as_ptr(), index)),
                path: lent(sys::pmem_heap_path(self.as_ptr(), index)),
                class: HeapClass::from_bits(sys::pmem_heap_class(self.as_ptr(), index)),
            }
        };
        Ok((0..count).map(one).collect())
    }

    /// Before the CPU touches a dma-buf that is no region of this library. A region has
    /// [`RegionRef::cpu_read`](crate::RegionRef::cpu_read).
    pub fn dmabuf_access<'a, F: AsFd>(
        &'a self,
        fd: &'a F,
        direction: Direction,
    ) -> Result<DmabufAccess<'a>> {
        let fd = fd.as_fd();
        check(unsafe {
            sys::pmem_dmabuf_cpu_begin(self.as_ptr(), fd.as_raw_fd(), direction.number())
        })?;
        Ok(DmabufAccess {
            context: self,
            fd,
            direction,
        })
    }
}
