/** What tests of links share: somebody with files, and visitors without an account. */
import type { Drive, Handle } from '#lib/drive/index.ts';
import type { TestPlace } from '#lib/account/testing.ts';
import type { LocalNode } from '#lib/node-local/index.ts';
import { createTown, driveDepsOf, putText, settle, textOf } from '../testing.ts';
import { parseLinkAddress } from './link-address.ts';
import { guestDrive, openLink, shownIdentity, type VisitDeps } from './open-link.ts';

/** Alice, who has some files. */
export async function house() {
  const town = createTown();
  const alice = await settle(town, 'alice');
  await putText(alice, ['docs', 'plan.txt'], 'the plan');
  await putText(alice, ['docs', 'inner', 'deep.txt'], 'deep');
  await putText(alice, ['other.txt'], 'not for you');
  return { town, alice };
}

/** A browser that nobody ever signed in with. */
export function visitor(town: TestPlace, seed = 'visitor'): VisitDeps {
  const driveDeps = driveDepsOf(town, seed);
  return { driveDeps, identityOf: (username) => shownIdentity(town.node, username) };
}

/** Files below a folder with their texts. */
export async function files(drive: Drive, folder: Handle): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const rows of drive.list(folder)) {
    for (const row of rows) {
      const handle = await drive.open(folder, row);
      if (!handle.isDirectory) found[row.name] = await textOf(drive, handle);
      else {
        for (const [name, text] of Object.entries(await files(drive, handle))) {
          found[`${row.name}/${name}`] = text;
        }
      }
    }
  }
  return found;
}

/** What a new visitor gets from an address: the text of a file, or files by their paths below. */
export async function visit(town: TestPlace, address: string, userPassword = '') {
  const deps = visitor(town);
  const { item } = await openLink(deps, parseLinkAddress(address), userPassword);
  const drive = guestDrive(deps.driveDeps, []);
  return item.isDirectory ? files(drive, item) : textOf(drive, item);
}

/** A node of which every call is told, with all the text that is in what it is given. */
export function listening(node: LocalNode, onCall: (text: string) => void): LocalNode {
  return new Proxy(node, {
    get: (parts, part) =>
      new Proxy(Reflect.get(parts, part) as object, {
        get(object, key) {
          const value: unknown = Reflect.get(object, key);
          if (typeof value !== 'function') return value;
          return (...args: unknown[]): unknown => {
            onCall(args.map(textIn).join('\n'));
            return Reflect.apply(value, object, args);
          };
        },
      }),
  });
}

function textIn(value: unknown): string {
  if (value instanceof Uint8Array) return new TextDecoder('latin1').decode(value);
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.values(value).map(textIn).join('\n');
}
