/**
 * The records of this node's ids on the Kademlia table (B-2 §7): who knows a former id finds who took
 * over. Peers keep a record for a day or two, so it is put there again every six hours.
 */
import { ipnsKeyOf, ipnsRecordToProtobuf } from '#lib/protocol/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import { failureFields } from '../observe/log.ts';
import type { Log } from '../observe/log.ts';
import type { PeerTable } from './peer-host.ts';

const EVERY_MS = 6 * 3_600_000;
/** After a failure: at a start there may be nobody yet. */
const AGAIN_MS = 5 * 60_000;
const WITHIN_MS = 120_000;

export interface PublishDeps {
  /** The local node. */
  readonly node: Pick<StorageNode, 'blocks'>;
  readonly table: PeerTable;
  readonly log: Log;
}

/** Puts the record of each id there, once. */
export async function publishRecords(
  { node: { blocks }, table }: PublishDeps,
  signal: AbortSignal,
): Promise<void> {
  for (const id of await blocks.nodeIds()) {
    const record = await blocks.nodeRecord(id);
    if (record === undefined) continue;
    await table.put(ipnsKeyOf(id), ipnsRecordToProtobuf(record), signal);
  }
}

/** Does so now and again until the answered function is called, which waits for the present run. */
export function publishRegularly(deps: PublishDeps): () => Promise<void> {
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const run = async (): Promise<void> => {
    let nextMs = EVERY_MS;
    try {
      await publishRecords(deps, AbortSignal.any([stop.signal, AbortSignal.timeout(WITHIN_MS)]));
      deps.log.debug('records of this node published', {});
    } catch (error) {
      nextMs = AGAIN_MS;
      if (!stop.signal.aborted) {
        deps.log.debug('records of this node not published', failureFields(error));
      }
    }
    if (!stop.signal.aborted) timer = setTimeout(() => (underWay = run()), nextMs).unref();
  };
  let underWay = run();
  return async () => {
    stop.abort();
    clearTimeout(timer);
    await underWay;
  };
}
