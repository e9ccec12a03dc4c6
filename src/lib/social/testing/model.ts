/** A plain model of what Alice has, and of who may see and do what with it. */

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
  /** It was shared to write once: it has a writing space of its own from then on. */
  hasOwnSpace: boolean;
}

/** Who may do what in the tree of Alice. */
export class Model {
  readonly entries = new Set<Entry>();
  /** Addresses of links that were taken back, or whose item was deleted. */
  readonly gone = new Set<string>();

  add(name: string, folder: Entry | undefined, text?: string): Entry {
    const entry: Entry = {
      name,
      folder,
      text,
      read: new Set(),
      write: new Set(),
      links: new Set(),
      hasOwnSpace: false,
    };
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

  /** What puts everything back to how it is now. */
  remember(): () => void {
    const [all, gone] = [[...this.entries], [...this.gone]];
    const former = all.map((entry) => ({
      ...entry,
      read: [...entry.read],
      write: [...entry.write],
      links: [...entry.links],
    }));
    return () => {
      refill(this.entries, all);
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
    return [...this.entries]
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

  /** The entry whose writing space this one lies in; undefined: that of the home. */
  space(entry: Entry | undefined): Entry | undefined {
    return entry === undefined || entry.hasOwnSpace ? entry : this.space(entry.folder);
  }

  /** What a visitor finds at an address: the text, or texts by paths below. */
  behind(entry: Entry): unknown {
    if (entry.text !== undefined) return entry.text;
    const prefix = `${this.path(entry).join('/')}/`;
    return Object.fromEntries(
      [...this.entries]
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
