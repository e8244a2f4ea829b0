//! A whole file read at once and kept, for the tests to look at.

use std::ops::Range;

use muster::import::{Delimiter, Encoding, Fault, Limits, Reader, Record};

/// A record that has been kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub number: u32,
    pub line: u64,
    pub span: Range<u64>,
    pub raw: String,
    pub fields: Vec<String>,
    pub fault: Option<Fault>,
}

/// Everything that came of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct All {
    pub records: Vec<Kept>,
    pub stopped: Option<Fault>,
    pub blank: u64,
}

impl All {
    pub fn read(bytes: &[u8], encoding: Encoding, delimiter: Delimiter) -> Self {
        Self::slice_by_slice(
            std::iter::once(bytes),
            encoding,
            delimiter,
            Limits::default(),
        )
    }

    pub fn slice_by_slice<'a>(
        slices: impl Iterator<Item = &'a [u8]>,
        encoding: Encoding,
        delimiter: Delimiter,
        limits: Limits,
    ) -> Self {
        let mut reader = Reader::new(encoding, delimiter, limits);
        let (mut records, mut stopped) = (Vec::new(), None);
        let mut keep = |record: Result<Record<'_>, Fault>| match record {
            Ok(record) => records.push(Kept {
                number: record.number,
                line: record.line,
                span: record.span.clone(),
                raw: record.raw.to_owned(),
                fields: record.fields.iter().map(str::to_owned).collect(),
                fault: record.fault,
            }),
            Err(fault) => assert_eq!(stopped.replace(fault), None, "told once"),
        };
        for mut slice in slices {
            while let Some(record) = reader.read(&mut slice) {
                keep(record);
            }
        }
        while let Some(record) = reader.finish() {
            keep(record);
        }
        Self {
            records,
            stopped,
            blank: reader.blank(),
        }
    }

    /// The fields of the header and of every row.
    pub fn fields(&self) -> Vec<Vec<&str>> {
        let fields = self.records.iter();
        fields
            .map(|record| record.fields.iter().map(String::as_str).collect())
            .collect()
    }
}

/// A text in an encoding, as other programs write it.
pub fn encode(text: &str, encoding: Encoding) -> Vec<u8> {
    match encoding {
        Encoding::Utf8 => text.as_bytes().to_vec(),
        Encoding::Utf8Bom => [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        Encoding::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        Encoding::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        Encoding::Windows1252 | Encoding::Latin1 => text
            .chars()
            .map(|character| match character {
                '€' if encoding == Encoding::Windows1252 => 0x80,
                '’' if encoding == Encoding::Windows1252 => 0x92,
                other => u8::try_from(u32::from(other)).expect("a Latin letter"),
            })
            .collect(),
    }
}
