/** Conversations with the operator over HTTP (B-1 §2.9). */
import { toHex } from '#lib/bytes/index.ts';
import type { NodeMessages } from '#lib/node/index.ts';
import { PATHS } from '#lib/protocol/index.ts';
import { readCbor, readCborBoolean } from './parse-response.ts';
import type { Transport } from './transport.ts';

const MESSAGES_MAX_BYTES = 8 * 1024 * 1024;

export function createHttpMessages(transport: Transport): NodeMessages {
  return {
    retrieve: async (username, auth) => {
      const { bytes } = await transport.call({
        path: PATHS.retrieveMessages,
        query: [
          ['username', username],
          ['auth', toHex(auth)],
        ],
        maxBytes: MESSAGES_MAX_BYTES,
      });
      return readCbor('The messages', bytes, (value) => value);
    },
    send: async (username, signed) => {
      const query = [['username', username]] as const;
      const { bytes } = await transport.call({ path: PATHS.sendMessage, query, body: signed });
      return readCborBoolean('The answer to a message', bytes);
    },
  };
}
