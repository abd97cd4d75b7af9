// SPDX-License-Identifier: MIT
//! Accesses of exact width.

use super::*;

#[test]
fn of_memory() {
    let ctx = Context::new().unwrap();
    let mut region = memory(&ctx, 4096);
    region.write8(64, 0xf1).unwrap();
    region.write16(66, 0xf2f3).unwrap();
    region.write32(68, 0xf4f5_f6f7).unwrap();
    region.write64(72, u64::MAX - 2).unwrap();
    assert_eq!(region.read8(64).unwrap(), 0xf1);
    assert_eq!(region.read16(66).unwrap(), 0xf2f3);
    assert_eq!(region.read32(68).unwrap(), 0xf4f5_f6f7);
    assert_eq!(region.read64(72).unwrap(), u64::MAX - 2);
    assert_eq!(region.read32(4096).unwrap_err().cause(), Cause::BOUNDS);
    assert_eq!(region.write32(2, 1).unwrap_err().cause(), Cause::ALIGNMENT);
    assert_eq!(region.registers().unwrap_err().cause(), Cause::WRONG_KIND);
}

fn blocks<T: Width + PartialEq + std::fmt::Debug>(region: &mut Region, values: [T; 3]) {
    let view = region.volatile();
    view.write_block(128, &values).unwrap();
    let one = view.at::<T>(128 + std::mem::size_of::<T>() as u64).unwrap();
    assert_eq!(one.read(), values[1]);
    one.modify(|_| values[2]);
    let mut seen = values;
    view.read_block(128, &mut seen).unwrap();
    assert_eq!(seen, [values[0], values[2], values[2]]);
    assert_eq!(
        view.read_block(4096, &mut seen).unwrap_err().cause(),
        Cause::BOUNDS
    );
    let odd = view.write_block(129, &values);
    assert_eq!(odd.is_err(), std::mem::size_of::<T>() > 1);
}

#[test]
fn of_a_ring() {
    let ctx = Context::new().unwrap();
    let mut region = memory(&ctx, 4096);
    blocks(&mut region, [0xf1_u8, 2, 3]);
    blocks(&mut region, [0xf1f2_u16, 2, 3]);
    blocks(&mut region, [0xf1f2_f3f4_u32, 2, 3]);
    blocks(&mut region, [!1_u64, 2, 3]);
    let view = region.volatile();
    view.write_bytes(3, b"abc").unwrap();
    let mut seen = [0; 3];
    view.read_bytes(3, &mut seen).unwrap();
    assert_eq!(&seen, b"abc");
}

#[test]
fn of_pointers() {
    let mut word = 5_u32;
    let place = std::ptr::addr_of_mut!(word);
    unsafe { io::write(place, 6_u32) };
    io::mb();
    io::rmb();
    io::wmb();
    assert_eq!(unsafe { io::read(place) }, 6);
}
