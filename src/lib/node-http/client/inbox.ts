/** Follow requests over HTTP (B-1 §2.4). They are passed on as they came. */
import { toHex } from '#lib/bytes/index.ts';
import { asList, decodeCbor, encodeCbor } from '#lib/codec/index.ts';
import type { NodeInbox } from '#lib/node/index.ts';
import { PATHS } from '#lib/protocol/index.ts';
import { readBool8, readFrames } from './parse-response.ts';
import type { Transport } from './transport.ts';

/** A hundred of 4096 bytes and what may have come since; none is left unread for its size. */
const REQUESTS_MAX_BYTES = 4 * 1024 * 1024;

export function createHttpInbox(transport: Transport): NodeInbox {
  return {
    send: async (target, request) => {
      const query = [['owner', target.toString()]] as const;
      const { bytes } = await transport.call({ path: PATHS.followRequest, query, body: request });
      return readBool8('The answer to a follow request', bytes);
    },
    list: async (owner, auth) => {
      const { bytes } = await transport.call({
        path: PATHS.getFollowRequests,
        query: [
          ['owner', owner.toString()],
          ['auth', toHex(auth)],
        ],
        maxBytes: REQUESTS_MAX_BYTES,
      });
      const what = 'The follow requests';
      // What is stored is canonical (B-1 §2.4), so encoding it again gives the stored bytes.
      return readFrames(what, bytes, (frames) =>
        asList(decodeCbor(frames.framed(REQUESTS_MAX_BYTES, what)), what).map(encodeCbor),
      );
    },
    remove: async (owner, signed) => {
      const query = [['owner', owner.toString()]] as const;
      const call = { path: PATHS.removeFollowRequest, query, body: signed };
      const { bytes } = await transport.call(call);
      return readBool8('The answer about a follow request', bytes);
    },
  };
}
