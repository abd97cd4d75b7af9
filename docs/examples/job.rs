// SPDX-License-Identifier: MIT
//! The main job, with errors: memory that a device can reach, what is known about it, bytes in and
//! out, a proof. job.c beside this file is the same in C, and prints the same.
//!
//! usage: job SIZE [BACKEND]

use std::process::ExitCode;

use libpmem::{AllocOptions, Attrs, Context, Error, Need, Region, Result, TO_END};

fn yes_or_no(is: bool) -> &'static str {
    if is {
        "yes"
    } else {
        "no"
    }
}

/// Each byte gets its place modulo 251; what is read back is added up. Memory that is mapped as
/// registers are, such as a Raspberry Pi's firmware's, is no slice, so bytes are copied there.
fn fill_and_add(region: &mut Region) -> Result<u64> {
    let sum = |bytes: &[u8]| bytes.iter().map(|byte| u64::from(*byte)).sum();
    if region.attrs().contains(Attrs::DEVICE) {
        let mut bytes: Vec<u8> = (0..=250).cycle().take(region.size() as usize).collect();
        region.write_bytes(0, &bytes)?;
        region.read_bytes(0, &mut bytes)?;
        return Ok(sum(&bytes));
    }
    let mut bytes = region.cpu_both(..)?;
    bytes
        .iter_mut()
        .zip((0..=250).cycle())
        .for_each(|(byte, place)| *byte = place);
    let found = sum(&bytes);
    bytes.end()?;
    Ok(found)
}

fn job(ctx: &Context, size: u64, backend: Option<&str>) -> Result<()> {
    let mut region = match backend {
        Some(name) => ctx.alloc_with(size, &AllocOptions::new().backend(name))?,
        None => ctx.alloc(size)?,
    };
    println!("size {}", region.size());
    println!(
        "contiguous {}",
        yes_or_no(region.attrs().contains(Attrs::CONTIGUOUS))
    );
    println!("address {}", yes_or_no(region.phys().is_ok()));
    region.write32(8, 0x12345678)?;
    println!("word {:#010x}", region.read32(8)?);
    println!("sum {}", fill_and_add(&mut region)?);
    let pieces = region.extents(0, TO_END, Need::PHYS)?;
    println!(
        "pieces {}",
        pieces.iter().map(|piece| piece.length).sum::<u64>()
    );
    let first = region
        .data()
        .map_or(std::ptr::null_mut(), |data| data.as_ptr());
    let (_, offset) = ctx.find_pointer(first.wrapping_add(size as usize / 16))?;
    println!("found {}", offset);
    ctx.selftest_copy(size)?;
    println!("copy ok");
    Ok(())
}

/// Why a call failed; where several backends were asked, why each refused.
fn explain(error: &Error) {
    println!("refused {} {}", error.raw_os_error(), error.cause());
    for child in error.children() {
        println!("child {} {}", child.backend(), child.cause());
    }
    eprintln!("{}\n{}", error.message(), error.hint());
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (size, backend) = match &arguments[..] {
        [size] => (size, None),
        [size, backend] => (size, Some(backend.as_str())),
        _ => return usage(),
    };
    // parse() takes a sign, too.
    let size = match size.parse() {
        Ok(number) if !size.starts_with('+') => number,
        _ => return usage(),
    };
    match Context::new().and_then(|ctx| job(&ctx, size, backend)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            explain(&why);
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: job SIZE [BACKEND]");
    ExitCode::from(2)
}
