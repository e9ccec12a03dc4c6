/** `/peergos/v0/mutable/…` (B-1 §2.2, B-6 §3). */
import { concat } from '#lib/bytes/index.ts';
import { asBytes, asList, asMap, field, SIGNED_POINTER_MAX_BYTES } from '#lib/codec/index.ts';
import { asKeyHash } from '#lib/crypto/index.ts';
import type { SignedPointer } from '#lib/node/index.ts';
import {
  MalformedRequest,
  parseRequest,
  PATHS,
  PointerRefused,
  WrongSignature,
} from '#lib/protocol/index.ts';
import { WITH_BLOCK } from '../wire/extensions.ts';
import { boolAnswer, bytesAnswer } from './responses.ts';
import { cborOf, endpoint, requireFew } from './endpoint.ts';
import type { Call, EndpointTable } from './endpoint.ts';
import { orUnknownOwner, ownerOf, writerOf } from './known-owner.ts';
import { publicTargetOf } from './extension-endpoints.ts';

export const POINTER_ENDPOINTS: EndpointTable = [
  endpoint(PATHS.getPointer, async (call) => {
    const owner = ownerOf(call);
    const found = call.node.pointers.get(owner, writerOf(call));
    const signed = (await orUnknownOwner(call, owner, found)) ?? new Uint8Array();
    const [name, value] = WITH_BLOCK;
    if (signed.length === 0 || call.query.get(name) !== value) return bytesAnswer(signed);
    const block = await publicTargetOf(call, owner, signed);
    return bytesAnswer(block === undefined ? signed : concat(signed, block));
  }),
  endpoint(PATHS.setPointer, setPointer),
  endpoint(PATHS.setPointers, setPointers),
];

async function setPointer(call: Call): Promise<Response> {
  const owner = ownerOf(call);
  const writer = writerOf(call);
  const signed = call.body;
  checkSize(signed);
  try {
    await orUnknownOwner(call, owner, call.node.pointers.set(owner, writer, signed).then(done));
    return boolAnswer(true);
  } catch (error) {
    if (error instanceof WrongSignature) return boolAnswer(false);
    if (error instanceof PointerRefused && error.reason === 'controller') return boolAnswer(false);
    throw error;
  }
}

async function setPointers(call: Call): Promise<Response> {
  const owner = ownerOf(call);
  const updates = parseRequest('The pointer updates', () => {
    const map = asMap(cborOf(call), 'the pointer updates');
    return asList(field(map, 'p', 'the pointer updates'), 'the pointer updates').map(
      (value): SignedPointer => {
        const update = asMap(value, 'a pointer update');
        return {
          writer: asKeyHash(field(update, 'w', 'a pointer update'), 'the writer'),
          signed: asBytes(field(update, 's', 'a pointer update'), 'a pointer update'),
        };
      },
    );
  });
  requireFew(call, updates.length, 'Too many pointer updates at once!');
  for (const { signed } of updates) checkSize(signed);
  await orUnknownOwner(call, owner, call.node.pointers.setMany(owner, updates).then(done));
  return boolAnswer(true);
}

const done = () => true;

function checkSize(signed: Uint8Array): void {
  if (signed.length <= SIGNED_POINTER_MAX_BYTES) return;
  throw new MalformedRequest(`Pointer update too big! ${signed.length}`);
}
