import { expect, test } from 'vitest';
import { credentialsOf } from './stun-name.ts';

const PASSWORD = 'abcdefghijklmnopqrstuvwx';
const V2 = `libp2p+webrtc+v2/${PASSWORD}`;
const V1 = `libp2p+webrtc+v1/${PASSWORD}`;

test('of version 2 the password of the caller is read from the name it gives to the node', () => {
  expect(credentialsOf(V2, 'abcd')).toEqual({
    local: { ufrag: V2, password: V2 },
    remote: { ufrag: 'abcd', password: PASSWORD },
  });
});

test('of version 1 both sides bear one name, which is the password', () => {
  const both = { ufrag: V1, password: V1 };
  expect(credentialsOf(V1, V1)).toEqual({ local: both, remote: both });
  expect(credentialsOf(V1, 'abcd')).toBeUndefined();
});

test('names that native code could not bear, and those of others, are passed over', () => {
  const others: [string | undefined, string | undefined][] = [
    [undefined, 'abcd'],
    [V2, undefined],
    [V2, ''],
    [V2, 'abc'],
    [V2, 'ab:d'],
    [V2, 'abcd\r\na=x'],
    [V2, 'abcd\0'],
    [V2, 'ä'.repeat(8)],
    [V2, 'a'.repeat(257)],
    [`${V2}\n`, 'abcd'],
    [`${V2}=`, 'abcd'],
    ['libp2p+webrtc+v2/short', 'abcd'],
    ['libp2p+webrtc+v2/', 'abcd'],
    [`libp2p+webrtc+v2/${'a'.repeat(300)}`, 'abcd'],
    [`libp2p+webrtc+v3/${PASSWORD}`, 'abcd'],
    [PASSWORD, 'abcd'],
  ];
  for (const [local, remote] of others) expect(credentialsOf(local, remote)).toBeUndefined();
});
