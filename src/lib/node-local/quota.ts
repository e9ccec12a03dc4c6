/** How much an owner may store (B-5 §1): what was granted, and what the medium allows. */
import { asInteger, decodeBlock } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { LocalNodeDeps } from './context.ts';
import { partitionOf } from './owner-partition.ts';
import { read, TABLE } from './records.ts';

/** Bytes; practically unlimited where there is no quota. A granted change counts at once. */
export async function quotaOf(deps: LocalNodeDeps, owner: KeyHash): Promise<number> {
  const [granted, allowed] = await Promise.all([grantedTo(deps, owner), deps.quotaBytes?.(owner)]);
  return Math.min(granted, allowed ?? Number.MAX_SAFE_INTEGER);
}

async function grantedTo(deps: LocalNodeDeps, owner: KeyHash): Promise<number> {
  if (deps.signUps === undefined) return Number.MAX_SAFE_INTEGER;
  const record = await read(
    deps.records,
    TABLE.quotas,
    (await partitionOf(deps, owner)).toString(),
    (bytes) => asInteger(decodeBlock(bytes), 'The quota'),
  );
  return record.value ?? deps.signUps.quotaBytes ?? Number.MAX_SAFE_INTEGER;
}
