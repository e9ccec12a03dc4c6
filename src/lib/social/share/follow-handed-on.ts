/**
 * Notes of what was handed on follow their items: where its owner renames or moves one, its
 * capability stays, so the one who was given it finds it, and the note is put to its present path.
 * With new keys the access of that person has ended, which is its owner's to decide (C-3 §3.4): then
 * the note is left alone.
 */
import type { Capability } from '#lib/cryptree/index.ts';
import { namedOnly } from '#lib/drive/index.ts';
import { SHARED_FOLDER } from '../follow/people-records.ts';
import type { SocialDeps } from '../person.ts';
import { openPath } from '../tree.ts';
import { NOTHING_PROCESSED } from './incoming-records.ts';
import { LogReader } from './log-reader.ts';
import { sharedBelow } from './noted-shares.ts';
import { noteShares, sharesOf, withRecipients } from './outgoing.ts';

type Path = readonly string[];

/** The owner chooses how deep an item lies; a note needs a folder for each name above it. */
const DEPTH_MAX = 64;

interface Renamed {
  readonly recipient: string;
  readonly from: Path;
  readonly to: Path;
}

/** Does nothing where it cannot be found out now where the items of `owner` lie. */
export async function followHandedOn(
  deps: SocialDeps,
  owner: string,
  signal?: AbortSignal,
): Promise<void> {
  try {
    const renamed = await renamedOf(deps, owner, signal);
    if (renamed.length > 0) await note(deps, renamed, signal);
  } catch (error) {
    namedOnly(error, signal);
  }
}

async function note({ drive }: SocialDeps, renamed: readonly Renamed[], signal?: AbortSignal) {
  await drive.change(async (change, home) => {
    for (const { recipient, from, to } of renamed) {
      if (!(await sharesOf(change, home, from)).read.has(recipient)) continue;
      const names = [recipient];
      await noteShares(change, home, from, (shares) => withRecipients(shares, 'read', [], names));
      await noteShares(change, home, to, (shares) => withRecipients(shares, 'read', names));
    }
  }, signal);
}

async function renamedOf(
  deps: SocialDeps,
  owner: string,
  signal?: AbortSignal,
): Promise<Renamed[]> {
  const { drive, person } = deps;
  const noted = new Map<string, Path[]>();
  const folders = new Map<string, Capability>();
  await drive.look(async (change, home) => {
    noted.clear();
    for (const { path, shares } of await sharedBelow(change, home, [owner])) {
      for (const name of shares.read) noted.set(name, [...(noted.get(name) ?? []), path]);
    }
    for (const name of noted.keys()) {
      const folder = await openPath(change, home, [SHARED_FOLDER, name]);
      if (folder !== undefined) folders.set(name, folder.capability);
    }
  }, signal);
  const reader = new LogReader(deps, person.username, signal);
  const isForeign = (one: Capability): boolean => !one.owner.equals(person.identity.hash);
  const isNear = (path: Path): boolean => path[0] === owner && path.length <= DEPTH_MAX;
  const renamed: Renamed[] = [];
  for (const [recipient, folder] of folders) {
    const { given } = await reader.read(folder, NOTHING_PROCESSED, isForeign);
    const present = given.map(({ path }) => path).filter(isNear);
    for (const pair of pairs(noted.get(recipient) ?? [], present)) {
      renamed.push({ recipient, ...pair });
    }
  }
  return renamed;
}

/**
 * Noted paths at which nothing lies any more, each with the path where its item most likely is: of
 * the items that are not noted, one of its name, else one in its folder, else the only one.
 */
function pairs(noted: readonly Path[], present: readonly Path[]): { from: Path; to: Path }[] {
  const text = (path: Path): string => path.join('/');
  const [before, now] = [new Set(noted.map(text)), new Set(present.map(text))];
  let loose = present.filter((path) => !before.has(text(path)));
  let gone = noted.filter((path) => !now.has(text(path)));
  const found: { from: Path; to: Path }[] = [];
  const match = (isIt: (from: Path, to: Path) => boolean): void => {
    for (const from of gone) {
      const to = loose.find((path) => isIt(from, path));
      if (to === undefined) continue;
      found.push({ from, to });
      gone = gone.filter((path) => path !== from);
      loose = loose.filter((path) => text(path) !== text(to));
    }
  };
  match((from, to) => from.at(-1) === to.at(-1));
  match((from, to) => text(from.slice(0, -1)) === text(to.slice(0, -1)));
  if (gone.length === 1 && loose.length === 1) match(() => true);
  return found;
}
