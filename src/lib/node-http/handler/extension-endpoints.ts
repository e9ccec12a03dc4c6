/** What this node offers beyond the protocol, and how it says so (`../offers.ts`). */
import { asBytes, asList, asMap, Cid, field, optional } from '#lib/codec/index.ts';
import { BatWithId } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import { parseRequest, pointerStateOf, Unauthorised } from '#lib/protocol/index.ts';
import { BLOCK_GET_BULK, OFFERS_HEADER } from '../wire/extensions.ts';
import type { Offer } from '../wire/extensions.ts';
import { cborAnswer } from './responses.ts';
import { cborOf, endpoint, requireFew } from './endpoint.ts';
import type { Call, EndpointTable } from './endpoint.ts';
import { ownerOf } from './known-owner.ts';

const ALWAYS: readonly Offer[] = [
  'block-bulk',
  'pointer-block',
  'own-transactions',
  'code-session',
];

export const OFFER_ENDPOINTS: EndpointTable = [endpoint(BLOCK_GET_BULK, getBlocks)];

/** Names what is offered in the headers of an answer. Whether there is a store is asked once. */
export function namingOffers(node: StorageNode): (answer: Response) => Promise<Response> {
  let offers: Promise<string> | undefined;
  return async (answer) => {
    if (answer.status !== 200) return answer;
    offers ??= hasObjectStore(node).then((has) =>
      [...ALWAYS, ...(has ? (['object-store'] as const) : [])].join(' '),
    );
    answer.headers.set(OFFERS_HEADER, await offers);
    return answer;
  };
}

/** The block a pointer names, where anybody may read it; it may be needed next. */
export async function publicTargetOf(
  { node, signal }: Call,
  owner: KeyHash,
  signed: Uint8Array,
): Promise<Uint8Array | undefined> {
  const { target } = pointerStateOf(signed);
  if (target === undefined) return undefined;
  try {
    return await node.blocks.get(owner, target, undefined, signal);
  } catch (error) {
    if (error instanceof Unauthorised) return undefined;
    throw error;
  }
}

async function getBlocks(call: Call): Promise<Response> {
  const { node, signal } = call;
  const what = 'the blocks';
  const asked = parseRequest('The request', () =>
    asList(cborOf(call), what).map((value) => {
      const map = asMap(value, what);
      const bat = optional(map, 'b');
      return {
        cid: Cid.fromBytes(asBytes(field(map, 'h', what), what)),
        bat: bat === undefined ? undefined : BatWithId.fromCbor(bat),
      };
    }),
  );
  requireFew(call, asked.length, 'Too many blocks to read at once!');
  const owner = ownerOf(call);
  const blocks = await Promise.all(
    asked.map(({ cid, bat }) => node.blocks.get(owner, cid, bat, signal)),
  );
  return cborAnswer(blocks.map((block) => block ?? new Uint8Array()));
}

async function hasObjectStore(node: StorageNode): Promise<boolean> {
  try {
    const { directWrites, publicReads, authorisedReads } = await node.blocks.properties();
    return directWrites || publicReads || authorisedReads;
  } catch {
    // Nothing depends on it: every call through the node keeps working.
    return false;
  }
}
