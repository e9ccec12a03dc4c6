/**
 * Three people on one node do as they please, by a seed; a plain model says who may see what. After
 * each step everybody sees exactly that, on the device he has and on one that knows nothing.
 */
import { describe, expect, it } from 'vitest';
import { isLongRun } from '#lib/bytes/testing.ts';
import { createSeededRandom } from '#lib/bytes/testing/seeded-random.ts';
import { bytesSource } from '#lib/drive/index.ts';
import { utf8 } from '#lib/bytes/index.ts';
import type { Recipient } from './share/sharing.ts';
import type { Right } from './share/shared-with.ts';
import { befriend, createTown, putText, seen, settle, type TestPerson } from './testing.ts';

const STEPS = isLongRun ? 200 : 40;
const SEEDS = Array.from({ length: isLongRun ? 10 : 3 }, (_, i) => i + 1);

interface Entry {
  name: string;
  readonly folder: Entry | undefined;
  /** Undefined: a folder. */
  text: string | undefined;
  readonly read: Set<string>;
  readonly write: Set<string>;
}

/** Who may do what in the tree of alice. */
class Model {
  readonly entries = new Set<Entry>();

  add(name: string, folder: Entry | undefined, text?: string): Entry {
    const entry = { name, folder, text, read: new Set<string>(), write: new Set<string>() };
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
  return { alice, others: [bob, carol] };
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
      const { alice, others } = await town();
      const random = createSeededRandom(seed);
      const model = new Model();
      let made = 0;
      const steps: string[] = [];

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
        const acts = [make, make, share, share, unshare, rename, remove, edit];
        await (model.entries.size < 3 ? make : random.pick(acts))();
        const about = steps.slice(-6).join('\n');
        expect(await seen(alice, 'alice'), about).toEqual(model.view('alice'));
        for (const one of others) {
          expect(await seen(one, 'alice'), about).toEqual(model.view(one.username));
        }
        if (step % 8 === 7) {
          const fresh = random.pick(others).another();
          expect(await seen(fresh, 'alice'), about).toEqual(model.view(fresh.username));
        }
      }
    },
  );
});
