/** Small pictures in forms that PDF files have and browsers do not know. */

/** 32 × 32 red pixels as JPEG 2000; made once with FFmpeg. */
export const JPEG2000 = Buffer.from(
  'AAAADGpQICANCocKAAAAFGZ0eXBqcDIgAAAAAGpwMiAAAAAtanAyaAAAABZpaGRyAAAAIAAAACAA' +
    'AwgHAAAAAAAPY29scgEAAAAAABAAAAC+anAyY/9P/1EALwAAAAAAIAAAACAAAAAAAAAAAAAAAQAA' +
    'AAEAAAAAAAAAAAAAAwcBAQcBAQcBAf9SAAwAAAABAAYCAgAA/1wAKSJ/IH7gfuB+oHbwdvB2wG8A' +
    'bwBu4GdQZ1BnaFAFUAVQR1fTV9NXYv9kABEAAUxhdmM1OS4zNy4xMDD/kAAKAAAAAAA1AAH/k9/4' +
    'MBgEmj/f+DAYBziP3/gwGAc4jwAAAAAAAAAAAAAAAAAAAAAAAP/Z',
  'base64',
);

const PAGE_INFORMATION = 48;
const GENERIC_REGION = 38;

/** A square whose left half is black, as JBIG2 for a PDF: lines of a fax. */
export function jbig2Halves(side: 64): Buffer {
  const size = Buffer.alloc(8);
  size.writeUInt32BE(side, 0);
  size.writeUInt32BE(side, 4);
  // First line: no white, 32 black, white to the end. Every further one: as the line above.
  const first = '001' + '00110101' + '000001101010' + '1';
  const bits = first + '111'.repeat(side - 1) + '000000000001'.repeat(2);
  const coded = (bits.match(/.{1,8}/gu) ?? []).map((byte) => parseInt(byte.padEnd(8, '0'), 2));
  return Buffer.concat([
    segment(0, PAGE_INFORMATION, Buffer.concat([size, Buffer.alloc(11)])),
    segment(1, GENERIC_REGION, Buffer.concat([size, Buffer.alloc(9), Buffer.from([1, ...coded])])),
  ]);
}

function segment(number: number, type: number, data: Buffer): Buffer {
  const header = Buffer.alloc(11);
  header.writeUInt32BE(number, 0);
  header.set([type, 0, 1], 4);
  header.writeUInt32BE(data.length, 7);
  return Buffer.concat([header, data]);
}
