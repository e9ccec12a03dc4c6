import { expect, it } from 'vitest';
import { utf8 } from '#lib/bytes/index.ts';
import {
  CannotDecrypt,
  createDeviceKey,
  openWithDeviceKey,
  sealWithDeviceKey,
  systemRandom,
} from './index.ts';

const secret = utf8('what stays on the device');
const purpose = utf8('staying signed in');

it('opens with the same key for the same purpose, and not otherwise', async () => {
  const key = await createDeviceKey();
  const sealed = await sealWithDeviceKey(key, secret, purpose, systemRandom);
  expect(await openWithDeviceKey(key, sealed, purpose)).toEqual(secret);
  await expect(openWithDeviceKey(key, sealed, utf8('other'))).rejects.toThrow(CannotDecrypt);
  await expect(openWithDeviceKey(await createDeviceKey(), sealed, purpose)).rejects.toThrow(
    CannotDecrypt,
  );
});

it('refuses what was altered or cut', async () => {
  const key = await createDeviceKey();
  const sealed = await sealWithDeviceKey(key, secret, purpose, systemRandom);
  for (let at = 0; at < sealed.length; at += 5) {
    const altered = sealed.slice();
    altered[at]! ^= 1;
    await expect(openWithDeviceKey(key, altered, purpose)).rejects.toThrow(CannotDecrypt);
    const cut = sealed.subarray(0, at);
    await expect(openWithDeviceKey(key, cut, purpose)).rejects.toThrow(CannotDecrypt);
  }
});

it('never shows the key', async () => {
  const key = await createDeviceKey();
  expect(key.extractable).toBe(false);
  await expect(crypto.subtle.exportKey('raw', key)).rejects.toThrow();
});
