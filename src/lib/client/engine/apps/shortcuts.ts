/** Shortcuts to files and folders, which are shown beside the apps. */
import { changeShortcut, readShortcuts } from '#lib/apps/index.ts';
import type { Drive } from '#lib/drive/index.ts';
import type { AppShortcut } from '../../app-types.ts';
import type { TellChange } from '../events.ts';
import type { Entries } from '../files/entries.ts';

export interface AppShortcutsDeps {
  readonly drive: Drive;
  readonly entries: Entries;
  readonly username: string;
  readonly clock: () => number;
  readonly changed: TellChange;
}

export class AppShortcuts {
  readonly #deps: AppShortcutsDeps;

  constructor(deps: AppShortcutsDeps) {
    this.#deps = deps;
  }

  /** The latest first. A path leads to whatever lies there now, perhaps to nothing. */
  async list(signal?: AbortSignal): Promise<readonly AppShortcut[]> {
    const { drive, username } = this.#deps;
    const shortcuts = [...(await readShortcuts(drive, username, signal))];
    return shortcuts
      .sort(([, one], [, other]) => (one.added < other.added ? 1 : -1))
      .map(([path]) => ({ path: path.split('/').filter((name) => name !== '') }))
      .filter(({ path }) => path.length > 1);
  }

  async add(id: string): Promise<void> {
    const { drive, entries, clock } = this.#deps;
    const now = new Date(clock()).toISOString();
    const path = pathText(entries.path(entries.item(id)));
    await changeShortcut(drive, path, { added: now, created: now });
    this.#tell();
  }

  async remove(path: readonly string[]): Promise<void> {
    await changeShortcut(this.#deps.drive, pathText(path), undefined);
    this.#tell();
  }

  #tell(): void {
    const { changed, username } = this.#deps;
    changed([username, '.apps'], 'unknown', ['launcher']);
  }
}

const pathText = (path: readonly string[]): string => `/${path.join('/')}`;
