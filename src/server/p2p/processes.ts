/**
 * The processes of one node that listen for other nodes. They have one peer id, and the libp2p of
 * another node keeps the addresses that the process told which it met last: so each of them must tell
 * all addresses, or the others are not found when it is gone. Each notes itself in the records while
 * it runs: table `peerProcesses`, key host name and port, value `{"a": [multiaddr text…], "t": ms}`,
 * the addresses that it tells and until when that counts.
 */
import { hostname } from 'node:os';
import { asInteger, asList, asMap, asText, cborMap, decodeBlock } from '#lib/codec/index.ts';
import { encodeCbor, field } from '#lib/codec/index.ts';
import type { RecordStore } from '#lib/stores/index.ts';
import { BadSetting } from '../settings/settings.ts';
import type { NodeSettings } from '../settings/settings.ts';

const TABLE = 'peerProcesses';
const COUNTS_FOR_MS = 60_000;
const RENEW_EVERY_MS = 20_000;

export interface NotedProcess {
  readonly key: string;
  readonly announce: readonly string[];
}

/** Those that run, without the one at this port of this machine. */
export async function otherProcesses(
  records: RecordStore,
  settings: Pick<NodeSettings, 'p2pHost' | 'p2pPort'>,
  nowMs: number,
): Promise<readonly NotedProcess[]> {
  const own = keyOf(settings);
  const what = 'The note of a process';
  return (await records.list(TABLE, '')).flatMap(({ key, value }) => {
    const map = asMap(decodeBlock(value), what);
    if (key === own || asInteger(field(map, 't', what), what) <= nowMs) return [];
    return [{ key, announce: asList(field(map, 'a', what), what).map((it) => asText(it, what)) }];
  });
}

/**
 * Throws {@link BadSetting} where other nodes would not learn all processes: `p2p-announce` is to have
 * every address that the others have, and one for each process at least.
 */
export function checkAnnounced(announce: readonly string[], others: readonly NotedProcess[]): void {
  const told = new Set(announce);
  const missing = new Set(others.flatMap((it) => it.announce).filter((it) => !told.has(it)));
  if (missing.size > 0) {
    throw new BadSetting(
      'Another process of this node tells other nodes addresses that --p2p-announce of this one ' +
        `lacks: ${[...missing].join(' and ')}. Give every process the addresses of all.`,
    );
  }
  if (others.length > 0 && told.size <= others.length) {
    throw new BadSetting(
      `With ${String(others.length)} more processes of this node that listen for other nodes, ` +
        `--p2p-announce has too few addresses (${String(told.size)}). Give every process those of all.`,
    );
  }
}

/** Notes this process until the answered function is called. */
export async function noteProcess(
  records: RecordStore,
  settings: Pick<NodeSettings, 'p2pHost' | 'p2pPort' | 'p2pAnnounce'>,
  clock: () => number,
): Promise<() => Promise<void>> {
  const entry = { table: TABLE, key: keyOf(settings) };
  const write = async (value: Uint8Array | undefined): Promise<void> => {
    await records.apply({ writes: [{ ...entry, value }], durability: 'relaxed' });
  };
  const renew = (): Promise<void> =>
    write(
      encodeCbor(
        cborMap([
          ['a', [...settings.p2pAnnounce]],
          ['t', clock() + COUNTS_FOR_MS],
        ]),
      ),
    );
  await renew();
  // Where the records are away for a moment the next one is in time.
  const timer = setInterval(() => void renew().catch(() => undefined), RENEW_EVERY_MS).unref();
  return async () => {
    clearInterval(timer);
    await write(undefined).catch(() => undefined);
  };
}

/** The same for a process that starts again after it died. */
function keyOf({ p2pHost, p2pPort }: Pick<NodeSettings, 'p2pHost' | 'p2pPort'>): string {
  return `${hostname()} ${p2pHost} ${String(p2pPort ?? '')}`;
}
