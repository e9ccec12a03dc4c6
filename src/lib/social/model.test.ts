/**
 * Three people on one node do as they please, by a seed, one of them on two devices; a plain model
 * says who may see what. After each step everybody sees exactly that, on the devices they have and
 * on one that knows nothing, and so do visitors with a link.
 */
import { describe, expect, it } from 'vitest';
import { isLongRun } from '#lib/bytes/testing.ts';
import { createSeededRandom } from '#lib/bytes/testing/seeded-random.ts';
import { bytesSource } from '#lib/drive/index.ts';
import { utf8 } from '#lib/bytes/index.ts';
import type { Recipient } from './share/sharing.ts';
import { visit } from './links/testing.ts';
import type { Right } from './share/shared-with.ts';
import { befriend, createTown, putText, seen, settle, type TestPerson } from './testing.ts';

const STEPS = isLongRun ? 200 : 40;
const SEEDS = Array.from({ length: isLongRun ? 10 : 3 }, (_, i) => i + 1);

interface Entry {
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

/** Who may do what in the tree of alice. */
class Model {
  readonly entries = new Set<Entry>();

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
    for (const one of [...this.entries]) if (this.isIn(one, entry)) this.entries.delete(one);
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

const person = (username: string): Recipient => ({ kind: 'person', username });

async function town() {
  const place = createTown();
  const people = [
    await settle(place, 'alice'),
    await settle(place, 'bob'),
    await settle(place, 'carol'),
  ] as const;
  const [alice, bob, carol] = people;
  await befriend(alice, bob);
  await befriend(alice, carol);
  return { place, alice, others: [bob, carol] };
}

async function rowOf({ drive }: TestPerson, path: readonly string[]) {
  const folder = await drive.resolve(path.slice(0, -1));
  return { folder, row: (await drive.find(folder, path.at(-1)!))! };
}

describe.each(SEEDS)('people (seed %i)', (seed) => {
  it(
    'see what the model says after each step',
    { timeout: isLongRun ? 900_000 : 240_000 },
    async () => {
      const { place, alice: first, others } = await town();
      const devices = [first, first.another()];
      let alice = first;
      const gone = new Set<string>();
      const random = createSeededRandom(seed);
      const model = new Model();
      let made = 0;
      const steps: string[] = [];
      const allEver = new Set<Entry>();

      const make = async (): Promise<void> => {
        const folders = [...model.entries].filter(({ text }) => text === undefined);
        const folder = random.below(3) === 0 ? undefined : random.pick([undefined, ...folders]);
        const name = `n${(made += 1)}`;
        const path = [...(folder ? model.path(folder) : []), name];
        if (random.below(3) === 0) {
          const at = folder
            ? await alice.drive.resolve(path.slice(0, -1))
            : await alice.drive.home();
          await alice.drive.makeDirectory(at, name);
          model.add(name, folder);
          steps.push(`folder ${path.join('/')}`);
          return;
        }
        await putText(alice, path, `text ${made}`);
        model.add(name, folder, `text ${made}`);
        steps.push(`file ${path.join('/')}`);
      };

      const share = async (): Promise<void> => {
        const entry = random.pick([...model.entries]);
        const to = random.pick(others).username;
        const right: Right = random.below(2) === 0 ? 'read' : 'write';
        steps.push(`share ${model.path(entry).join('/')} with ${to} to ${right}`);
        await alice.sharing.share([['alice', ...model.path(entry)]], [person(to)], right);
        entry[right].add(to);
        if (right === 'write') entry.hasOwnSpace = true;
      };

      const unshare = async (): Promise<void> => {
        const shared = [...model.entries].filter(({ read, write }) => read.size + write.size > 0);
        if (shared.length === 0) return make();
        const entry = random.pick(shared);
        const right: Right = entry.read.size > 0 ? 'read' : 'write';
        const from = random.pick([...entry[right]]);
        steps.push(`unshare ${model.path(entry).join('/')} with ${from} to ${right}`);
        await alice.sharing.unshare(['alice', ...model.path(entry)], [person(from)], right);
        entry[right].delete(from);
      };

      const rename = async (): Promise<void> => {
        const entry = random.pick([...model.entries]);
        const { folder, row } = await rowOf(alice, model.path(entry));
        const name = `r${(made += 1)}`;
        steps.push(`rename ${model.path(entry).join('/')} to ${name}`);
        await alice.drive.rename(folder, row, name);
        entry.name = name;
      };

      const remove = async (): Promise<void> => {
        const entry = random.pick([...model.entries]);
        const { folder, row } = await rowOf(alice, model.path(entry));
        steps.push(`remove ${model.path(entry).join('/')}`);
        await alice.drive.remove(folder, [row]);
        model.remove(entry);
        for (const address of addressesIn(entry)) gone.add(address);
      };

      const addressesIn = (entry: Entry): string[] =>
        [...allEver].filter((one) => model.isIn(one, entry)).flatMap(({ links }) => [...links]);

      const move = async (): Promise<void> => {
        const entry = random.pick([...model.entries]);
        // Into another writing space it would be copied, and shared with nobody.
        const space = model.space(entry.folder);
        const targets = [...model.entries].filter(
          (one) => one.text === undefined && !model.isIn(one, entry) && model.space(one) === space,
        );
        const to = random.pick(space === undefined ? [undefined, ...targets] : targets);
        if (to === entry.folder) return make();
        const { folder, row } = await rowOf(alice, model.path(entry));
        steps.push(`move ${model.path(entry).join('/')} to ${to ? model.path(to).join('/') : '/'}`);
        const target = to ? await alice.drive.resolve(model.path(to)) : await alice.drive.home();
        await alice.drive.move(folder, [row], target);
        entry.folder = to;
      };

      const link = async (): Promise<void> => {
        const entry = random.pick([...model.entries]);
        steps.push(`link to ${model.path(entry).join('/')}`);
        const made = await alice.links.create(['alice', ...model.path(entry)], false);
        entry.links.add(alice.links.addressOf(made));
      };

      const unlink = async (): Promise<void> => {
        const linked = [...model.entries].filter(({ links }) => links.size > 0);
        if (linked.length === 0) return link();
        const entry = random.pick(linked);
        steps.push(`no links to ${model.path(entry).join('/')}`);
        const path = ['alice', ...model.path(entry)];
        const labels = (await alice.links.of(path)).map(({ label }) => label);
        await alice.links.remove(path, labels);
        for (const address of entry.links) gone.add(address);
        entry.links.clear();
      };

      const editAsFriend = async (): Promise<void> => {
        const friend = random.pick(others);
        const files = [...model.entries].filter(
          (one) => one.text !== undefined && model.mayWrite(one, friend.username),
        );
        if (files.length === 0) return share();
        const entry = random.pick(files);
        steps.push(`${friend.username} edits ${model.path(entry).join('/')}`);
        await friend.mount();
        let handle = await friend.drive.roots.open('alice');
        for (const name of model.path(entry)) {
          handle = await friend.drive.open(handle, (await friend.drive.find(handle, name))!);
        }
        await friend.drive.append(handle, bytesSource(utf8('~')));
        entry.text += '~';
      };

      const edit = async (): Promise<void> => {
        const files = [...model.entries].filter(({ text }) => text !== undefined);
        if (files.length === 0) return make();
        const entry = random.pick(files);
        steps.push(`edit ${model.path(entry).join('/')}`);
        const file = await alice.drive.resolve(model.path(entry));
        await alice.drive.append(file, bytesSource(utf8('+')));
        entry.text += '+';
      };

      for (let step = 0; step < STEPS; step++) {
        alice = random.pick(devices);
        const acts = [
          ...[make, make, share, share, unshare, rename, move, remove],
          ...[edit, editAsFriend, link, unlink],
        ];
        await (model.entries.size < 3 ? make : random.pick(acts))();
        const about = steps.slice(-6).join('\n');
        expect(await seen(alice, 'alice'), about).toEqual(model.view('alice'));
        for (const one of others) {
          expect(await seen(one, 'alice'), about).toEqual(model.view(one.username));
        }
        for (const one of model.entries) allEver.add(one);
        if (step % 8 === 7) {
          for (const entry of model.entries) {
            for (const address of entry.links) {
              expect(await visit(place, address), about).toEqual(model.behind(entry));
            }
          }
          for (const address of gone) {
            await expect(visit(place, address), about).rejects.toMatchObject({
              name: 'LinkRemoved',
            });
          }
          const fresh = random.pick(others).another();
          expect(await seen(fresh, 'alice'), about).toEqual(model.view(fresh.username));
        }
      }
    },
  );
});
