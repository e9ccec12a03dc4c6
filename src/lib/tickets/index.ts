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
import {
  byKind,
  bytes,
  byTag,
  count,
  finite,
  listOf,
  object,
  oneOf,
  refused,
  text,
  type Parser,
} from '#lib/rpc/index.ts';

/** Path segment, below the scope of the service worker, under which tickets are answered. */
export const TICKET_PATH = '_file/';

/** What the page sends to the service worker together with one end of a new port. */
export const PORT_MESSAGE = 'pyrgos-ticket-port';
/** What the service worker sends to its pages when it needs a port to their engines. */
export const NEED_PORT_MESSAGE = 'pyrgos-need-port';
/** Asks the service worker to control pages that were loaded around it (a forced reload). */
export const CLAIM_MESSAGE = 'pyrgos-claim';
/** Asks the service worker to keep what it did not keep at its installation. */
export const KEEP_LATER_MESSAGE = 'pyrgos-keep-later';
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
  /** Origin of the server, or multiaddr of the node. */
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
  | { readonly type: 'peers' } // engine → service worker, with a port that asks nodes by multiaddr
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

const id: Parser<string> = (value, what) => {
  if (!isTicketId(value)) throw refused(what, 'the id of a ticket');
  return value;
};

const source: Parser<NodeSource> = object({ database: text }, { server: text });

const archiveEntry: Parser<ArchiveEntry> = object(
  { path: text, sizeBytes: count, modifiedMs: finite },
  { capability: bytes },
);

const ticket: Parser<Ticket> = byKind({
  file: object({
    id,
    name: text,
    source,
    capability: bytes,
    mimeType: text,
    disposition: oneOf('inline', 'attachment'),
  }),
  archive: object({
    id,
    name: text,
    source,
    entries: listOf(archiveEntry),
    leftOut: listOf(object({ path: text, reason: text })),
    listPath: text,
  }),
});

const message: Parser<TicketMessage> = byTag('type', {
  grant: object({ ticket }),
  granted: object({ id }),
  revoke: object({ id: (value, what) => (value === '' ? '' : id(value, what)) }),
  ask: object({ id }),
  unknown: object({ id }),
  cipher: object({}),
  peers: object({}),
  progress: object(
    { id, doneBytes: count, state: oneOf('running', 'done', 'failed', 'cancelled') },
    { error: text, unreadable: listOf(object({ entry: count, reason: text })) },
  ),
});

/** Reads a message that arrived on a ticket port. Throws MalformedMessage. */
export function parseTicketMessage(data: unknown): TicketMessage {
  return message(data, 'ticket message');
}
