/** `link make|list|rm`: links for anyone who has them. */
import { resolve } from 'node:path';
import { PyrgosError } from '#lib/bytes/index.ts';
import type { LinkProperties, LinkTerms } from '#lib/social/index.ts';
import { readPassword } from '../access.ts';
import type { Circle } from '../circle.ts';
import { type Call, type Command } from '../command.ts';
import { Misused } from '../errors.ts';
import { write } from '../io.ts';
import { momentOf } from '../moments.ts';
import { showPath } from '../paths.ts';
import { jsonLine, showName, showTime } from '../text.ts';
import { isSet, textOf } from '../values.ts';
import { ownPaths } from './share.ts';

/** Where a link's own password comes from; `--password-file` is the account's. */
export const LINK_PASSWORD_OPTION = { 'link-password-file': { type: 'string' } } as const;

/** There is no link of this label. */
class NoSuchLink extends PyrgosError {
  override readonly name = 'NoSuchLink';
  override readonly kind = 'not-found';
}

const MAKING = ['write', 'expires', 'uses', 'open', 'download', 'link-password-file'] as const;

export const link: Command = {
  name: 'link',
  summary: 'Makes, lists or deletes links for anyone who has them.',
  usage:
    'make [--write] [--link-password-file FILE] [--expires WHEN] [--uses N] [--open | --download]' +
    ' PATH | list [PATH] | rm PATH LABEL',
  options: {
    write: { type: 'boolean' },
    expires: { type: 'string' },
    uses: { type: 'string' },
    open: { type: 'boolean' },
    download: { type: 'boolean' },
    ...LINK_PASSWORD_OPTION,
  },
  operands: [1, 3],
  async run(call) {
    const [act, ...operands] = call.operands;
    const perform = act === undefined ? undefined : ACTS.get(act);
    if (perform === undefined) {
      throw new Misused('Say what to do: link make, link list or link rm.');
    }
    if (act !== 'make' && MAKING.some((option) => call.values[option] !== undefined)) {
      throw new Misused(`link ${act ?? ''} takes none of the options of link make.`);
    }
    await perform({ ...call, operands });
  },
};

const ACTS: ReadonlyMap<string, (call: Call) => Promise<void>> = new Map([
  ['make', make],
  ['list', list],
  ['rm', remove],
]);

async function make(call: Call): Promise<void> {
  if (call.operands.length !== 1) throw new Misused('Usage: pyrgos link make [OPTIONS] PATH');
  if (isSet(call, 'open') && isSet(call, 'download')) {
    throw new Misused('Choose one of --open and --download.');
  }
  const terms = await termsOf(call);
  const { circle } = await call.access.signedIn(call.signal);
  const [path = []] = await ownPaths(call, call.operands);
  // Without its host there would be a link and no address of it.
  const host = await hostOf(call, circle);
  const made = await circle.links.create(path, isSet(call, 'write'), terms, call.signal);
  const wishes = isSet(call, 'download') ? { download: true } : {};
  const address = circle.links.addressOf(made, host, wishes);
  const json = await describe(call, path, made, address);
  await write(call.io, isSet(call, 'json') ? jsonLine(json) : `${address}\n`);
}

async function list(call: Call): Promise<void> {
  if (call.operands.length > 1) throw new Misused('Usage: pyrgos link list [PATH]');
  const { circle } = await call.access.signedIn(call.signal);
  const [path] = await ownPaths(call, call.operands);
  const items =
    path === undefined
      ? await circle.links.all(call.signal)
      : (await circle.links.of(path, call.signal)).map((one) => ({ path, link: one }));
  const host = items.length === 0 ? undefined : await hostOf(call, circle);
  for (const { path: at, link: one } of items) {
    const row = await describe(call, at, one, circle.links.addressOf(one, host));
    await write(call.io, isSet(call, 'json') ? jsonLine(row) : textOfRow(row));
  }
}

async function remove(call: Call): Promise<void> {
  const [typed, label] = call.operands;
  if (typed === undefined || label === undefined || !/^[1-9]\d{0,9}$/u.test(label)) {
    throw new Misused('Usage: pyrgos link rm PATH LABEL; link list shows the labels.');
  }
  const { circle, session } = await call.access.signedIn(call.signal);
  const [path = []] = await ownPaths(call, [typed]);
  const isThere = (await circle.links.of(path, call.signal)).some(
    (one) => one.label === BigInt(label),
  );
  if (!isThere) throw new NoSuchLink('This has no link of that label; link list shows them.');
  await circle.links.remove(path, [BigInt(label)], call.signal);
  if (!isSet(call, 'json')) return;
  await write(call.io, jsonLine({ path: showPath(path, session.username), label, removed: true }));
}

/** A link as scripts read it; the address is a secret. */
interface Row {
  readonly path: string;
  readonly label: string;
  readonly right: 'read' | 'write';
  readonly asks_password: boolean;
  readonly expires_ms: number | null;
  readonly uses: number | null;
  readonly open: boolean;
  readonly address: string;
}

async function describe(
  call: Call,
  path: readonly string[],
  found: LinkProperties,
  address: string,
): Promise<Row> {
  const { session } = await call.access.signedIn(call.signal);
  const { label, isWritable, userPassword, expirySeconds, maxRetrievals, autoOpen } = found;
  return {
    path: showPath(path, session.username),
    label: label.toString(),
    right: isWritable ? 'write' : 'read',
    asks_password: userPassword !== '',
    expires_ms: expirySeconds === undefined ? null : expirySeconds * 1000,
    uses: maxRetrievals ?? null,
    open: autoOpen,
    address,
  };
}

function textOfRow({ path, label, right, asks_password, expires_ms, uses, address }: Row): string {
  const terms = [
    ...(asks_password ? ['password'] : []),
    ...(expires_ms === null ? [] : [`until ${showTime(expires_ms)}`]),
    ...(uses === null ? [] : [`${uses} ${uses === 1 ? 'use' : 'uses'}`]),
  ];
  const about = terms.length === 0 ? '' : `  (${terms.join(', ')})`;
  return `${right.padEnd(5)}  ${label.padEnd(10)}  ${showName(path)}${about}\n       ${address}\n`;
}

/** What the server calls itself; of a drive on this disk nothing. */
export async function hostOf(
  call: Call,
  { links }: Pick<Circle, 'links'>,
): Promise<string | undefined> {
  const { local } = await call.access.node();
  return local === undefined ? links.host() : undefined;
}

async function termsOf(call: Call): Promise<Partial<LinkTerms>> {
  const [expires, uses] = [textOf(call, 'expires'), textOf(call, 'uses')];
  if (uses !== undefined && !/^[1-9]\d{0,8}$/u.test(uses)) {
    throw new Misused('--uses wants a whole number from 1.');
  }
  return {
    userPassword: (await linkPassword(call)) ?? '',
    autoOpen: isSet(call, 'open'),
    expirySeconds: expires === undefined ? undefined : Math.floor(momentOf(expires) / 1000),
    maxRetrievals: uses === undefined ? undefined : Number(uses),
  };
}

/** The first line of the file that was named for it. */
export async function linkPassword(call: Call): Promise<string | undefined> {
  const file = textOf(call, 'link-password-file');
  return file === undefined ? undefined : readPassword(resolve(call.io.folder, file));
}
