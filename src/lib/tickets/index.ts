/**
 * Tickets: how the engine lets the service worker read one file.
 *
 * A ticket carries a file's read capability from the engine worker to the service worker over a
 * MessagePort whose ends the page only forwards, so no key passes through the page and none is in
 * a URL: the URL holds the ticket's random id and nothing else. Tickets live in memory only. A
 * service worker that the browser restarted has lost its ports; it then asks its pages for new ones
 * ("need-port") and asks each engine for the ticket by id.
 *
 * Messages on the port are parsed on both sides (`parseTicketMessage`): whatever does not have the
 * exact shape is refused, never guessed at.
 */
import { PyrgosError } from '#lib/bytes/index.ts';

/** Path segment, below the scope of the service worker, under which tickets are answered. */
export const TICKET_PATH = '_file/';

/** What the page sends to the service worker together with one end of a new port. */
export const PORT_MESSAGE = 'pyrgos-ticket-port';
/** What the service worker sends to its pages when it needs a port to their engines. */
export const NEED_PORT_MESSAGE = 'pyrgos-need-port';
/** Asks the service worker to control pages that were loaded around it (a forced reload). */
export const CLAIM_MESSAGE = 'pyrgos-claim';
/** Lets a waiting build take over; the name is workbox-window's. */
export const SKIP_WAITING_MESSAGE = 'SKIP_WAITING';
/** Keeps the service worker awake while bytes flow. */
export const PING_MESSAGE = 'pyrgos-ping';

/** A file inside an archive, or an empty folder when it has no capability. */
export interface ArchiveEntry {
  /** Path inside the archive, `/`-separated; folders end in `/`. */
  readonly path: string;
  /** CBOR of a read-only AbsoluteCapability (A-7 §1). */
  readonly capability?: Uint8Array;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

/** Which node holds the blocks: the embedded one on a database of this browser, or a server. */
export interface NodeSource {
  /** IndexedDB database of the embedded node, or of what is kept of a server's. */
  readonly database: string;
  /** Origin of the server. */
  readonly server?: string;
}

interface TicketBase {
  readonly id: string;
  /** File name offered to the person when the bytes are saved. */
  readonly name: string;
  readonly source: NodeSource;
}

export interface FileTicket extends TicketBase {
  readonly kind: 'file';
  /** CBOR of a read-only AbsoluteCapability (A-7 §1). */
  readonly capability: Uint8Array;
  readonly mimeType: string;
  readonly disposition: 'inline' | 'attachment';
}

/** Something that an archive lacks, and why. */
export interface LeftOutPath {
  readonly path: string;
  readonly reason: string;
}

export interface ArchiveTicket extends TicketBase {
  readonly kind: 'archive';
  readonly entries: readonly ArchiveEntry[];
  /** What could not be read when the ticket was made. */
  readonly leftOut: readonly LeftOutPath[];
  /** Path of the list of what the archive lacks; no entry has it. */
  readonly listPath: string;
}

/** An entry of an archive that turned out to be unreadable. */
export interface UnreadableEntry {
  /** Its position among the entries of the ticket. */
  readonly entry: number;
  readonly reason: string;
}

export type Ticket = FileTicket | ArchiveTicket;

export type TicketMessage =
  | { readonly type: 'grant'; readonly ticket: Ticket } // engine → service worker
  | { readonly type: 'granted'; readonly id: string } // service worker → engine
  | { readonly type: 'revoke'; readonly id: string } // engine → service worker; '' = all
  | { readonly type: 'ask'; readonly id: string } // service worker → engine
  | { readonly type: 'unknown'; readonly id: string } // engine → service worker
  | { readonly type: 'cipher' } // engine → service worker, with a port to a cipher worker
  | {
      /** service worker → engine: bytes handed to the browser so far, for the transfers panel. */
      readonly type: 'progress';
      readonly id: string;
      readonly doneBytes: number;
      readonly state: 'running' | 'done' | 'failed' | 'cancelled';
      readonly error?: string;
      /** Entries of an archive left out since the last message. */
      readonly unreadable?: readonly UnreadableEntry[];
    };

/** A message on a ticket port did not have one of the known shapes. */
export class MalformedTicket extends PyrgosError {
  override readonly name = 'MalformedTicket';
}

const ID_PATTERN = /^[A-Za-z0-9_-]{22}$/;

/** Whether `id` has the form of a ticket id (16 random bytes, base64url). */
export function isTicketId(id: unknown): id is string {
  return typeof id === 'string' && ID_PATTERN.test(id);
}

/** Makes a ticket id from 16 random bytes. */
export function ticketId(random: (length: number) => Uint8Array): string {
  let binary = '';
  for (const byte of random(16)) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** The id in a URL path below the scope, or undefined when the path is none of ours. */
export function ticketIdOfPath(pathBelowScope: string): string | undefined {
  if (!pathBelowScope.startsWith(TICKET_PATH)) return undefined;
  const id = pathBelowScope.slice(TICKET_PATH.length);
  return isTicketId(id) ? id : undefined;
}

/** Reads a message that arrived on a ticket port. Throws MalformedTicket. */
export function parseTicketMessage(data: unknown): TicketMessage {
  const message = record(data, 'message');
  switch (message['type']) {
    case 'grant':
      return { type: 'grant', ticket: parseTicket(message['ticket']) };
    case 'granted':
    case 'ask':
    case 'unknown':
      return { type: message['type'], id: id(message['id']) };
    case 'revoke':
      return { type: 'revoke', id: message['id'] === '' ? '' : id(message['id']) };
    case 'cipher':
      return { type: 'cipher' };
    case 'progress':
      return parseProgress(message);
    default:
      throw new MalformedTicket('A ticket message of an unknown type was refused.');
  }
}

function parseProgress(message: Record<string, unknown>): TicketMessage {
  const state = message['state'];
  if (state !== 'running' && state !== 'done' && state !== 'failed' && state !== 'cancelled') {
    throw new MalformedTicket('A progress message without a known state was refused.');
  }
  const base = {
    type: 'progress',
    id: id(message['id']),
    doneBytes: count(message['doneBytes'], 'doneBytes'),
    state,
  } as const;
  return {
    ...base,
    ...(message['error'] === undefined ? {} : { error: text(message['error'], 'error') }),
    ...(message['unreadable'] === undefined
      ? {}
      : { unreadable: list(message['unreadable'], 'unreadable').map(parseUnreadable) }),
  };
}

function parseTicket(data: unknown): Ticket {
  const ticket = record(data, 'ticket');
  const base = {
    id: id(ticket['id']),
    name: text(ticket['name'], 'name'),
    source: parseSource(ticket['source']),
  };
  if (ticket['kind'] === 'file') {
    const disposition = ticket['disposition'];
    if (disposition !== 'inline' && disposition !== 'attachment') {
      throw new MalformedTicket('A ticket without a known disposition was refused.');
    }
    const capability = bytes(ticket['capability'], 'capability');
    return {
      ...base,
      kind: 'file',
      capability,
      mimeType: text(ticket['mimeType'], 'type'),
      disposition,
    };
  }
  if (ticket['kind'] === 'archive') {
    return {
      ...base,
      kind: 'archive',
      entries: list(ticket['entries'], 'entries').map(parseArchiveEntry),
      leftOut: list(ticket['leftOut'], 'leftOut').map(parseLeftOut),
      listPath: text(ticket['listPath'], 'listPath'),
    };
  }
  throw new MalformedTicket('A ticket of an unknown kind was refused.');
}

function parseSource(data: unknown): NodeSource {
  const source = record(data, 'source of a ticket');
  const database = text(source['database'], 'database');
  if (source['server'] === undefined) return { database };
  return { database, server: text(source['server'], 'server') };
}

function parseArchiveEntry(data: unknown): ArchiveEntry {
  const entry = record(data, 'archive entry');
  const base = {
    path: text(entry['path'], 'path'),
    sizeBytes: count(entry['sizeBytes'], 'sizeBytes'),
    modifiedMs: finite(entry['modifiedMs'], 'modifiedMs'),
  };
  if (entry['capability'] === undefined) return base;
  return { ...base, capability: bytes(entry['capability'], 'capability') };
}

function parseLeftOut(data: unknown): LeftOutPath {
  const entry = record(data, 'left out path');
  return { path: text(entry['path'], 'path'), reason: text(entry['reason'], 'reason') };
}

function parseUnreadable(data: unknown): UnreadableEntry {
  const entry = record(data, 'unreadable entry');
  return { entry: count(entry['entry'], 'entry'), reason: text(entry['reason'], 'reason') };
}

function list(data: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(data)) throw new MalformedTicket(`A ticket's ${what} must be a list.`);
  return data;
}

function record(data: unknown, what: string): Record<string, unknown> {
  if (typeof data !== 'object' || data === null) {
    throw new MalformedTicket(`A ${what} that is not an object was refused.`);
  }
  return data as Record<string, unknown>;
}

function id(value: unknown): string {
  if (!isTicketId(value)) throw new MalformedTicket('A malformed ticket id was refused.');
  return value;
}

function text(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new MalformedTicket(`A ticket's ${what} must be text.`);
  return value;
}

function finite(value: unknown, what: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new MalformedTicket(`A ticket's ${what} must be a number.`);
  }
  return value;
}

function count(value: unknown, what: string): number {
  const n = finite(value, what);
  if (!Number.isSafeInteger(n) || n < 0) {
    throw new MalformedTicket(`A ticket's ${what} must be a whole number.`);
  }
  return n;
}

function bytes(value: unknown, what: string): Uint8Array {
  if (!(value instanceof Uint8Array)) {
    throw new MalformedTicket(`A ticket's ${what} must be bytes.`);
  }
  return value;
}
