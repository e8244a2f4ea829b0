// A complete RFC 4180 reader: quoted fields may have commas, doubled quotes and line breaks. It is small enough to need no
// package, and independent of Muster's own reader, so that the two check each other.
export function parseCsv(text) {
  const rows = [];
  let row = [];
  let field = '';
  let quoted = false;
  let empty = true;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (quoted) {
      if (character !== '"') field += character;
      else if (text[at + 1] === '"') {
        field += '"';
        at += 1;
      } else quoted = false;
    } else if (character === '"' && field === '') {
      quoted = true;
      empty = false;
    } else if (character === ',') {
      row.push(field);
      field = '';
      empty = false;
    } else if (character === '\n') {
      if (field.endsWith('\r')) field = field.slice(0, -1);
      if (!empty || field !== '') rows.push([...row, field]);
      row = [];
      field = '';
      empty = true;
    } else {
      field += character;
      empty = false;
    }
  }
  if (!empty || field !== '') rows.push([...row, field]);
  const [names, ...records] = rows;
  return records.map((values) => Object.fromEntries(names.map((name, column) => [name, values[column] ?? ''])));
}
