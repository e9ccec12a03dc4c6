/**
 * What an anonymous visitor gets of each secret link of a set, as the client that made the set tells
 * it: where he is led and what is there, or why he gets nothing.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDescription } from '#lib/archive/index.ts';
import { PyrgosError } from '#lib/bytes/index.ts';
import type { DriveDeps } from '#lib/drive/index.ts';
import { LinkRefused } from '#lib/protocol/index.ts';
import { guestDrive, openLink, parseLinkAddress, shownIdentity } from '#lib/social/index.ts';
import { deviceOn, loadSet, type OnDamage } from './interop-read.ts';
import { rowsBelow, type FriendRow } from './interop-social.ts';

/** A link as the set lists it. */
interface ListedLink {
  readonly name: string;
  readonly url: string;
  readonly userPassword: string;
}

export type VisitedLink = ListedLink &
  (
    | { readonly entryPath: string; readonly files: readonly FriendRow[] }
    /** Said as a server of the protocol says it, where it does. */
    | { readonly error: string }
  );

const REFUSALS: ReadonlyMap<LinkRefused['reason'], string> = new Map([
  ['none-published', 'No secret link published!'],
  ['unknown', 'No secret link present!'],
  ['expired', 'Secret link expired!'],
  ['used-up', 'Maximum link retrievals exceed!'],
] as const);

const NOT_LOADED = 'The account of its owner cannot be read.';

/** Visits the links of everybody in a set, in their order. */
export async function visitLinks(folder: string, onDamage: OnDamage): Promise<VisitedLink[]> {
  const visited: VisitedLink[] = [];
  for (const [username, links] of await linksIn(folder)) {
    if (links.length === 0) continue;
    const device = await deviceOf(folder, username, onDamage);
    for (const link of links) {
      const found = device ? await visit(device, link, onDamage) : { error: NOT_LOADED };
      visited.push({ ...link, ...found });
    }
  }
  return visited;
}

/** Undefined where the records of the owner cannot be read, which harms nobody else's links. */
async function deviceOf(
  folder: string,
  username: string,
  onDamage: OnDamage,
): Promise<DriveDeps | undefined> {
  try {
    return deviceOn(await loadSet(folder, username, onDamage));
  } catch (error) {
    if (!(error instanceof PyrgosError)) throw error;
    onDamage(`${username}: ${error.message}`);
    return undefined;
  }
}

async function visit(device: DriveDeps, { url, userPassword }: ListedLink, onDamage: OnDamage) {
  const identityOf = (username: string) => shownIdentity(device.node, username);
  try {
    const link = await openLink(
      { driveDeps: device, identityOf },
      parseLinkAddress(url),
      userPassword,
    );
    const place = await link.locate();
    const drive = guestDrive(device, [place]);
    let folder = await drive.roots.open(place.root.name);
    for (const name of place.entryPath.slice(1)) {
      const row = await drive.find(folder, name);
      if (row !== undefined) folder = await drive.open(folder, row);
    }
    const entryPath = `/${place.entryPath.join('/')}`;
    const files: FriendRow[] = [];
    for await (const row of rowsBelow(drive, folder, entryPath, onDamage)) files.push(row);
    return { entryPath, files };
  } catch (error) {
    if (!(error instanceof PyrgosError)) throw error;
    const { cause } = error;
    const refusal = cause instanceof LinkRefused ? REFUSALS.get(cause.reason) : undefined;
    return { error: refusal ?? error.message };
  }
}

async function linksIn(folder: string): Promise<[username: string, links: ListedLink[]][]> {
  const text = await readFile(join(folder, 'node.json'), 'utf8');
  parseDescription(text); // says by name what is wrong with it
  const set: unknown = JSON.parse(text);
  return membersOf(memberOf(set, 'users')).map(([username, user]) => {
    const listed = memberOf(user, 'secretLinks');
    return [username, Array.isArray(listed) ? listed.flatMap(linkFrom) : []];
  });
}

function linkFrom(listed: unknown): ListedLink[] {
  const [name, url, userPassword] = ['name', 'url', 'userPassword'].map((key) =>
    memberOf(listed, key),
  );
  if (typeof url !== 'string') return [];
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  return [{ name: text(name), url, userPassword: text(userPassword) }];
}

function memberOf(value: unknown, key: string): unknown {
  return new Map(membersOf(value)).get(key);
}

function membersOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}
