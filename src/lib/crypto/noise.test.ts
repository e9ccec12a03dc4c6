/** Against the published vectors of cacophony, an implementation in Haskell (public domain). */
import { readFileSync } from 'node:fs';
import { beforeEach, expect, test } from 'vitest';
import { fromHex, toHex, utf8 } from '#lib/bytes/index.ts';
import { BadKey, CannotDecrypt } from './errors.ts';
import { NoiseHandshake } from './noise.ts';

interface Vector {
  readonly init_prologue: string;
  readonly init_static: string;
  readonly init_ephemeral: string;
  readonly resp_static: string;
  readonly resp_ephemeral: string;
  readonly handshake_hash: string;
  readonly messages: readonly { readonly payload: string; readonly ciphertext: string }[];
}

const path = new URL('../../../tests/vectors/noise-xx.json', import.meta.url);
const vector = JSON.parse(readFileSync(path, 'utf8')) as Vector;

let initiator: NoiseHandshake;
let responder: NoiseHandshake;

function side(isInitiator: boolean, prologue = fromHex(vector.init_prologue)): NoiseHandshake {
  const [staticKey, ephemeral] = isInitiator
    ? [vector.init_static, vector.init_ephemeral]
    : [vector.resp_static, vector.resp_ephemeral];
  return new NoiseHandshake({
    isInitiator,
    prologue,
    staticSecret: fromHex(staticKey),
    ephemeralSecret: fromHex(ephemeral),
  });
}

beforeEach(() => {
  initiator = side(true);
  responder = side(false);
});

test('the messages of both sides and the final hash are those of the published vector', () => {
  for (const [i, { payload, ciphertext }] of vector.messages.slice(0, 3).entries()) {
    const [from, to] = i % 2 === 0 ? [initiator, responder] : [responder, initiator];
    expect(toHex(from.write(fromHex(payload)))).toBe(ciphertext);
    expect(toHex(to.read(fromHex(ciphertext)))).toBe(payload);
  }
  expect(initiator.isDone && responder.isDone).toBe(true);
  expect(toHex(initiator.handshakeHash)).toBe(vector.handshake_hash);
  expect(toHex(responder.handshakeHash)).toBe(vector.handshake_hash);
});

test('a side that knows another prologue cannot read the second message', () => {
  const other = side(false, utf8('another'));
  other.read(initiator.write(new Uint8Array()));
  expect(() => initiator.read(other.write(new Uint8Array()))).toThrow(CannotDecrypt);
});

test('a message that was changed or cut is refused', () => {
  responder.read(initiator.write(new Uint8Array()));
  const second = responder.write(utf8('payload'));
  second[second.length - 1]! ^= 1;
  expect(() => initiator.read(second)).toThrow(CannotDecrypt);
  expect(() => side(false).read(new Uint8Array(31))).toThrow(CannotDecrypt);
});

test('an ephemeral key of low order is refused', () => {
  responder.read(new Uint8Array(32));
  expect(() => responder.write(new Uint8Array())).toThrow(BadKey);
});

test('nobody speaks out of turn', () => {
  expect(() => responder.write(new Uint8Array())).toThrow(RangeError);
  initiator.write(new Uint8Array());
  expect(() => initiator.write(new Uint8Array())).toThrow(RangeError);
});
