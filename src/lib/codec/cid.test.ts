import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex } from '#lib/bytes/index.ts';
import { Cid, CODEC, HASH_TYPE, IDENTITY_LEGACY_MAX_BYTES, MalformedCid } from './index.ts';

describe('CIDs', () => {
  it('bytes that read are the bytes that would be written', () => {
    const start = fc.constantFrom(
      '01711220',
      '01550020',
      '0172002408011220',
      '1220',
      '01551340',
      '',
    );
    const noise = fc.uint8Array({ maxLength: 66 });
    fc.assert(
      fc.property(start, noise, (hex, rest) => {
        const bytes = concat(fromHex(hex), rest);
        try {
          const read = Cid.fromBytes(bytes);
          expect(toHex(read.bytes)).toBe(toHex(bytes));
          expect(Cid.parse(read.toString()).equals(read)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedCid);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('any text is a CID or a MalformedCid', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((t) => `z${t}`),
          fc.string().map((t) => `1${t}`),
        ),
        (t) => {
          try {
            Cid.parse(t);
          } catch (error) {
            expect(error).toBeInstanceOf(MalformedCid);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it.each(['00', '02', '7f', '8101'])('refuses version %s', (version) => {
    const rest = `711220${'00'.repeat(32)}`;
    expect(() => Cid.fromBytes(fromHex(version + rest))).toThrow(MalformedCid);
  });

  it('does not share memory with what it was read from', () => {
    const bytes = Cid.sha256(CODEC.raw, new Uint8Array(32)).bytes.slice();
    const read = Cid.fromBytes(bytes);
    bytes.fill(9);
    expect(toHex(read.digest)).toBe('00'.repeat(32));
  });

  it('differs in each of its four parts', () => {
    const digest = new Uint8Array(32);
    const base = Cid.sha256(CODEC.dagCbor, digest);
    const others = [
      Cid.parse('QmNLei78zWmzUdbeRB3CiUfAizWUrbeeZh5K1rhAQKCh51'),
      Cid.sha256(CODEC.raw, digest),
      Cid.v1(CODEC.dagCbor, HASH_TYPE.blake3, digest),
      Cid.sha256(
        CODEC.dagCbor,
        digest.map(() => 1),
      ),
      Cid.identity(CODEC.dagCbor, digest),
    ];
    expect(others.some((other) => other.equals(base))).toBe(false);
    expect(Cid.fromBytes(base.bytes).equals(base)).toBe(true);
  });

  it('inlines 36 bytes when written, 4112 when read', () => {
    expect(Cid.identity(CODEC.raw, new Uint8Array(36)).isIdentity).toBe(true);
    expect(() => Cid.identity(CODEC.raw, new Uint8Array(37))).toThrow(MalformedCid);
    const legacy = (length: number) =>
      concat(fromHex(`015500${length === 4112 ? '9020' : '9120'}`), new Uint8Array(length));
    expect(Cid.fromBytes(legacy(IDENTITY_LEGACY_MAX_BYTES)).digest).toHaveLength(4112);
    expect(() => Cid.fromBytes(legacy(IDENTITY_LEGACY_MAX_BYTES + 1))).toThrow(MalformedCid);
  });

  it('a peer id is an inlined key and nothing more', () => {
    expect(Cid.parse('11').digest).toHaveLength(0);
    expect(() => Cid.parse('1' + 'z'.repeat(40))).toThrow(MalformedCid);
    expect(() => Cid.parse('1')).toThrow(MalformedCid);
  });
});
