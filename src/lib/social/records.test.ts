/** Records of people and shares against the values printed with the protocol. */
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '#lib/bytes/index.ts';
import { decodeCbor, encodeCbor } from '#lib/codec/index.ts';
import { BoxingKeyPair, SecretBoxingKey } from '#lib/crypto/index.ts';
import { capabilityToCbor, entryPointToCbor, NULL_CAPABILITY } from '#lib/cryptree/index.ts';
import { partC, vectorsOf } from '../../../tests/vectors/load.ts';
import {
  followRequestFromCbor,
  followRequestToCbor,
  givesAccess,
  noEntry,
  openFollowRequest,
} from './follow/follow-request.ts';
import { processedFromBytes, processedToBytes } from './share/incoming-records.ts';
import {
  folderSharesFromBytes,
  folderSharesToBytes,
  linkPropertiesFromCbor,
  linkToCbor,
} from './share/shared-with.ts';

const bytesOf = (entry: string) => fromHex(partC<{ cbor: string }>(entry).cbor);

describe('a record of the protocol', () => {
  it('gives nothing by the null capability', () => {
    const { cbor, entry } = partC<{ cbor: string; entry: string }>('nullCapability');
    expect(toHex(encodeCbor(capabilityToCbor(NULL_CAPABILITY)))).toBe(cbor);
    expect(toHex(encodeCbor(entryPointToCbor(noEntry('alice'))))).toBe(entry);
  });

  it.each([
    ['both', true, true],
    ['acceptOnly', true, false],
    ['reciprocateOnly', false, true],
  ])('is a follow request that means %s', (meaning, allows, follows) => {
    const hex = partC<Record<string, string>>('followRequest')[meaning]!;
    const request = followRequestFromCbor(decodeCbor(fromHex(hex)));
    expect([givesAccess(request), request.key !== undefined]).toEqual([allows, follows]);
    expect(toHex(encodeCbor(followRequestToCbor(request)))).toBe(hex);
  });

  it('is a request that only its target opens', () => {
    const { recipientSecret } = partC<{ recipientSecret: string }>('blindFollowRequestX25519');
    const bob = BoxingKeyPair.fromCurveSecret(secretIn(recipientSecret));
    const request = openFollowRequest(bytesOf('blindFollowRequestX25519'), bob);
    expect(toHex(encodeCbor(followRequestToCbor(request)))).toBe(
      partC<{ both: string }>('followRequest').both,
    );
  });

  it('counts what was received, groups included', () => {
    const processed = processedFromBytes(bytesOf('processedCaps'));
    expect([...processed.groups.keys()]).toEqual(['uid1']);
    expect(processedToBytes(processed)).toEqual(bytesOf('processedCaps'));
  });

  it('says with whom a file is shared, and by which links', () => {
    const shares = folderSharesFromBytes(bytesOf('sharedWithState'));
    expect(shares.get('file.txt')).toMatchObject({
      read: new Set(['bob', 'carol']),
      links: [{ linkPassword: 'abcdefghijkl', isWritable: true, autoOpen: true, maxRetrievals: 9 }],
    });
    expect(shares.get('dir')).toMatchObject({ write: new Set(['bob']), links: [] });
    const written = folderSharesToBytes(shares); // recipients in an order of its own
    expect(written).toHaveLength(bytesOf('sharedWithState').length);
    expect(folderSharesFromBytes(written)).toEqual(shares);
  });

  it('keeps what its owner knows of a link', () => {
    const link = linkPropertiesFromCbor(decodeCbor(bytesOf('linkProperties')));
    expect(encodeCbor(linkToCbor(link))).toEqual(bytesOf('linkProperties'));
  });

  it.each(vectorsOf<{ name: string; cbor: string }>('linkProperties'))(
    'keeps what its owner knows of a link ($name)',
    ({ cbor }) => {
      const link = linkPropertiesFromCbor(decodeCbor(fromHex(cbor)));
      expect(toHex(encodeCbor(linkToCbor(link)))).toBe(cbor);
    },
  );
});

/** The 32 bytes of a secret key of the older kind. */
function secretIn(hex: string): Uint8Array {
  return SecretBoxingKey.fromCbor(decodeCbor(fromHex(hex))).curve;
}
