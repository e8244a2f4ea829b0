//! Rows in the binary format of COPY: a header, then for each row the number of fields and each field with its length,
//! all big-endian, then a trailer. See the manual of Postgres, COPY, binary format.

use serde_json::Value;
use uuid::Uuid;

const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// The first byte of a `jsonb`: the version of its text.
const JSONB: u8 = 1;

/// Encoded rows.
#[derive(Debug)]
pub(super) struct Copy {
    bytes: Vec<u8>,
}

impl Copy {
    pub(super) fn new() -> Self {
        Self {
            bytes: HEADER.to_vec(),
        }
    }

    /// Returns the number of bytes so far.
    pub(super) const fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Begins a row with this number of fields.
    pub(super) fn row(&mut self, fields: i16) {
        self.bytes.extend_from_slice(&fields.to_be_bytes());
    }

    pub(super) fn field(&mut self, bytes: &[u8]) {
        let length = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
        self.bytes.extend_from_slice(&length.to_be_bytes());
        self.bytes.extend_from_slice(bytes);
    }

    pub(super) fn null(&mut self) {
        self.bytes.extend_from_slice(&(-1_i32).to_be_bytes());
    }

    pub(super) fn text(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.field(text.as_bytes()),
            None => self.null(),
        }
    }

    pub(super) fn boolean(&mut self, value: bool) {
        self.field(&[u8::from(value)]);
    }

    pub(super) fn uuid(&mut self, id: Option<Uuid>) {
        match id {
            Some(id) => self.field(id.as_bytes()),
            None => self.null(),
        }
    }

    pub(super) fn jsonb(&mut self, value: Option<&Value>) {
        let Some(value) = value else {
            return self.null();
        };
        let mut field = vec![JSONB];
        field.extend_from_slice(value.to_string().as_bytes());
        self.field(&field);
    }

    /// Appends the trailer and returns all bytes.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.bytes.extend_from_slice(&(-1_i16).to_be_bytes());
        self.bytes
    }
}
