/** `/peergos/v0/social|storage|admin|server-message/…` (B-1 §2.4, §2.7–2.9; B-5). */
import { concat } from '#lib/bytes/index.ts';
import { cborMap, encodeCbor } from '#lib/codec/index.ts';
import { PATHS, WrongSignature } from '#lib/protocol/index.ts';
import { framed } from '../wire/framing.ts';
import { boolAnswer, bytesAnswer, cborAnswer } from './responses.ts';
import { endpoint } from './endpoint.ts';
import type { Call, EndpointTable } from './endpoint.ts';
import { ownerOf } from './known-owner.ts';

export const SERVICE_ENDPOINTS: EndpointTable = [
  endpoint(PATHS.followRequest, async (call) =>
    boolAnswer(await call.node.inbox.send(ownerOf(call), call.body)),
  ),
  endpoint(PATHS.getFollowRequests, async (call) =>
    bytesAnswer(listed(await call.node.inbox.list(ownerOf(call), call.query.hex('auth')))),
  ),
  endpoint(PATHS.removeFollowRequest, removeFollowRequest),

  endpoint(PATHS.usage, async (call) => {
    const { node, query } = call;
    const auth = query.hex('auth');
    return cborAnswer(await node.space.usageBytes(ownerOf(call), auth, query.flag('local')));
  }),
  endpoint(PATHS.quota, async (call) =>
    cborAnswer(await call.node.space.quotaBytes(ownerOf(call), call.query.hex('auth'))),
  ),
  endpoint(PATHS.paymentProperties, async (call) => {
    const { node, query } = call;
    const wantsSecret = query.flag('new-client-secret');
    return cborAnswer(await node.space.payment(ownerOf(call), query.hex('auth'), wantsSecret));
  }),
  endpoint(PATHS.requestSpace, async (call) =>
    cborAnswer(await call.node.space.request(ownerOf(call), call.query.hex('req'))),
  ),

  endpoint(PATHS.version, async ({ node }) => {
    const { version, revision } = await node.admin.version();
    return cborAnswer(
      cborMap([
        ['v', version],
        ['s', revision],
      ]),
    );
  }),
  endpoint(PATHS.signUps, async ({ node }) => {
    const { free, paid } = await node.admin.openSignUps();
    return cborAnswer(
      cborMap([
        ['f', free],
        ['p', paid],
      ]),
    );
  }),
  endpoint(PATHS.waitingList, async ({ node, query }) =>
    cborAnswer(await node.admin.joinWaitingList(query.text('email'))),
  ),
  endpoint(PATHS.pendingRequests, async ({ node, query }) =>
    cborAnswer(await node.admin.pending(query.key('admin'), query.hex('auth'))),
  ),
  endpoint(PATHS.approveRequest, async ({ node, query }) =>
    cborAnswer(await node.admin.approve(query.key('admin'), query.hex('req'))),
  ),

  endpoint(PATHS.retrieveMessages, async ({ node, query, refused }) => {
    refused.username = query.text('username');
    return cborAnswer(await node.messages.retrieve(refused.username, query.hex('auth')));
  }),
  endpoint(PATHS.sendMessage, async ({ node, query, body, refused }) => {
    refused.username = query.text('username');
    return cborAnswer(await node.messages.send(refused.username, body));
  }),
];

async function removeFollowRequest(call: Call): Promise<Response> {
  try {
    return boolAnswer(await call.node.inbox.remove(ownerOf(call), call.body));
  } catch (error) {
    if (error instanceof WrongSignature) return boolAnswer(false);
    throw error;
  }
}

/** A CBOR list of what was sent, each request byte for byte. */
function listed(requests: readonly Uint8Array[]): Uint8Array {
  const placeholders = encodeCbor(requests.map(() => null));
  const head = placeholders.subarray(0, placeholders.length - requests.length);
  return framed(concat(head, ...requests));
}
