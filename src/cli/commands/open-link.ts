/**
 * `open-link`: what a link leads to, for somebody without an account. The address is a secret, and
 * what stands in a command can be seen by other processes: so it may come by standard input, too.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { startCrypto, systemRandom } from '#lib/crypto/index.ts';
import { NotADirectory, PathNotFound, type Drive, type Handle } from '#lib/drive/index.ts';
import {
  fetchLink,
  guestDrive,
  parseLinkAddress,
  shownIdentity,
  type LinkAddress,
  type OpenLink,
} from '#lib/social/index.ts';
import { createBlockCache } from '#lib/writers/index.ts';
import { openCipher } from '../cipher.ts';
import { type Call, type Command } from '../command.ts';
import { Misused } from '../errors.ts';
import { ask, write, type Io } from '../io.ts';
import { BAD_ENTRY_OPTIONS } from '../left-out.ts';
import { openNode } from '../node.ts';
import { isSet, textOf } from '../values.ts';
import { LINK_PASSWORD_OPTION, linkPassword } from './link.ts';
import { listEntry, type Listed } from './list.ts';
import { fetchTo } from './read.ts';
import { storeInto } from './write.ts';

const BLOCK_CACHE_BYTES = 64 * 1024 * 1024;
const ADDRESS_MAX_BYTES = 64 * 1024;

/** What a link leads to can only be seen. */
class LinkReadOnly extends PyrgosError {
  override readonly name = 'LinkReadOnly';
  override readonly kind = 'refused';
}

export const openLinkCommand: Command = {
  name: 'open-link',
  summary: 'Lists, fetches or stores behind a link, without an account; - reads the link.',
  usage:
    'ADDRESS|- ls [-R] [-a] [-l] [PATH] | get [-f] [--skip-bad] [--map-names] [PATH [LOCAL]]' +
    ' | cat [PATH] | put [-f | --keep-both | --skip] LOCAL…',
  options: {
    recursive: { type: 'boolean', short: 'R' },
    all: { type: 'boolean', short: 'a' },
    long: { type: 'boolean', short: 'l' },
    force: { type: 'boolean', short: 'f' },
    'keep-both': { type: 'boolean' },
    skip: { type: 'boolean' },
    ...BAD_ENTRY_OPTIONS,
    ...LINK_PASSWORD_OPTION,
  },
  operands: [2, Infinity],
  async run(call) {
    const [typed = '', act = '', ...operands] = call.operands;
    const perform = ACTS.get(act);
    if (perform === undefined) throw new Misused('After the link comes ls, get, cat or put.');
    const address = parseLinkAddress(typed === '-' ? await readAddress(call.io) : typed);
    const place = placeOf(call, address);
    const { node, close } = await openNode(place, call.io.folder);
    const cipher = openCipher();
    try {
      await startCrypto();
      const memory = { acceptsRollback: isSet(call, 'accept-rollback') };
      const driveDeps = {
        node,
        random: systemRandom,
        clock: () => Date.now(),
        pointerMemory: call.access.pointerMemory(place, memory),
        blockCache: createBlockCache(BLOCK_CACHE_BYTES),
        cipher: cipher.cipher,
      };
      const identityOf = (name: string) => shownIdentity(node, name);
      const link = await open(call, { driveDeps, identityOf }, address);
      // Nothing is shown, nor stored, that belongs to somebody else than it says.
      await link.locate(call.signal);
      await perform({ ...call, operands }, guestDrive(driveDeps, []), link);
    } finally {
      await close();
      await cipher.close();
    }
  },
};

type Act = (call: Call, drive: Drive, link: OpenLink) => Promise<void>;

const ACTS: ReadonlyMap<string, Act> = new Map([
  ['ls', list],
  ['get', get],
  ['cat', cat],
  ['put', put],
]);

/** Asks the node once: each answer counts as a use of the link. */
async function open(
  call: Call,
  deps: Parameters<typeof fetchLink>[0],
  address: LinkAddress,
): Promise<OpenLink> {
  const closed = await fetchLink(deps, address, call.signal);
  if (!closed.asksPassword) return closed.open('', call.signal);
  const given = await linkPassword(call);
  const question = 'Password of the link: ';
  const instead = 'give --link-password-file';
  const password = given ?? (await ask(call.io, question, { isSecret: true, instead }));
  return closed.open(password, call.signal);
}

async function list(call: Call, drive: Drive, { item }: OpenLink): Promise<void> {
  if (call.operands.length > 1) throw new Misused('open-link … ls takes one path.');
  const handle = await below(call, drive, item);
  await listEntry(call, listed(drive), pathTo(handle), handle, isSet(call, 'recursive'));
}

async function get(call: Call, drive: Drive, { item }: OpenLink): Promise<void> {
  const [, local = '.', ...others] = call.operands;
  if (others.length > 0) throw new Misused('open-link … get takes a path and a place.');
  const handle = await below(call, drive, item);
  await fetchTo(call, listed(drive), [handle], local, call.operands.length < 2);
}

async function cat(call: Call, drive: Drive, { item }: OpenLink): Promise<void> {
  if (call.operands.length > 1) throw new Misused('open-link … cat takes one path.');
  const handle = await below(call, drive, item);
  for await (const piece of drive.read(handle, 0, undefined, call.signal)) {
    await write(call.io, piece);
  }
}

async function put(call: Call, drive: Drive, { item, isWritable }: OpenLink): Promise<void> {
  if (call.operands.length === 0) throw new Misused('Say what is to be stored.');
  if (call.operands.includes('-')) throw new Misused('A file - is ./-.');
  if (!item.isDirectory) throw new NotADirectory(item.name);
  if (!isWritable) throw new LinkReadOnly('This link lets people see, not change.');
  await storeInto(call, drive, item, call.operands);
}

/** What lies at the first operand, below what the link leads to. @throws PathNotFound */
async function below(call: Call, drive: Drive, item: Handle): Promise<Handle> {
  const names = (call.operands[0] ?? '').split('/').filter((name) => !['', '.'].includes(name));
  if (names.includes('..')) throw new PathNotFound(['..']);
  let at = item;
  for (const [i, name] of names.entries()) {
    const entry = at.isDirectory ? await drive.find(at, name, call.signal) : undefined;
    if (entry === undefined) throw new PathNotFound(names.slice(0, i + 1));
    at = await drive.open(at, entry, call.signal);
  }
  return at;
}

const listed = (drive: Drive): Listed => ({ drive, show: (path) => path.join('/') });

/** Names from what the link leads to. */
function pathTo({ parent, name }: Handle): string[] {
  return parent === undefined ? [name] : [...pathTo(parent), name];
}

/** Where the link leads, unless `--node` says where to ask. Throws `Misused`. */
function placeOf(call: Call, { host }: LinkAddress): string {
  const asked = textOf(call, 'node');
  if (asked !== undefined) return asked;
  if (host?.startsWith('/') === true) {
    throw new Misused('This link leads to a node without a domain: open it in a browser.');
  }
  if (host !== undefined) return `${host.startsWith('localhost:') ? 'http' : 'https'}://${host}`;
  const usual = call.io.env['PYRGOS_NODE'] ?? '';
  if (usual === '') {
    throw new Misused('This link names no server: give --node, or set PYRGOS_NODE.');
  }
  return usual;
}

async function readAddress(io: Io): Promise<string> {
  if (io.stdin.isTTY === true) {
    return ask(io, 'Link: ', { isSecret: true, instead: 'give the link on standard input' });
  }
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of io.stdin) {
    if (!(piece instanceof Uint8Array)) continue;
    bytes += piece.length;
    if (bytes > ADDRESS_MAX_BYTES) throw new Misused('Standard input holds more than a link.');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
