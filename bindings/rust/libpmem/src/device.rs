// SPDX-License-Identifier: MIT
//! Devices that the program drives.

use std::borrow::Cow;
use std::fmt;
use std::mem::ManuallyDrop;
use std::os::unix::io::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::ptr::NonNull;
use std::time::Duration;

use libpmem_sys as sys;

use crate::callback::settle;
use crate::error::check;
use crate::map::made;
use crate::text::{c_string, lent, optional, pointer};
use crate::{
    AllocOptions, Cause, Context, DeviceFlags, Dma, Error, IrqKind, MapFlags, Parts, Region, Result,
};

/// How a device is opened; nothing is the default.
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct DeviceOptions<'a> {
    flags: DeviceFlags,
    max_addr: u64,
    way: Option<&'a str>,
    share: Option<&'a Device>,
    device_fd: Option<BorrowedFd<'a>>,
    group_fd: Option<BorrowedFd<'a>>,
    iommu_fd: Option<BorrowedFd<'a>>,
}

impl<'a> DeviceOptions<'a> {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// In place of those from before.
    pub fn flags(mut self, flags: DeviceFlags) -> Self {
        self.flags = flags;
        self
    }

    /// The highest address that the device can emit, which nothing else checks.
    pub fn max_addr(mut self, address: u64) -> Self {
        self.max_addr = address;
        self
    }

    /// Only this way.
    pub fn way(mut self, way: &'a str) -> Self {
        self.way = Some(way);
        self
    }

    /// Be in the address space of this device.
    pub fn share(mut self, device: &'a Device) -> Self {
        self.share = Some(device);
        self
    }

    /// The device's own node, opened by somebody with more rights.
    pub fn device_fd(mut self, fd: &'a impl AsFd) -> Self {
        self.device_fd = Some(fd.as_fd());
        self
    }

    /// The node of its group.
    pub fn group_fd(mut self, fd: &'a impl AsFd) -> Self {
        self.group_fd = Some(fd.as_fd());
        self
    }

    /// /dev/iommu, or with a group /dev/vfio/vfio.
    pub fn iommu_fd(mut self, fd: &'a impl AsFd) -> Self {
        self.iommu_fd = Some(fd.as_fd());
        self
    }
}

/// A device. Dropping it gives it back; regions may live longer.
pub struct Device {
    device: NonNull<sys::pmem_device>,
    context: Context,
}

// Any number of threads may use one at once; that none closes it meanwhile is what borrows are for.
unsafe impl Send for Device {}
unsafe impl Sync for Device {}
// Its state is C's.
impl RefUnwindSafe for Device {}
impl UnwindSafe for Device {}

impl Context {
    /// Take a device: "0000:00:04.0", a platform device or a node.
    pub fn device(&self, name: &str, options: &DeviceOptions<'_>) -> Result<Device> {
        let (name, way) = (c_string(name)?, optional(options.way)?);
        let number = |fd: Option<BorrowedFd<'_>>| fd.map_or(0, |fd| fd.as_raw_fd());
        let opts = sys::pmem_device_opts {
            flags: options.flags.bits(),
            max_addr: options.max_addr,
            way: pointer(&way),
            share: options.share.map_or(std::ptr::null_mut(), Device::as_ptr),
            device_fd: number(options.device_fd),
            group_fd: number(options.group_fd),
            iommu_fd: number(options.iommu_fd),
            ..Default::default()
        };
        let mut out = std::ptr::null_mut();
        let result =
            unsafe { sys::pmem_device_open(self.as_ptr(), name.as_ptr(), &opts, &mut out) };
        // Owned before check(), from which a callback's panic may go on.
        let device = NonNull::new(out).map(|device| Device {
            device,
            context: self.clone(),
        });
        check(result)?;
        device.ok_or_else(|| Error::refused(22, Cause::SYSTEM, "the library made no device", ""))
    }
}

impl Device {
    fn as_ptr(&self) -> *mut sys::pmem_device {
        self.device.as_ptr()
    }

    /// The context that it was opened with.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Such as "0000:00:04.0".
    pub fn name(&self) -> Cow<'_, str> {
        unsafe { lent(sys::pmem_device_name(self.as_ptr())) }
    }

    /// By which way it was opened, such as "vfio".
    pub fn way(&self) -> Cow<'_, str> {
        unsafe { lent(sys::pmem_device_way(self.as_ptr())) }
    }

    /// What it is.
    pub fn attrs(&self) -> DeviceFlags {
        DeviceFlags::from_bits(unsafe { sys::pmem_device_attrs(self.as_ptr()) })
    }

    /// Places for maps.
    pub fn map_count(&self) -> u32 {
        unsafe { sys::pmem_device_map_count(self.as_ptr()) }
    }

    /// Bytes of a map.
    pub fn map_size(&self, index: u32) -> Result<u64> {
        let mut size = 0;
        check(unsafe { sys::pmem_device_map_size(self.as_ptr(), index, &mut size) })?;
        Ok(size)
    }

    /// Map registers: BAR of PCI, else the number of the map. A child of fork does not have it.
    ///
    /// # Safety
    /// As of [`map`](Context::map).
    pub unsafe fn map(&self, index: u32, flags: MapFlags) -> Result<Region> {
        made(&self.context, |out| unsafe {
            sys::pmem_device_map(self.as_ptr(), index, flags.bits(), out)
        })
    }

    /// Memory that it sees from the start, at the region's bus address.
    pub fn alloc(&self, size: u64, options: &AllocOptions) -> Result<Region> {
        options.lent(|opts| {
            let opts = sys::pmem_alloc_opts {
                device: self.as_ptr(),
                ..*opts
            };
            made(&self.context, |out| unsafe {
                sys::pmem_region_alloc(self.context.as_ptr(), size, &opts, out)
            })
        })?
    }

    /// One read of the configuration space, of 1, 2 or 4 bytes.
    pub fn config_read(&self, offset: u32, width: u32) -> Result<u32> {
        let mut value = 0;
        check(unsafe { sys::pmem_device_config_read(self.as_ptr(), offset, width, &mut value) })?;
        Ok(value)
    }

    /// One write.
    ///
    /// # Safety
    /// As of [`map`](Context::map): it is a register of the device.
    pub unsafe fn config_write(&self, offset: u32, width: u32, value: u32) -> Result<()> {
        check(unsafe { sys::pmem_device_config_write(self.as_ptr(), offset, width, value) })
            .map(drop)
    }

    /// Switch parts on.
    pub fn enable(&self, parts: Parts) -> Result<()> {
        check(unsafe { sys::pmem_device_enable(self.as_ptr(), parts.bits()) }).map(drop)
    }

    /// Switch parts off.
    pub fn disable(&self, parts: Parts) -> Result<()> {
        check(unsafe { sys::pmem_device_disable(self.as_ptr(), parts.bits()) }).map(drop)
    }

    /// Reset it.
    pub fn reset(&self) -> Result<()> {
        check(unsafe { sys::pmem_device_reset(self.as_ptr()) }).map(drop)
    }

    /// How many interrupts of a kind it has.
    pub fn irq_count(&self, kind: IrqKind) -> Result<u32> {
        let mut count = 0;
        check(unsafe { sys::pmem_device_irq_count(self.as_ptr(), kind.number(), &mut count) })?;
        Ok(count)
    }

    /// Switch one on: a descriptor for poll.
    pub fn irq_fd(&self, kind: IrqKind, index: u32) -> Result<BorrowedFd<'_>> {
        let fd = check(unsafe { sys::pmem_device_irq_fd(self.as_ptr(), kind.number(), index) })?;
        // It lives as long as the device.
        Ok(unsafe { BorrowedFd::borrow_raw(fd) })
    }

    /// Wait for one; None: for ever. How often it fired.
    pub fn irq_wait(&self, kind: IrqKind, index: u32, timeout: Option<Duration>) -> Result<u64> {
        let (kind, ms, mut count) = (kind.number(), milliseconds(timeout), 0);
        check(unsafe { sys::pmem_device_irq_wait(self.as_ptr(), kind, index, ms, &mut count) })?;
        Ok(count)
    }

    /// Let a line fire again.
    pub fn irq_unmask(&self, kind: IrqKind, index: u32) -> Result<()> {
        check(unsafe { sys::pmem_device_irq_unmask(self.as_ptr(), kind.number(), index) }).map(drop)
    }

    /// Let it see a region: the address of the first byte for it.
    pub fn attach(&self, region: &Region, direction: Dma) -> Result<u64> {
        let (seen, direction, mut bus) = (region.as_ptr(), direction.bits(), 0);
        check(unsafe { sys::pmem_device_attach(self.as_ptr(), seen, direction, &mut bus) })?;
        Ok(bus)
    }

    /// Undo one [`attach`](Device::attach).
    pub fn detach(&self, region: &Region) -> Result<()> {
        check(unsafe { sys::pmem_device_detach(self.as_ptr(), region.as_ptr()) }).map(drop)
    }

    /// The address of a region that it sees.
    pub fn bus(&self, region: &Region) -> Result<u64> {
        let mut bus = 0;
        check(unsafe { sys::pmem_device_bus(self.as_ptr(), region.as_ptr(), &mut bus) })?;
        Ok(bus)
    }

    /// A part of a BAR as a dma-buf, for other devices.
    pub fn dmabuf(&self, index: u32, offset: u64, length: u64) -> Result<OwnedFd> {
        let fd = check(unsafe { sys::pmem_device_dmabuf(self.as_ptr(), index, offset, length) })?;
        Ok(unsafe { OwnedFd::from_raw_fd(fd) })
    }

    /// Give it back, and hear whether that worked.
    pub fn close(self) -> Result<()> {
        let this = ManuallyDrop::new(self);
        // Taken once, since drop() does not run; and dropped after the device.
        let _context = unsafe { std::ptr::read(&this.context) };
        check(unsafe { sys::pmem_device_close(this.as_ptr()) }).map(drop)
    }
}

/// Never fewer than the timeout has: what is too long for them is for ever.
fn milliseconds(timeout: Option<Duration>) -> u32 {
    timeout.map_or(u32::MAX, |time| {
        u32::try_from((time.as_nanos() + 999_999) / 1_000_000).unwrap_or(u32::MAX)
    })
}

impl Drop for Device {
    fn drop(&mut self) {
        // Who wants to hear of failures calls close().
        unsafe { sys::pmem_device_close(self.as_ptr()) };
        settle();
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Device").field(&self.name()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::milliseconds;
    use std::time::Duration;

    #[test]
    fn timeouts_are_not_shortened() {
        assert_eq!(milliseconds(None), u32::MAX);
        assert_eq!(milliseconds(Some(Duration::from_micros(1))), 1);
        assert_eq!(milliseconds(Some(Duration::from_millis(7))), 7);
        assert_eq!(milliseconds(Some(Duration::MAX)), u32::MAX);
    }
}
