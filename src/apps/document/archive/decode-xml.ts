/** Bytes of XML to text: by its mark of byte order, else by what it says of itself, else as UTF-8. */

const MARKS: readonly (readonly [string, ...number[]])[] = [
  ['utf-16le', 0xff, 0xfe],
  ['utf-16be', 0xfe, 0xff],
  ['utf-16le', 0x3c, 0x00],
  ['utf-16be', 0x00, 0x3c],
];

export function decodeXml(bytes: Uint8Array): string {
  return new TextDecoder(encodingOf(bytes)).decode(bytes);
}

function encodingOf(bytes: Uint8Array): string {
  const marked = MARKS.find(([, ...mark]) => mark.every((byte, i) => bytes[i] === byte));
  if (marked !== undefined) return marked[0];
  const head = String.fromCharCode(...bytes.subarray(0, 200));
  const named = /^[^<]{0,3}<\?xml[^>]{0,150}encoding=["']([\w.:-]{1,40})["']/u.exec(head)?.[1];
  try {
    return new TextDecoder(named ?? 'utf-8').encoding;
  } catch {
    return 'utf-8'; // a name that no browser knows
  }
}
