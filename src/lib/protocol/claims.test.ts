/** Claim chains against golden values, and the name rules of B-2 §2. */
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '#lib/bytes/index.ts';
import { Cid, decodeBlock, encodeCbor } from '#lib/codec/index.ts';
import { SigningKeyPair } from '#lib/crypto/index.ts';
import { partB, vectorsOf } from '../../../tests/vectors/load.ts';
import { BadClaimChain } from './refusals.ts';
import {
  claimChainFromCbor,
  claimChainToCbor,
  claimLinkToCbor,
  createClaimLink,
  mergeClaimChains,
  NEVER_EXPIRES,
  verifyClaimChain,
} from './claims.ts';
import { isValidUsername } from './username.ts';

const chainOf = (hex: string) => claimChainFromCbor(decodeBlock(fromHex(hex)));

describe('claims', () => {
  interface ClaimVector {
    seed: string;
    username: string;
    expiry: string;
    storageProviders: string[];
    signedContents: string;
    cbor: string;
  }
  test.each(vectorsOf<ClaimVector>('pkiClaim'))('$name', async (vector) => {
    const { claim } = await createClaimLink(SigningKeyPair.fromSeed(fromHex(vector.seed)), {
      username: vector.username,
      expiry: vector.expiry,
      storageProviders: vector.storageProviders.map((id) => Cid.parse(id)),
    });
    expect(toHex(claim.signed)).toBe(vector.signedContents);
    const cbor = claimLinkToCbor({
      owner: SigningKeyPair.fromSeed(fromHex(vector.seed)).hash,
      claim,
    });
    expect(toHex(encodeCbor(cbor))).toContain(vector.cbor);
  });

  test('a link is built byte for byte', async () => {
    const printed = partB<{ username: string; expiry: string; cbor: string }>('claimLink');
    const { username, expiry, cbor } = printed;
    const owner = SigningKeyPair.fromSeed(fromHex(partB<{ seed: string }>('identity').seed));
    const storageProviders = [Cid.parse(partB<{ cidText: string }>('nodeId').cidText)];
    const link = await createClaimLink(owner, { username, expiry, storageProviders });
    expect(toHex(encodeCbor(claimLinkToCbor(link)))).toBe(cbor);
  });

  test('a key change chain is built byte for byte', async () => {
    const pair = (name: string) =>
      SigningKeyPair.fromSeed(fromHex(partB<{ seed: string }>(name).seed));
    const provider = Cid.parse(partB<{ cidText: string }>('nodeId').cidText);
    const [from, to] = [pair('identity'), pair('writer')];
    const never = { username: 'alice', expiry: NEVER_EXPIRES, storageProviders: [] };
    const last = { username: 'alice', expiry: '2027-03-01', storageProviders: [provider] };
    const chain = [await createClaimLink(from, never, to.hash), await createClaimLink(to, last)];
    const expected = partB<{ cbor: string }>('keyChangeChain').cbor;
    expect(toHex(encodeCbor(claimChainToCbor(chain)))).toBe(expected);
    await expect(verifyClaimChain(chain, 'alice')).resolves.toBeUndefined();
  });
});

describe('claim chains', () => {
  interface ChainVector {
    username: string;
    chain: string;
    valid: boolean;
    identity: string;
  }
  test.each(vectorsOf<ChainVector>('pkiChain'))('$name', async (vector) => {
    const chain = chainOf(vector.chain);
    expect(chain.at(-1)?.owner.toString()).toBe(vector.identity);
    expect(toHex(encodeCbor(claimChainToCbor(chain)))).toBe(vector.chain);
    const verified = verifyClaimChain(chain, vector.username);
    if (vector.valid) await expect(verified).resolves.toBeUndefined();
    else await expect(verified).rejects.toBeInstanceOf(BadClaimChain);
  });

  test('of no link are not valid', async () => {
    await expect(verifyClaimChain([], 'alice')).rejects.toBeInstanceOf(BadClaimChain);
  });

  test.each(['2027-13-01', '2027-1-1', '', '+9999999999-12-31', 'tomorrow'])(
    'that expire on "%s" are not valid',
    async (expiry) => {
      const pair = SigningKeyPair.fromSeed(new Uint8Array(32));
      const storageProviders = [Cid.parse(partB<{ cidText: string }>('nodeId').cidText)];
      const link = await createClaimLink(pair, { username: 'alice', expiry, storageProviders });
      await expect(verifyClaimChain([link], 'alice')).rejects.toBeInstanceOf(BadClaimChain);
    },
  );
});

describe('merging claim chains', () => {
  interface MergeVector {
    existing: string;
    update: string;
    accepted: boolean;
    merged: string | null;
    error: string | null;
  }
  test.each(vectorsOf<MergeVector>('pkiMerge'))('$name', async (vector) => {
    const merge = mergeClaimChains(chainOf(vector.existing), chainOf(vector.update), 'alice');
    if (!vector.accepted) {
      await expect(merge).rejects.toThrow(vector.error!);
      await expect(merge).rejects.toBeInstanceOf(BadClaimChain);
      return;
    }
    expect(toHex(encodeCbor(claimChainToCbor(await merge)))).toBe(vector.merged);
  });

  test('does not shorten a chain', async () => {
    const long = vectorsOf<MergeVector>('pkiMerge').find(
      ({ name }) => name === 'reuse-of-old-key',
    )!;
    const existing = chainOf(long.existing);
    const merge = mergeClaimChains(existing, existing.slice(0, 1), 'alice');
    await expect(merge).rejects.toBeInstanceOf(BadClaimChain);
  });
});

describe('user names', () => {
  const good = ['a', '0', 'alice', 'a-b', 'a1-2b', 'x'.repeat(32), 'a-'.repeat(15) + 'ab'];
  const bad = ['', '-a', 'a-', 'a--b', 'A', 'a_b', 'a b', 'ä', 'x'.repeat(33), 'a.b', 'a/b', 'a\n'];
  const reserved = ['root', 'admin', 'groups', 'friends', 'constructor', 'ipns'];
  test.each(good)('"%s" may be registered', (name) => expect(isValidUsername(name)).toBe(true));
  test.each([...bad, ...reserved])('"%s" may not', (name) =>
    expect(isValidUsername(name)).toBe(false),
  );
});
