/** What a node tells everyone, and what its administrators decide (B-1 §2.8). */
import { toHex } from '#lib/bytes/index.ts';
import { asBoolean, asMap, asText, field } from '#lib/codec/index.ts';
import type { NodeAdmin, NodeBlocks } from '#lib/node/index.ts';
import { NODE_REPORT_MAX_BYTES, nodeReportFromBytes, PATHS } from '#lib/protocol/index.ts';
import { NODE_REPORT } from '../wire/extensions.ts';
import { readCbor, readCborBoolean } from './parse-response.ts';
import type { Offered } from './server-extensions.ts';
import type { Transport } from './transport.ts';

const REQUESTS_MAX_BYTES = 8 * 1024 * 1024;

export function createHttpAdmin(
  transport: Transport,
  blocks: Pick<NodeBlocks, 'nodeId'>,
  offered: Offered,
): NodeAdmin {
  return {
    version: async () => {
      const what = "The server's version";
      const { bytes } = await transport.call({ path: PATHS.version });
      return readCbor(what, bytes, (value) => {
        const map = asMap(value, what);
        const text = (key: string): string => asText(field(map, key, what), what);
        return { version: text('v'), revision: text('s') };
      });
    },
    openSignUps: async () => {
      const what = 'Whether the server takes new users';
      const { bytes } = await transport.call({ path: PATHS.signUps });
      return readCbor(what, bytes, (value) => {
        const map = asMap(value, what);
        const isOpen = (key: string): boolean => asBoolean(field(map, key, what), what);
        return { free: isOpen('f'), paid: isOpen('p') };
      });
    },
    report: async (signal) => {
      if (!offered.isKnown) await blocks.nodeId();
      if (!offered.has('node-report')) return undefined;
      const maxBytes = NODE_REPORT_MAX_BYTES;
      const { bytes } = await transport.call({ path: NODE_REPORT, maxBytes, signal });
      return nodeReportFromBytes(bytes);
    },
    joinWaitingList: async (email) => {
      const query = [['email', email]] as const;
      const { bytes } = await transport.call({ path: PATHS.waitingList, query });
      return readCborBoolean('The answer of the waiting list', bytes);
    },
    pending: async (admin, auth) => {
      const { bytes } = await transport.call({
        path: PATHS.pendingRequests,
        query: [
          ['admin', admin.toString()],
          ['instance', (await blocks.nodeId()).toString()],
          ['auth', toHex(auth)],
        ],
        maxBytes: REQUESTS_MAX_BYTES,
      });
      return readCbor('The requests for space', bytes, (value) => value);
    },
    approve: async (admin, signed) => {
      const { bytes } = await transport.call({
        path: PATHS.approveRequest,
        query: [
          ['admin', admin.toString()],
          ['instance', (await blocks.nodeId()).toString()],
          ['req', toHex(signed)],
        ],
      });
      return readCborBoolean('The answer to an approval', bytes);
    },
  };
}
