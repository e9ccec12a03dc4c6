/** `share`, `unshare`, `shares`: who may see or change what. */
import { PyrgosError } from '#lib/bytes/index.ts';
import { reseal, type LeftOut } from '#lib/drive/index.ts';
import { ShareRefused, type EntryShares, type Recipient, type Right } from '#lib/social/index.ts';
import type { Circle } from '../circle.ts';
import { type Call, type Command } from '../command.ts';
import { Misused } from '../errors.ts';
import { warn, write } from '../io.ts';
import { tellLeftOut } from '../left-out.ts';
import { pathOf, showPath } from '../paths.ts';
import { jsonLine, showName } from '../text.ts';
import { isSet, textsOf } from '../values.ts';

/** Access cannot be taken from somebody who does not have it. */
class NotShared extends PyrgosError {
  override readonly name = 'NotShared';
  override readonly kind = 'not-found';
}

const OPTIONS = {
  with: { type: 'string', multiple: true },
  write: { type: 'boolean' },
} as const;

export const share: Command = {
  name: 'share',
  summary: 'Lets people who follow you, or groups of them, see files and folders.',
  usage: '--with NAME|friends|followers… [--write] [--json] PATH…',
  options: OPTIONS,
  operands: [1, Infinity],
  peopleOptions: ['with'],
  async run(call) {
    const { circle } = await call.access.signedIn(call.signal);
    const recipients = recipientsOf(call);
    const right = rightOf(call);
    const paths = await pathsIn(call, call.operands);
    await circle.sharing.share(paths, recipients, right, call.signal);
    const rows = paths.flatMap((path) => recipients.map((to) => ({ path, right, to })));
    if (isSet(call, 'json')) await writeRows(call, rows);
  },
};

export const unshare: Command = {
  name: 'unshare',
  summary: 'Takes access back, of one kind: to see, or with --write to change.',
  usage: '--with NAME|friends|followers… [--write] [--reseal] [--skip-bad] [--json] PATH',
  options: { ...OPTIONS, 'skip-bad': { type: 'boolean' }, reseal: { type: 'boolean' } },
  operands: [1, 1],
  peopleOptions: ['with'],
  async run(call) {
    const { circle, session } = await call.access.signedIn(call.signal);
    const recipients = recipientsOf(call);
    const right = rightOf(call);
    const [path = []] = await pathsIn(call, call.operands);
    const isReseal = isSet(call, 'reseal');
    if (isReseal) checkOwner(path, session.username);
    if (path.length > 1) await requireShared(call, circle, path, recipients, right);
    const leftOut = [...(await circle.sharing.unshare(path, recipients, right, call.signal))];
    if (isReseal) leftOut.push(...(await resealed(circle, path, call.signal)));
    if (path[0] !== session.username) {
      const names = recipients.map(nameOf).join(', ');
      warn(
        call,
        `This is not noted any more. What you shared on stays readable for ${names} until ${path[0] ?? ''} takes it back.`,
      );
    }
    if (isSet(call, 'json')) {
      await writeRows(
        call,
        recipients.map((to) => ({ path, right: null, to })),
      );
    }
    const places = leftOut.map(({ path: below, error }) => ({
      path: showPath([...path.slice(0, -1), ...below], session.username),
      error,
    }));
    tellLeftOut(call, places, 'taken back');
  },
};

/** Contents are sealed anew at once, not only when they next change. */
async function resealed(
  { deps: { drive } }: Circle,
  path: readonly string[],
  signal: AbortSignal,
): Promise<readonly LeftOut[]> {
  const entry = await drive.resolve(path.slice(1), signal);
  return (await reseal(drive, entry, undefined, signal)).leftOut;
}

export const shares: Command = {
  name: 'shares',
  summary: 'Lists what is shared with whom, or who has access to a path and by what.',
  usage: '[-a] [--json] [PATH]',
  options: { all: { type: 'boolean', short: 'a' } },
  operands: [0, 1],
  async run(call) {
    const { circle } = await call.access.signedIn(call.signal);
    const items =
      call.operands.length === 0
        ? await everything(call, circle)
        : await around(call, circle, (await pathsIn(call, call.operands))[0] ?? []);
    const groups = await circle.sharing.groups(call.signal);
    const rows = items.flatMap(({ path, shares: found }) => rowsOf(path, found, groups));
    await writeRows(call, rows);
  },
};

type Groups = Awaited<ReturnType<Circle['sharing']['groups']>>;

interface Item {
  readonly path: readonly string[];
  readonly shares: EntryShares;
}

/** A right that somebody has; null: none any more. */
interface Row {
  readonly path: readonly string[];
  readonly right: Right | null;
  readonly to: Recipient;
}

/** What is shared; what the groups work with, and hidden entries, only with `-a`. */
async function everything(call: Call, { sharing }: Circle): Promise<readonly Item[]> {
  const items = await sharing.all(call.signal);
  const isShown = ([, top, ...rest]: readonly string[]): boolean =>
    isSet(call, 'all') ||
    (top !== 'shared' && ![top, ...rest].some((name) => name?.startsWith('.') === true));
  return items.filter(({ path }) => isShown(path));
}

/** What an entry is shared by: itself and the folders above it. */
async function around(call: Call, { sharing }: Circle, path: readonly string[]): Promise<Item[]> {
  const items: Item[] = [];
  for (let length = path.length; length > 1; length--) {
    const at = path.slice(0, length);
    items.push({ path: at, shares: await sharing.sharesOf(at, call.signal) });
  }
  return items;
}

function rowsOf(path: readonly string[], found: EntryShares, groups: Groups): Row[] {
  const of = (right: Right): Row[] =>
    [...found[right]].toSorted().map((name) => ({ path, right, to: recipientOf(name, groups) }));
  return [...of('write'), ...of('read')];
}

function recipientOf(name: string, groups: Groups): Recipient {
  const group = groups.get(name);
  return group === undefined ? { kind: 'person', username: name } : { kind: 'group', name: group };
}

async function writeRows(call: Call, rows: readonly Row[]): Promise<void> {
  const { session } = await call.access.signedIn(call.signal);
  for (const { path, right, to } of rows) {
    const shown = showPath(path, session.username);
    const name = nameOf(to);
    const text = isSet(call, 'json')
      ? jsonLine({ path: shown, right, kind: to.kind, name })
      : `${(right ?? '').padEnd(5)}  ${showName(to.kind === 'group' ? `all ${name}` : name)}  ${showName(shown)}\n`;
    await write(call.io, text);
  }
}

function nameOf(recipient: Recipient): string {
  return recipient.kind === 'group' ? recipient.name : recipient.username;
}

function rightOf(call: Call): Right {
  return isSet(call, 'write') ? 'write' : 'read';
}

/** `friends` and `followers` are the groups; `@friends` is a person of that name. */
function recipientsOf(call: Call): Recipient[] {
  const names = textsOf(call, 'with');
  if (names.length === 0 || names.includes('')) {
    throw new Misused('Say with whom: --with NAME, --with friends or --with followers.');
  }
  return names.map((name) => {
    if (name === 'friends' || name === 'followers') return { kind: 'group', name };
    return { kind: 'person', username: name.replace(/^@/u, '') };
  });
}

/** The same of own entries only. Throws `ShareRefused` for what is somebody else's. */
export async function ownPaths(
  call: Call,
  typed: readonly string[],
): Promise<(readonly string[])[]> {
  const { session } = await call.access.signedIn(call.signal);
  for (const path of await call.access.paths(typed, call.signal)) {
    checkOwner(path, session.username);
  }
  return pathsIn(call, typed);
}

/** Paths as the entries there are spelled, with their owner's name. Throws `PathNotFound`. */
async function pathsIn(call: Call, typed: readonly string[]): Promise<(readonly string[])[]> {
  const paths: (readonly string[])[] = [];
  for (const path of await call.access.paths(typed, call.signal)) {
    paths.push(pathOf(await call.access.open(path, call.signal)));
  }
  return paths;
}

function checkOwner(path: readonly string[], username: string): void {
  if (path[0] === username) return;
  throw new ShareRefused('Only its owner can decide who has access to this.');
}

/** Throws {@link NotShared}. */
async function requireShared(
  call: Call,
  { sharing }: Circle,
  path: readonly string[],
  recipients: readonly Recipient[],
  right: Right,
): Promise<void> {
  const groups = await sharing.groups(call.signal);
  const found = await sharing.sharesOf(path, call.signal);
  const has = (of: Right, wanted: Recipient): boolean =>
    rowsOf(path, found, groups).some(
      (row) => row.right === of && row.to.kind === wanted.kind && nameOf(row.to) === nameOf(wanted),
    );
  for (const recipient of recipients) {
    if (has(right, recipient)) continue;
    const other: Right = right === 'read' ? 'write' : 'read';
    const hint =
      other === 'write'
        ? 'They may change it: use --write.'
        : 'They may see it: leave out --write.';
    const sentence = `This itself is not shared with ${nameOf(recipient)} in this way.`;
    throw new NotShared(has(other, recipient) ? `${sentence} ${hint}` : sentence);
  }
}
