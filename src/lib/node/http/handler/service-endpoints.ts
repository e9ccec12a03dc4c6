/** `/peergos/v0/social|storage|admin|server-message/…` (B-1 §2.4, §2.7–2.9; B-5). */
import { concat } from '#lib/bytes/index.ts';
import { cborMap, encodeCbor } from '#lib/codec/index.ts';
import { WrongSignature } from '../../errors.ts';
import { framed } from '../framing.ts';
import { PATHS } from '../paths.ts';
import { boolAnswer, bytesAnswer, cborAnswer } from './answers.ts';
import { post, read } from './endpoint.ts';
import type { Call, EndpointTable } from './endpoint.ts';
import { ownerOf } from './known-owner.ts';

const FOLLOW_REQUEST_MAX_BYTES = 4096;
const MESSAGE_MAX_BYTES = 10_240;

export const SERVICE_ENDPOINTS: EndpointTable = [
  post(PATHS.followRequest, FOLLOW_REQUEST_MAX_BYTES, async (call) =>
    boolAnswer(await call.node.inbox.send(ownerOf(call), call.body)),
  ),
  read(PATHS.getFollowRequests, async (call) =>
    bytesAnswer(listed(await call.node.inbox.list(ownerOf(call), call.query.hex('auth')))),
  ),
  post(PATHS.removeFollowRequest, FOLLOW_REQUEST_MAX_BYTES, removeFollowRequest),

  read(PATHS.usage, async (call) => {
    const { node, query } = call;
    const auth = query.hex('auth');
    return cborAnswer(await node.space.usageBytes(ownerOf(call), auth, query.flag('local')));
  }),
  read(PATHS.quota, async (call) =>
    cborAnswer(await call.node.space.quotaBytes(ownerOf(call), call.query.hex('auth'))),
  ),
  read(PATHS.paymentProperties, async (call) => {
    const { node, query } = call;
    const wantsSecret = query.flag('new-client-secret');
    return cborAnswer(await node.space.payment(ownerOf(call), query.hex('auth'), wantsSecret));
  }),
  read(PATHS.requestSpace, async (call) =>
    cborAnswer(await call.node.space.request(ownerOf(call), call.query.hex('req'))),
  ),

  read(PATHS.version, async ({ node }) => {
    const { version, revision } = await node.admin.version();
    return cborAnswer(
      cborMap([
        ['v', version],
        ['s', revision],
      ]),
    );
  }),
  read(PATHS.signUps, async ({ node }) => {
    const { free, paid } = await node.admin.openSignUps();
    return cborAnswer(
      cborMap([
        ['f', free],
        ['p', paid],
      ]),
    );
  }),
  read(PATHS.waitingList, async ({ node, query }) =>
    cborAnswer(await node.admin.joinWaitingList(query.text('email'))),
  ),
  read(PATHS.pendingRequests, async ({ node, query }) =>
    cborAnswer(await node.admin.pending(query.key('admin'), query.hex('auth'))),
  ),
  read(PATHS.approveRequest, async ({ node, query }) =>
    cborAnswer(await node.admin.approve(query.key('admin'), query.hex('req'))),
  ),

  read(PATHS.retrieveMessages, async ({ node, query, refused }) => {
    refused.username = query.text('username');
    return cborAnswer(await node.messages.retrieve(refused.username, query.hex('auth')));
  }),
  post(PATHS.sendMessage, MESSAGE_MAX_BYTES, async ({ node, query, body, refused }) => {
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
