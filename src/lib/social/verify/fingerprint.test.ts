/** Safety numbers and codes against values of the reference client. */
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '#lib/bytes/index.ts';
import { Cid, decodeCbor, encodeCbor } from '#lib/codec/index.ts';
import { asKeyHash, type KeyHash } from '#lib/crypto/index.ts';
import { partC, vectorsOf } from '../../../../tests/vectors/load.ts';
import {
  annotationFromCbor,
  annotationsFromBytes,
  annotationsToBytes,
  annotationToCbor,
} from './annotations.ts';
import {
  fingerprintFromQr,
  fingerprintOf,
  isOtherSide,
  qrTextOf,
  safetyNumber,
} from './fingerprint.ts';

interface Line {
  readonly name: string;
  readonly ourName: string;
  readonly ourKeys: readonly string[];
  readonly friendName: string;
  readonly friendKeys: readonly string[];
  readonly ourHalf: string;
  readonly friendHalf: string;
  readonly safetyNumber: string;
  readonly qrPayload: string;
  readonly friendQrPayload: string;
}

const lines = vectorsOf<Line>('fingerprint');
const keysOf = (texts: readonly string[]) => texts.map((text) => Cid.parse(text) as KeyHash);

describe.each(lines)('a fingerprint ($name)', (line) => {
  const ours = { username: line.ourName, keys: keysOf(line.ourKeys) };
  const friends = { username: line.friendName, keys: keysOf(line.friendKeys) };
  const [mine, theirs] = [fingerprintOf(ours, friends), fingerprintOf(friends, ours)];

  it('has the halves, the number and the codes of the reference client', () => {
    expect([toHex(mine.own), toHex(mine.friend)]).toEqual([line.ourHalf, line.friendHalf]);
    expect([safetyNumber(mine), safetyNumber(theirs)]).toEqual([
      line.safetyNumber,
      line.safetyNumber,
    ]);
    expect([qrTextOf(mine), qrTextOf(theirs)]).toEqual([line.qrPayload, line.friendQrPayload]);
  });

  it.each([
    ['the code of the friend', line.friendQrPayload, true],
    ['it in capitals', line.friendQrPayload.toUpperCase(), true],
    ['it with blanks around', ` ${line.friendQrPayload}\n`, true],
    ['the number', line.safetyNumber, true],
    ['the number in groups', line.safetyNumber.replaceAll(/(.{5})/gu, '$1 '), true],
    ['the own code', line.qrPayload, false],
    [
      'another number',
      line.safetyNumber.replace(/.$/u, (digit) => String((+digit + 1) % 10)),
      false,
    ],
  ])('is compared with %s', (_what, scanned, isSame) => {
    expect(isOtherSide(mine, scanned)).toBe(isSame);
  });
});

describe('the values printed with the protocol', () => {
  const keys = partC<Record<string, string>>('keys');
  const linkOf = (name: string) => asKeyHash(decodeCbor(fromHex(keys[name]!)), 'a key');
  const alice = { username: 'alice', keys: [linkOf('aliceIdentityHash'), linkOf('aliceBoxHash')] };
  const bob = { username: 'bob', keys: [linkOf('bobIdentityHash'), linkOf('bobBoxHash')] };

  it('are those of two people', () => {
    const { qrPayload, display } = partC<Record<string, string>>('fingerprint');
    const fingerprint = fingerprintOf(alice, bob);
    expect(qrTextOf(fingerprint)).toBe(qrPayload);
    expect(safetyNumber(fingerprint)).toBe(display);
  });

  it('are those of a note', () => {
    const { cbor } = partC<{ cbor: string }>('annotation');
    const note = annotationFromCbor(decodeCbor(fromHex(cbor)));
    expect(note).toEqual({
      username: 'bob',
      isVerified: true,
      keys: { identity: bob.keys[0], boxing: bob.keys[1] },
    });
    expect(toHex(encodeCbor(annotationToCbor(note)))).toBe(cbor);
  });
});

describe('what is no code', () => {
  const good = fromHex(lines[0]!.qrPayload);
  const changed = (at: number, byte: number) => toHex(good.with(at, byte));
  it.each([
    ['nothing', ''],
    ['an address', 'https://example.org/'],
    ['half a code', lines[0]!.qrPayload.slice(0, 80)],
    ['a code with more behind it', `${lines[0]!.qrPayload}00`],
    ['a code of another version', changed(good.length - 1, 2)],
    ['a code with a short half', changed(4, 31)],
    ['fifty-nine digits', lines[0]!.safetyNumber.slice(1)],
    ['a very long text', 'a3'.repeat(1e6)],
  ])('is refused: %s', (_what, text) => {
    expect(() => fingerprintFromQr(text)).toThrow('not the code of a safety number');
    const mine = fingerprintFromQr(lines[0]!.qrPayload);
    expect(() => isOtherSide(mine, text)).toThrow('not the code of a safety number');
  });
});

describe('the list of verified people', () => {
  const note = (u: string, more: readonly [string, string][] = []) =>
    encodeCbor(new Map<string, string | boolean>([['u', u], ['v', true], ...more]));

  it('is written by name, and keeps what other clients put into it', () => {
    const bytes = new Uint8Array([...note('zoe', [['x', 'more']]), ...note('bob')]);
    const notes = annotationsFromBytes(bytes);
    expect([...notes.keys()]).toEqual(['zoe', 'bob']);
    expect(annotationsToBytes(notes)).toEqual(
      new Uint8Array([...note('bob'), ...note('zoe', [['x', 'more']])]),
    );
  });

  it('is refused where it breaks off', () => {
    expect(() => annotationsFromBytes(note('bob').slice(0, -1))).toThrow('cannot be read');
  });
});
