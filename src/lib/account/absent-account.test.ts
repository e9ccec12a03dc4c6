/** Names whose account is not to be had: never here, or deleted (A-6 §3, B-3 §3, §8). */
import { beforeAll, expect, test } from 'vitest';
import { encodeCbor } from '#lib/codec/index.ts';
import { sign, startCrypto } from '#lib/crypto/index.ts';
import { nextSequence, openPointer } from '#lib/protocol/index.ts';
import { createPointerMemory } from '#lib/writers/index.ts';
import { AccountAbsent, UserDeleted } from './errors.ts';
import { signIn } from './sign-in.ts';
import { signUp } from './sign-up.ts';
import { cheapAlgorithm, createPlace } from './testing.ts';

const credentials = { username: 'carol', password: 'a password of some length' };

beforeAll(async () => void (await startCrypto()));

async function signedUp() {
  const place = createPlace();
  const { identity } = await signUp(place, { ...credentials, algorithm: cheapAlgorithm() });
  return { place, identity, elsewhere: { ...place, pointerMemory: createPointerMemory() } };
}

test('an account whose pointer is cleared has been deleted', async () => {
  const { place, identity, elsewhere } = await signedUp();
  const stored = await place.node.pointers.get(identity.hash, identity.hash);
  const { updated, sequence } = await openPointer(identity.hash, stored!);
  const update = [updated!.bytes, null, nextSequence(sequence)];
  const signed = await sign(identity, encodeCbor(update));
  await place.node.pointers.set(identity.hash, identity.hash, signed);
  await expect(signIn(elsewhere, credentials)).rejects.toThrow(UserDeleted);
});

test('an account whose pointer is absent is not said to be deleted', async () => {
  const { place, identity, elsewhere } = await signedUp();
  await place.stores.records.apply({
    writes: [{ table: 'pointers', key: identity.hash.toString(), value: undefined }],
  });
  const refused = signIn(elsewhere, credentials);
  await expect(refused).rejects.toThrow(AccountAbsent);
  await expect(refused).rejects.not.toThrow(/deleted/u);
});
