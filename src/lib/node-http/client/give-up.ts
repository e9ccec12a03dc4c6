/**
 * The deadline of a call to a node that may be away: a browser stores what it could not send and goes
 * on. A node that is silent for a while is sent a small probe; only a node that does not answer the
 * probe counts as away.
 */
import { NodeUnreachable } from '#lib/protocol/index.ts';
import type { Connection } from './connection.ts';
import { later } from './timers.ts';

/** A silence that is normal, and the bytes per millisecond of a slow line, which add to it. */
const SILENCE_MS = 4_000;
const SLOW_BYTES_PER_MS = 100;

export interface GiveUpDeps {
  readonly connection: Pick<Connection, 'isOnline' | 'probe' | 'listen'>;
  /** How long the node may be away. */
  readonly deadlineMs: number;
  /** What the request and its answer may take on the line. */
  readonly sizeBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/** Runs `work` until it is done or the node has been away too long: `NodeUnreachable`. */
export async function withDeadline<T>(
  { connection, deadlineMs, sizeBytes, signal }: GiveUpDeps,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const silenceMs = Math.min(SILENCE_MS, deadlineMs) + sizeBytes / SLOW_BYTES_PER_MS;
  let cancel = (): void => undefined;
  const wait = (isOnline: boolean): void => {
    cancel();
    cancel = isOnline ? later(silenceMs, doubt) : later(deadlineMs, giveUp);
  };
  const doubt = (): void => {
    void connection.probe();
    cancel = later(silenceMs, doubt);
  };
  const giveUp = (): void => stop.abort(new NodeUnreachable('The server cannot be reached.'));
  const unlisten = connection.listen(wait);
  wait(connection.isOnline);
  try {
    return await work(signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]));
  } finally {
    cancel();
    unlisten();
  }
}
