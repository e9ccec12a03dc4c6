/**
 * What people do in the model test. Each act says what it does on a device and what that means to the
 * model; nothing is done before the act is run.
 */
import { utf8 } from '#lib/bytes/index.ts';
import type { SeededRandom } from '#lib/bytes/testing/seeded-random.ts';
import { bytesSource, TRASH_FOLDER, type Handle } from '#lib/drive/index.ts';
import type { Right } from '../share/shared-with.ts';
import { person, putText, type TestPerson } from '../testing.ts';
import type { Entry, Model } from './model.ts';

export interface Act {
  readonly what: string;
  /** Whose device it runs on. */
  readonly who: string;
  readonly run: (device: TestPerson) => Promise<void>;
  /** What it means, once it is done. */
  readonly apply: () => void;
  /** Learns what the device that did it could not say any more. */
  readonly settle?: (device: TestPerson) => Promise<void>;
}

export class Acts {
  readonly #model: Model;
  readonly #random: SeededRandom;
  readonly #friends: readonly string[];
  #made = 0;

  constructor(model: Model, random: SeededRandom, friends: readonly string[]) {
    this.#model = model;
    this.#random = random;
    this.#friends = friends;
  }

  /** One of all there are. */
  next(): Act {
    if (this.#model.entries.size < 3) return this.#make();
    const pick = this.#random.pick([
      ...[this.#make, this.#make, this.#share, this.#share, this.#unshare],
      ...[this.#rename, this.#move, this.#remove, this.#edit, this.#editAsFriend],
      ...[this.#link, this.#unlink, this.#trash, this.#restore],
    ]);
    return pick();
  }

  readonly #make = (): Act => {
    const [model, random] = [this.#model, this.#random];
    const folders = [...model.entries].filter(({ text }) => text === undefined);
    const folder = random.below(3) === 0 ? undefined : random.pick([undefined, ...folders]);
    const number = (this.#made += 1);
    const name = `n${number}`;
    const path = [...(folder ? model.path(folder) : []), name];
    const text = random.below(3) === 0 ? undefined : `text ${number}`;
    return {
      what: `${text === undefined ? 'folder' : 'file'} ${path.join('/')}`,
      who: 'alice',
      run: async (device) => {
        if (text !== undefined) return putText(device, path, text);
        const { drive } = device;
        const at = folder ? await drive.resolve(path.slice(0, -1)) : await drive.home();
        await drive.makeDirectory(at, name);
      },
      apply: () => void model.add(name, folder, text),
    };
  };

  readonly #share = (): Act => {
    const [model, random] = [this.#model, this.#random];
    const entry = random.pick([...model.entries]);
    const path = ['alice', ...model.path(entry)];
    const to = random.pick(this.#friends);
    const right: Right = random.below(2) === 0 ? 'read' : 'write';
    return {
      what: `share ${path.join('/')} with ${to} to ${right}`,
      who: 'alice',
      run: ({ sharing }) => sharing.share([path], [person(to)], right),
      apply: () => void entry[right].add(to),
    };
  };

  readonly #unshare = (): Act => {
    const [model, random] = [this.#model, this.#random];
    const shared = [...model.entries].filter(({ read, write }) => read.size + write.size > 0);
    if (shared.length === 0) return this.#make();
    const entry = random.pick(shared);
    const path = ['alice', ...model.path(entry)];
    const right: Right = entry.read.size > 0 ? 'read' : 'write';
    const from = random.pick([...entry[right]]);
    return {
      what: `unshare ${path.join('/')} with ${from} to ${right}`,
      who: 'alice',
      run: async ({ sharing }) => void (await sharing.unshare(path, [person(from)], right)),
      apply: () => void entry[right].delete(from),
    };
  };

  readonly #rename = (): Act => {
    const model = this.#model;
    const entry = this.#random.pick([...model.entries]);
    const path = model.path(entry);
    const name = `r${(this.#made += 1)}`;
    return {
      what: `rename ${path.join('/')} to ${name}`,
      who: 'alice',
      run: async (device) => {
        const { folder, row } = await rowOf(device, path);
        await device.drive.rename(folder, row, name);
      },
      apply: () => void (entry.name = name),
    };
  };

  readonly #remove = (): Act => {
    const model = this.#model;
    const entry = this.#random.pick([...model.entries]);
    const path = model.path(entry);
    return {
      what: `remove ${path.join('/')}`,
      who: 'alice',
      run: async (device) => {
        const { folder, row } = await rowOf(device, path);
        await device.drive.remove(folder, [row]);
      },
      apply: () => model.remove(entry),
    };
  };

  readonly #move = (): Act => {
    const [model, random] = [this.#model, this.#random];
    const entry = random.pick([...model.entries]);
    const targets = [...model.entries].filter(
      (one) => one.text === undefined && !model.isIn(one, entry),
    );
    const to = random.pick([undefined, ...targets]);
    if (to === entry.folder) return this.#make();
    const [from, into] = [model.path(entry), to && model.path(to)];
    return {
      what: `move ${from.join('/')} to ${into?.join('/') ?? '/'}`,
      who: 'alice',
      run: async (device) => {
        const { folder, row } = await rowOf(device, from);
        const { drive } = device;
        await drive.move(folder, [row], into ? await drive.resolve(into) : await drive.home());
      },
      apply: () => void (entry.folder = to),
    };
  };

  /** Out of sight of all others, who keep what they were given. */
  readonly #trash = (): Act => {
    const model = this.#model;
    const entry = this.#random.pick([...model.entries]);
    const path = model.path(entry);
    return {
      what: `throw away ${path.join('/')}`,
      who: 'alice',
      run: async (device) => {
        const { folder, row } = await rowOf(device, path);
        const { drive } = device;
        await drive.makeSystemFolders([[TRASH_FOLDER]]);
        await drive.move(folder, [row], await drive.resolve([TRASH_FOLDER]));
      },
      apply: () => model.throwAway(entry),
    };
  };

  readonly #restore = (): Act => {
    const [model, random] = [this.#model, this.#random];
    if (model.thrown.size === 0) return this.#trash();
    const entry = random.pick([...model.thrown]);
    const folders = [...model.entries].filter(({ text }) => text === undefined);
    const to = random.pick([undefined, ...folders]);
    const into = to && model.path(to);
    return {
      what: `restore ${entry.name} to ${into?.join('/') ?? '/'}`,
      who: 'alice',
      run: async (device) => {
        const { folder, row } = await rowOf(device, [TRASH_FOLDER, entry.name]);
        const { drive } = device;
        await drive.move(folder, [row], into ? await drive.resolve(into) : await drive.home());
      },
      apply: () => model.restore(entry, to),
    };
  };

  readonly #link = (): Act => {
    const model = this.#model;
    const entry = this.#random.pick([...model.entries]);
    const path = ['alice', ...model.path(entry)];
    let address = 'not known yet';
    return {
      what: `link to ${path.join('/')}`,
      who: 'alice',
      run: async ({ links }) => {
        address = links.addressOf(await links.create(path, false));
      },
      apply: () => void entry.links.add(address),
      settle: async ({ links }) => {
        entry.links.clear();
        for (const link of await links.of(path)) entry.links.add(links.addressOf(link));
      },
    };
  };

  readonly #unlink = (): Act => {
    const model = this.#model;
    const linked = [...model.entries].filter(({ links }) => links.size > 0);
    if (linked.length === 0) return this.#link();
    const entry = this.#random.pick(linked);
    const path = ['alice', ...model.path(entry)];
    return {
      what: `no links to ${path.join('/')}`,
      who: 'alice',
      run: async ({ links }) => {
        const labels = (await links.of(path)).map(({ label }) => label);
        await links.remove(path, labels);
      },
      apply: () => {
        for (const address of entry.links) model.gone.add(address);
        entry.links.clear();
      },
    };
  };

  readonly #edit = (): Act => {
    const entry = this.#fileOf(() => true);
    if (entry === undefined) return this.#make();
    const path = this.#model.path(entry);
    return {
      what: `edit ${path.join('/')}`,
      who: 'alice',
      run: async ({ drive }) => {
        await drive.append(await drive.resolve(path), bytesSource(utf8('+')));
      },
      apply: () => void (entry.text += '+'),
    };
  };

  readonly #editAsFriend = (): Act => {
    const model = this.#model;
    const who = this.#random.pick(this.#friends);
    const entry = this.#fileOf((one) => model.mayWrite(one, who));
    if (entry === undefined) return this.#share();
    const path = model.path(entry);
    return {
      what: `${who} edits ${path.join('/')}`,
      who,
      run: async (device) => {
        await device.mount();
        const { drive } = device;
        let handle: Handle = await drive.roots.open('alice');
        for (const name of path) {
          handle = await drive.open(handle, (await drive.find(handle, name))!);
        }
        await drive.append(handle, bytesSource(utf8('~')));
      },
      apply: () => void (entry.text += '~'),
    };
  };

  #fileOf(isFit: (entry: Entry) => boolean): Entry | undefined {
    const files = [...this.#model.entries].filter((one) => one.text !== undefined && isFit(one));
    return files.length === 0 ? undefined : this.#random.pick(files);
  }
}

async function rowOf({ drive }: TestPerson, path: readonly string[]) {
  const folder = await drive.resolve(path.slice(0, -1));
  return { folder, row: (await drive.find(folder, path.at(-1)!))! };
}
