/** A plain model of what Alice has, and of who may see and do what with it. */
import { TRASH_FOLDER } from '#lib/drive/index.ts';

/** A file or folder of Alice's tree. */
export interface Entry {
  name: string;
  folder: Entry | undefined;
  /** Undefined: a folder. */
  text: string | undefined;
  readonly read: Set<string>;
  readonly write: Set<string>;
  /** Addresses of links that lead to it. */
  readonly links: Set<string>;
}

function newEntry(name: string, folder: Entry | undefined, text: string | undefined): Entry {
  return { name, folder, text, read: new Set(), write: new Set(), links: new Set() };
}

/** Who may do what in the tree of Alice. */
export class Model {
  readonly entries = new Set<Entry>();
  /** What was thrown away, without what is in it. */
  readonly thrown = new Set<Entry>();
  readonly #inTrash = new Set<Entry>();
  readonly #trash = newEntry(TRASH_FOLDER, undefined, undefined);
  /** Addresses of links that were taken back, or whose item was deleted. */
  readonly gone = new Set<string>();

  add(name: string, folder: Entry | undefined, text?: string): Entry {
    const entry = newEntry(name, folder, text);
    this.entries.add(entry);
    return entry;
  }

  remove(entry: Entry): void {
    for (const one of [...this.entries]) {
      if (!this.isIn(one, entry)) continue;
      this.entries.delete(one);
      for (const address of one.links) this.gone.add(address);
    }
  }

  throwAway(entry: Entry): void {
    this.#change(entry, this.entries, this.#inTrash);
    entry.folder = this.#trash;
    this.thrown.add(entry);
  }

  restore(entry: Entry, folder: Entry | undefined): void {
    this.#change(entry, this.#inTrash, this.entries);
    entry.folder = folder;
    this.thrown.delete(entry);
  }

  #change(entry: Entry, from: Set<Entry>, to: Set<Entry>): void {
    for (const one of [...from]) {
      if (!this.isIn(one, entry)) continue;
      from.delete(one);
      to.add(one);
    }
  }

  /** All there is, in the trash too. */
  all(): Entry[] {
    return [...this.entries, ...this.#inTrash];
  }

  /** What puts everything back to how it is now. */
  remember(): () => void {
    const sets = [this.entries, this.thrown, this.#inTrash].map((set) => [set, [...set]] as const);
    const [all, gone] = [this.all(), [...this.gone]];
    const former = all.map((entry) => ({
      ...entry,
      read: [...entry.read],
      write: [...entry.write],
      links: [...entry.links],
    }));
    return () => {
      for (const [set, values] of sets) refill(set, values);
      refill(this.gone, gone);
      for (const [i, entry] of all.entries()) {
        const { read, write, links, ...plain } = former[i]!;
        Object.assign(entry, plain);
        refill(entry.read, read);
        refill(entry.write, write);
        refill(entry.links, links);
      }
    };
  }

  /** What is shared, a line for each entry. */
  shares(): string[] {
    return this.all()
      .filter(({ read, write, links }) => read.size + write.size + links.size > 0)
      .map((entry) =>
        sharesLine(['alice', ...this.path(entry)], entry.read, entry.write, entry.links.size),
      )
      .sort();
  }

  isIn(entry: Entry, folder: Entry): boolean {
    return entry === folder || (entry.folder !== undefined && this.isIn(entry.folder, folder));
  }

  path(entry: Entry): string[] {
    return [...(entry.folder ? this.path(entry.folder) : []), entry.name];
  }

  /** Whether somebody was given the entry, or a folder it lies in. */
  mayRead(entry: Entry, username: string): boolean {
    const mine = entry.read.has(username) || entry.write.has(username);
    return mine || (entry.folder !== undefined && this.mayRead(entry.folder, username));
  }

  mayWrite(entry: Entry, username: string): boolean {
    const isMine = entry.write.has(username);
    return isMine || (entry.folder !== undefined && this.mayWrite(entry.folder, username));
  }

  /** What a visitor finds at an address: the text, or texts by paths below. */
  behind(entry: Entry): unknown {
    if (entry.text !== undefined) return entry.text;
    const prefix = `${this.path(entry).join('/')}/`;
    return Object.fromEntries(
      this.all()
        .filter((one) => one.text !== undefined && one !== entry && this.isIn(one, entry))
        .map((one) => [this.path(one).join('/').slice(prefix.length), one.text]),
    );
  }

  view(username: string): Record<string, string> {
    const view: Record<string, string> = {};
    for (const entry of this.entries) {
      if (username !== 'alice' && !this.mayRead(entry, username)) continue;
      view[this.path(entry).join('/')] = entry.text ?? '/';
      for (let up = entry.folder; up; up = up.folder) view[this.path(up).join('/')] = '/';
    }
    return view;
  }
}

/** How one entry is shared, in a form that can be compared. */
export function sharesLine(
  path: readonly string[],
  read: ReadonlySet<string>,
  write: ReadonlySet<string>,
  links: number,
): string {
  return `${path.join('/')} r:${[...read].sort().join()} w:${[...write].sort().join()} l:${links}`;
}

function refill<T>(set: Set<T>, values: readonly T[]): void {
  set.clear();
  for (const value of values) set.add(value);
}
