/**
 * Which part of the node a path belongs to, and the name it is counted under. Names come from a
 * fixed set: paths below an endpoint hold user names, and anybody can make up new ones.
 */
import { BLOCK_GET_BULK, NODE_REPORT, REGISTRY_CAR } from '#lib/node-http/index.ts';
import { PATHS } from '#lib/protocol/index.ts';

export type Part = 'health' | 'metrics' | 'api' | 'site';

export interface Endpoint {
  readonly part: Part;
  /** What it is called in metrics and log. */
  readonly name: string;
}

const KNOWN = new Set<string>([...Object.values(PATHS), BLOCK_GET_BULK, NODE_REPORT, REGISTRY_CAR]);
const WITH_TAIL = ['peergos/v0/core/getUsernamesGzip'];
const API = /^(?:api|peergos|pyrgos|p2p)(?:\/|$)/u;

/** `path` begins with a slash and has no query. */
export function endpointOf(path: string): Endpoint {
  const name = path.slice(1);
  if (name === 'healthz') return { part: 'health', name: 'healthz' };
  if (name === 'metrics') return { part: 'metrics', name: 'metrics' };
  if (KNOWN.has(name)) return { part: 'api', name: name };
  if (API.test(name)) {
    const known = WITH_TAIL.find((it) => name.startsWith(`${it}/`));
    return { part: 'api', name: known ?? 'unknown' };
  }
  if (name.startsWith('public/')) return { part: 'api', name: 'public' };
  return { part: 'site', name: 'site' };
}
