// SPDX-License-Identifier: MIT
//! The safe layer on a played Raspberry Pi 3: LIBPMEM_ROOT is set by test/bindings/rust/run.py, and
//! without it there is nothing to be seen.

use libpmem::*;

const UART: u64 = 0x3f20_1000;
const GPIO: u64 = 0x3f20_0000;

fn played() -> Context {
    assert!(
        std::env::var_os("LIBPMEM_ROOT").is_some(),
        "run by test/bindings/rust/run.py"
    );
    Context::new().unwrap()
}

fn none() -> MapFlags {
    MapFlags::empty()
}

#[test]
#[ignore = "needs a played machine"]
fn what_machine_this_is() {
    let ctx = played();
    assert_eq!(ctx.family().unwrap(), "bcm2837");
    assert_eq!(ctx.vendor().unwrap(), "Broadcom");
    assert_eq!(ctx.model().unwrap(), "Raspberry Pi 3 Model B");
    assert_eq!(
        ctx.compatible().unwrap(),
        ["raspberrypi,3-model-b", "brcm,bcm2837"]
    );
    assert_eq!(ctx.node("serial0", 0).unwrap(), (UART, 0x200));
    assert_eq!(
        ctx.node("no-such", 0).unwrap_err().cause(),
        Cause::NOT_FOUND
    );
    assert_eq!(ctx.gpio().unwrap(), (GPIO, 0xb4));
    assert_eq!(
        ctx.node_path("brcm,bcm2835-i2c", 1).unwrap(),
        "/soc/i2c@7e804000"
    );
    assert!(ctx.node_available("serial0").unwrap());
    assert!(!ctx.node_available("&uart1").unwrap());
    assert_eq!(ctx.phys_to_bus(None, 0x1000).unwrap(), 0xc000_1000);
    assert_eq!(
        ctx.bus_to_phys(Some("brcm,bcm2835-dma"), 0xc000_1000)
            .unwrap(),
        0x1000
    );
    assert!(!ctx.coherent(None).unwrap());
    let all = ctx.reserved().unwrap();
    assert_eq!(
        (all.len(), all[0].phys, all[1].phys),
        (2, Some(0x2800_0000), None)
    );
    assert_eq!(all[0].path, "/reserved-memory/buffer@28000000");
    assert!(all[0].flags.contains(ReservedFlags::NO_MAP));
    assert_eq!(ctx.node_reserved("serial0", 0).unwrap(), 0);
    assert_eq!(ctx.node_reserved_named("serial0", "frames").unwrap(), 0);
    assert_eq!(
        ctx.node_reserved("serial0", 1).unwrap_err().cause(),
        Cause::NOT_FOUND
    );
    let why = ctx.firmware(Fact::BOARD_SERIAL).unwrap_err();
    assert!(!why.message().is_empty());
    assert!(ctx
        .firmware_reclaim(ReclaimFlags::DRY_RUN)
        .map_or_else(|e| e.raw_os_error() > 0, |n| n == (0, 0)));
}

#[test]
#[ignore = "needs a played machine"]
fn registers() {
    let ctx = played();
    // A file plays it, which nobody else writes to.
    let mut uart = unsafe { ctx.map(UART, 0x200, none()).unwrap() };
    assert_eq!((uart.phys().unwrap(), uart.size()), (UART, 0x200));
    uart.write32(0, 0xcafe_f00d).unwrap();
    let all = uart.registers().unwrap();
    let data = all.at::<u32>(0).unwrap();
    assert_eq!(data.read(), 0xcafe_f00d);
    data.write(0x1234_5678);
    data.modify(|word| word ^ 0xff);
    assert_eq!(uart.read32(0).unwrap(), 0x1234_5687);
    assert_eq!(
        uart.registers()
            .unwrap()
            .at::<u16>(0)
            .unwrap()
            .read()
            .to_le_bytes()[0],
        0x87
    );
    assert_eq!(all.at::<u32>(0x200).unwrap_err().cause(), Cause::BOUNDS);
    assert_eq!(all.at::<u32>(2).unwrap_err().cause(), Cause::ALIGNMENT);
    // Never a slice.
    assert_eq!(uart.as_slice().unwrap_err().cause(), Cause::WRONG_KIND);
    assert_eq!(uart.as_mut_slice().unwrap_err().cause(), Cause::WRONG_KIND);
    assert_eq!(uart.value::<u32>(0).unwrap_err().cause(), Cause::WRONG_KIND);
    assert_eq!(
        uart.value_mut::<u32>(0).unwrap_err().cause(),
        Cause::WRONG_KIND
    );
    assert_eq!(uart.cpu_read(..).unwrap_err().cause(), Cause::WRONG_KIND);
    assert_eq!(uart.cpu_both(..).unwrap_err().cause(), Cause::WRONG_KIND);
    let mut bytes = [0; 5];
    uart.read_bytes(1, &mut bytes).unwrap();
    assert_eq!(bytes[..3], [0x56, 0x34, 0x12]);
    let memory = unsafe { ctx.map(0x10_0000, 4096, MapFlags::SYSTEM_RAM).unwrap() };
    assert_eq!(memory.as_slice().unwrap().len(), 4096);
}

#[test]
#[ignore = "needs a played machine"]
fn read_only() {
    let ctx = played();
    let mut uart = unsafe { ctx.map_node("serial0", 0, MapFlags::READONLY).unwrap() };
    assert!(uart.attrs().contains(Attrs::READONLY | Attrs::DEVICE));
    assert_eq!(uart.write32(4, 1).unwrap_err().cause(), Cause::READONLY);
    assert_eq!(uart.fill(0).unwrap_err().cause(), Cause::READONLY);
    assert_eq!(uart.write_bytes(0, &[1]).unwrap_err().raw_os_error(), 13);
    let all = uart.registers().unwrap();
    assert_eq!(
        all.write_block(0, &[1_u32]).unwrap_err().cause(),
        Cause::READONLY
    );
    let word = all.at::<u32>(4).unwrap();
    assert!(std::panic::catch_unwind(|| word.write(1)).is_err());
}

#[test]
#[ignore = "needs a played machine"]
fn pins() {
    let ctx = played();
    let gpio = ctx.map_gpio(none()).unwrap();
    assert_eq!(gpio.phys().unwrap(), GPIO);
    let select = gpio.registers().unwrap().at::<u32>(8).unwrap();
    select.modify(|all| all & !(7 << 3) | 1 << 3);
    assert_eq!(gpio.read32(8).unwrap(), 1 << 3);
    for wrong in [MapFlags::CACHED, MapFlags::SYSTEM_RAM | MapFlags::READONLY] {
        assert_eq!(ctx.map_gpio(wrong).unwrap_err().cause(), Cause::FLAGS);
    }
    let error = unsafe { ctx.map_pci("00:04.0", 0, none()).unwrap_err() };
    assert_eq!(error.raw_os_error(), 2);
}

#[test]
#[ignore = "needs a played machine"]
fn saved_registers() {
    let ctx = played();
    let flags = MapFlags::READONLY;
    let mut dump = unsafe {
        ctx.map_file("/proc/iomem", 1, 64, Some(0x1001), flags)
            .unwrap()
    };
    assert_eq!((dump.phys().unwrap(), dump.backend()), (0x1001, "file"));
    assert_eq!(dump.as_slice().unwrap()[..8], b"0000000-"[..]);
    assert_eq!(
        dump.as_slice_of::<u32>().unwrap_err().cause(),
        Cause::ALIGNMENT
    );
    assert_eq!(dump.as_mut_slice().unwrap_err().cause(), Cause::READONLY);
    assert_eq!(dump.cpu_write(..).unwrap_err().cause(), Cause::READONLY);
    let not_a_buffer = std::fs::File::open("/dev/null").unwrap();
    let error = unsafe { ctx.import(&not_a_buffer, none()).unwrap_err() };
    assert_eq!(error.cause(), Cause::WRONG_KIND);
    assert_eq!(
        ctx.dmabuf_access(&not_a_buffer, Direction::READ)
            .unwrap_err()
            .raw_os_error(),
        22
    );
    assert!(dump.fd().is_err() && dump.dup_fd().is_err());
}

#[test]
#[ignore = "needs a played machine"]
fn a_device() {
    let root = std::path::PathBuf::from(std::env::var_os("LIBPMEM_ROOT").unwrap());
    let folder = root.join("sys/bus/pci/devices/0000:00:0c.0");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config"), b"\x34\x12\xe8\x11\x00\x05\x10\x00").unwrap();
    std::fs::write(folder.join("resource0"), vec![1; 65536]).unwrap();
    std::fs::write(folder.join("resource"), "0xfea00000 0xfea0ffff 0x40200\n").unwrap();
    let ctx = played();
    let options = DeviceOptions::new().flags(DeviceFlags::MAY_BE_UNSAFE);
    let cause = |options: &DeviceOptions<'_>| ctx.device("00:0c.0", options).unwrap_err().cause();
    assert_eq!(cause(&DeviceOptions::new()), Cause::UNSUPPORTED);
    assert_eq!(cause(&options.way("guess")), Cause::NOT_FOUND);
    let device = ctx.device("00:0c.0", &options.max_addr(0xfffffff)).unwrap();
    assert_eq!((&*device.name(), &*device.way()), ("0000:00:0c.0", "sysfs"));
    assert_eq!(device.attrs(), DeviceFlags::UNSAFE | DeviceFlags::PCI);
    assert_eq!(
        (device.map_count(), device.map_size(0).unwrap()),
        (6, 65536)
    );
    assert_eq!(format!("{:?}", device.context()), format!("{:?}", ctx));
    assert!(format!("{device:?}").contains("0c.0"));
    assert_eq!(cause(&options.share(&device).way("sysfs")), Cause::OPTIONS);
    let file = std::fs::File::open(folder.join("config")).unwrap();
    let given = options.device_fd(&file).group_fd(&file).iommu_fd(&file);
    assert_eq!(cause(&given.way("sysfs")), Cause::OPTIONS);
    assert_eq!(device.config_read(0, 4).unwrap(), 0x11e8_1234);
    device.enable(Parts::MEMORY | Parts::MASTER).unwrap();
    device.disable(Parts::MASTER).unwrap();
    unsafe { device.config_write(6, 2, 0x12) }.unwrap();
    assert_eq!(device.config_read(4, 4).unwrap(), 0x0012_0502);
    assert_eq!(device.reset().unwrap_err().cause(), Cause::UNSUPPORTED);
    assert_eq!(device.irq_count(IrqKind::ANY).unwrap(), 0);
    assert!(device.irq_fd(IrqKind::MSI, 0).is_err());
    assert!(device.irq_wait(IrqKind::MSI, 0, None).is_err());
    device.irq_unmask(IrqKind::INTX, 0).unwrap();
    assert!(device.dmabuf(0, 0, TO_END).is_err());
    assert!(device.alloc(1 << 40, &AllocOptions::new()).is_err());
    let bar = unsafe { device.map(0, none()) }.unwrap();
    assert_eq!(bar.phys().unwrap(), 0xfea0_0000);
    // A Raspberry Pi 3 has no bus of PCI, so nobody knows how such a device sees memory.
    assert_eq!(
        device.attach(&bar, Dma::BOTH).unwrap_err().cause(),
        Cause::NOT_FOUND
    );
    assert_eq!(device.bus(&bar).unwrap_err().cause(), Cause::NOT_FOUND);
    assert_eq!(device.detach(&bar).unwrap_err().cause(), Cause::NOT_FOUND);
    device.close().unwrap();
    bar.close().unwrap();
    drop(ctx.device("00:0c.0", &options).unwrap());
}
