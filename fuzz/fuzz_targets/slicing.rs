//! However a file is sliced, the same records and the same fault come of it, under small limits too.
#![no_main]

use libfuzzer_sys::fuzz_target;
use muster::import::{Delimiter, Encoding, Fault, Limits, Reader};

/// Everything a reading says, as text.
fn all<'a>(
    slices: impl Iterator<Item = &'a [u8]>,
    how: (Encoding, Delimiter, Limits),
) -> (String, Option<Fault>, u64) {
    let mut reader = Reader::new(how.0, how.1, how.2);
    let (mut records, mut stopped) = (String::new(), None);
    for mut slice in slices {
        while let Some(record) = reader.read(&mut slice) {
            match record {
                Ok(record) => records.push_str(&format!("{record:?}\n")),
                Err(fault) => stopped = Some(fault),
            }
        }
    }
    while let Some(record) = reader.finish() {
        match record {
            Ok(record) => records.push_str(&format!("{record:?}\n")),
            Err(fault) => stopped = Some(fault),
        }
    }
    (records, stopped, reader.blank())
}

// The first four bytes say how it is read and cut.
fuzz_target!(|input: (u8, u8, u8, u8, &[u8])| {
    let (how, first, second, limit, file) = input;
    let how = usize::from(how);
    let encoding = Encoding::ALL[how % Encoding::ALL.len()];
    let delimiter = Delimiter::ALL[how / 8 % Delimiter::ALL.len()];
    let limits = if limit < 128 {
        Limits::default()
    } else {
        Limits {
            bytes: u64::from(limit) * 4,
            rows: u32::from(limit % 7),
            columns: 1 + usize::from(limit % 5),
            field_bytes: 1 + usize::from(limit % 11),
        }
    };
    let how = (encoding, delimiter, limits);
    let mut sizes = [1 + usize::from(first), 1 + usize::from(second)]
        .into_iter()
        .cycle();
    let mut rest = file;
    let slices = std::iter::from_fn(|| {
        let (slice, after) = rest.split_at(rest.len().min(sizes.next()?));
        rest = after;
        (!slice.is_empty()).then_some(slice)
    });
    assert_eq!(all(slices, how), all(std::iter::once(file), how));
});
