import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '#lib/bytes/index.ts';
import { decodeCbor, encodeCbor } from '#lib/codec/index.ts';
import { BoxingKeyPair, systemRandom } from '#lib/crypto/index.ts';
import { vectorsOf } from '../../../../tests/vectors/load.ts';
import {
  followRequestFromCbor,
  followRequestToCbor,
  givesAccess,
  openFollowRequest,
  sealFollowRequest,
} from './follow-request.ts';

interface Line {
  readonly name: string;
  readonly recipientPair: string;
  readonly blind: string;
  readonly plain: string;
  readonly senderName: string;
  readonly hasKey: boolean;
  readonly isRefusal: boolean;
}

const pairOf = (line: Line) => BoxingKeyPair.fromCbor(decodeCbor(fromHex(line.recipientPair)));

describe.each(vectorsOf<Line>('followRequest'))('a follow request ($name)', (line) => {
  it('of another client is opened', () => {
    const request = openFollowRequest(fromHex(line.blind), pairOf(line));
    expect(request.entry.username).toBe(line.senderName);
    expect(request.key !== undefined).toBe(line.hasKey);
    expect(givesAccess(request)).toBe(!line.isRefusal);
    expect(toHex(encodeCbor(followRequestToCbor(request)))).toBe(line.plain);
  });

  it('of ours is opened by its target alone, and fits what a node takes', () => {
    const target = pairOf(line);
    const request = followRequestFromCbor(decodeCbor(fromHex(line.plain)));
    const blind = sealFollowRequest(request, target.publicKey, systemRandom);
    expect(blind.length).toBeLessThanOrEqual(4096);
    expect(openFollowRequest(blind, target)).toEqual(request);
    const other = BoxingKeyPair.random(systemRandom);
    expect(() => openFollowRequest(blind, other)).toThrow();
  });
});
