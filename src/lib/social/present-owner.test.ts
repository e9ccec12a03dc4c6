import { describe, expect, it } from 'vitest';
import { NULL_CAPABILITY } from '#lib/cryptree/index.ts';
import { SigningKeyPair, systemRandom, type KeyHash } from '#lib/crypto/index.ts';
import { underPresentOwner } from './present-owner.ts';

const [former, present, stranger] = [1, 2, 3].map(
  () => SigningKeyPair.random(systemRandom).hash,
) as [KeyHash, KeyHash, KeyHash];

/** Asks with a memory that holds `known`, of a node that shows a chain of two. */
async function ownerOf(owner: KeyHash, known: KeyHash) {
  let questions = 0;
  const deps = {
    identityOf: () => Promise.resolve(known),
    identitiesOf: () => {
      questions++;
      return Promise.resolve([former, present]);
    },
  };
  const capability = { ...NULL_CAPABILITY, owner };
  return { found: await underPresentOwner(deps, 'olga', capability), questions };
}

describe('a capability under a name', () => {
  it('is as it stands where its owner is the remembered identity, and the node is not asked', async () => {
    const { found, questions } = await ownerOf(present, present);
    expect(found?.owner).toBe(present);
    expect(questions).toBe(0);
  });

  it.each([
    ['a former identity', former, present],
    ['an identity that is not known yet', present, former],
  ])('of %s is put under the present one', async (_what, owner, known) => {
    const { found, questions } = await ownerOf(owner, known);
    expect(found?.owner).toBe(present);
    expect(questions).toBe(1);
  });

  it('of somebody else is none', async () => {
    expect((await ownerOf(stranger, present)).found).toBeUndefined();
  });
});
