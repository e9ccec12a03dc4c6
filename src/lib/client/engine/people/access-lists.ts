/** Who has access to what, as the screens ask for it. */
import { PyrgosError } from '#lib/bytes/index.ts';
import { namedOnly } from '#lib/drive/index.ts';
import type { EntryShares, Right, Sharing } from '#lib/social/index.ts';
import type { EntryAccess, EntrySharing, SharedEntry } from '../../types.ts';
import { recipientOf } from './recipient.ts';

export interface AccessListsDeps {
  readonly sharing: Sharing;
  readonly username: string;
  /** Where an entry lies. Throws where it is not known any more. */
  readonly pathOf: (id: string) => readonly string[];
  /** Opens what lies at a path, with the roots it needs. */
  readonly find: (path: readonly string[], signal?: AbortSignal) => Promise<unknown>;
}

export class AccessLists {
  readonly #deps: AccessListsDeps;

  constructor(deps: AccessListsDeps) {
    this.#deps = deps;
  }

  /** Who has access to an entry, by itself and by the folders it lies in. */
  async of(id: string, signal?: AbortSignal): Promise<EntryAccess[]> {
    const { sharing } = this.#deps;
    const path = this.#deps.pathOf(id);
    const groups = await sharing.groups(signal);
    const found: EntryAccess[] = [];
    for (let length = path.length; length > 1; length--) {
      const at = path.slice(0, length);
      const shares = await sharing.sharesOf(at, signal);
      found.push(...accessOf(shares, at, groups));
    }
    return found;
  }

  /** How entries of a folder are shared; one record of the folder says it. */
  async inFolder(id: string, signal?: AbortSignal): Promise<EntrySharing[]> {
    const { sharing } = this.#deps;
    const path = this.#deps.pathOf(id);
    const shares = await sharing.sharesIn(path, signal);
    if (shares.size === 0) return [];
    const groups = await sharing.groups(signal);
    return [...shares].map(([name, entry]) => ({
      name,
      access: accessOf(entry, [...path, name], groups),
      links: entry.links.length,
    }));
  }

  /** All that is shared with somebody, but for what the app shares by itself. */
  async byMe(signal?: AbortSignal): Promise<SharedEntry[]> {
    const { sharing } = this.#deps;
    const groups = await sharing.groups(signal);
    const items = await sharing.all(signal);
    const shown = items
      .filter(({ path }) => !path.some((name) => name.startsWith('.') || name === 'shared'))
      .map(({ path, shares }) => ({ path, access: accessOf(shares, path, groups) }))
      .filter(({ access }) => access.length > 0); // the others have links alone
    const there = await Promise.all(shown.map(({ path }) => this.#isThere(path, signal)));
    return shown.filter((_, i) => there[i]);
  }

  /** What was handed on may have been taken back by its owner, or moved. */
  async #isThere(path: readonly string[], signal?: AbortSignal): Promise<boolean> {
    if (path[0] === this.#deps.username) return true;
    try {
      await this.#deps.find(path, signal);
      return true;
    } catch (error) {
      namedOnly(error, signal);
      return !(error instanceof PyrgosError && error.kind === 'not-found');
    }
  }
}

function accessOf(
  shares: EntryShares,
  by: readonly string[],
  groups: ReadonlyMap<string, 'friends' | 'followers'>,
): EntryAccess[] {
  const of = (right: Right): EntryAccess[] =>
    [...shares[right]].map((name) => ({ recipient: recipientOf(name, groups), right, by }));
  return [...of('write'), ...of('read')];
}
