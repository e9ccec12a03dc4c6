/** Where the writers of an owner lead, and what a change makes of it. */
import { Cid } from '#lib/codec/index.ts';
import { asKeyHash } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { pointerStateOf } from '#lib/protocol/index.ts';
import type { LocalNodeDeps } from './context.ts';
import { Registry } from './writer-registry.ts';
import { listRecords, TABLE } from './records.ts';

/** Where a writer that counts led, and where it leads. */
export interface RootChange {
  readonly before: Cid | undefined;
  readonly after: Cid | undefined;
}

/** What the moved pointers and the writers that came and went mean for what is reached. */
export async function rootChanges(
  deps: LocalNodeDeps,
  owner: KeyHash,
  after: Registry,
  moved: ReadonlyMap<string, RootChange>,
): Promise<RootChange[]> {
  const before = new Registry(deps.records);
  const changed = after.changed();
  const known = changed.length === 0 ? [] : await writersOf(deps, owner);
  const all = new Map([...known, ...changed].map((writer) => [writer.toString(), writer]));
  for (const key of moved.keys()) all.set(key, asKeyHash(Cid.parse(key), 'A writer'));
  const changes: RootChange[] = [];
  for (const [key, writer] of all) {
    const [was, is] = await Promise.all([
      before.isLive(owner, writer),
      after.isLive(owner, writer),
    ]);
    const move = moved.get(key);
    if (!was && !is) continue;
    if (was && is && move === undefined) continue;
    const target = move === undefined ? await targetOf(deps, writer) : undefined;
    changes.push({
      before: was ? (move?.before ?? target) : undefined,
      after: is ? (move === undefined ? target : move.after) : undefined,
    });
  }
  return changes;
}

/** The targets of all writers that have a place. */
export async function liveRoots(deps: LocalNodeDeps, owner: KeyHash): Promise<Cid[]> {
  const registry = new Registry(deps.records);
  const roots: Cid[] = [];
  for (const writer of await writersOf(deps, owner)) {
    if (!(await registry.isLive(owner, writer))) continue;
    const target = await targetOf(deps, writer);
    if (target !== undefined) roots.push(target);
  }
  return roots;
}

async function writersOf(deps: LocalNodeDeps, owner: KeyHash): Promise<KeyHash[]> {
  const prefix = `${owner.toString()}/`;
  const listed = await listRecords(deps.records, TABLE.writersOf, prefix);
  return listed.map(({ key }) => asKeyHash(Cid.parse(key.slice(prefix.length)), 'A writer'));
}

async function targetOf(deps: LocalNodeDeps, writer: KeyHash): Promise<Cid | undefined> {
  return pointerStateOf(await deps.records.get(TABLE.pointers, writer.toString())).target;
}
