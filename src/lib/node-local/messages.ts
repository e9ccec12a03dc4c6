/**
 * Conversations between users and the operator (B-5 §4). Not encrypted. What users send is hostile.
 */
import {
  asBoolean,
  asInteger,
  asMap,
  asText,
  cborMap,
  decodeBlock,
  decodeCbor,
  encodeCbor,
  field,
  optional,
} from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import type { NodeMessages } from '#lib/node/index.ts';
import {
  checkSignedRequest,
  MalformedRequest,
  openSignedBy,
  parseRequest,
  RateLimited,
} from '#lib/protocol/index.ts';
import { compareAndSet } from './context.ts';
import type { LocalNodeDeps } from './context.ts';
import { publicKeyOf } from './public-keys.ts';
import { useSignedTime } from './signed-times.ts';
import { listRecords, TABLE } from './records.ts';
import { requireIdentity } from './users.ts';

const MESSAGES_PATH = 'peergos/v0/server-message/retrieve';
const KIND = { fromServer: 1, fromUser: 2, dismiss: 3 } as const;
const BODY_MAX_UNITS = 4096;
const SIGNED_MAX_BYTES = 10_240;
const HOUR_MS = 60 * 60 * 1000;
const MAX_AN_HOUR = 20;
const ID_DIGITS = 16;

/** A message as it is kept and shown. */
export interface ServerMessage {
  readonly id: number;
  readonly sentMs: number;
  readonly isFromUser: boolean;
  readonly body: string;
  readonly isDismissed: boolean;
  readonly repliesTo: number | undefined;
}

export function createLocalMessages(deps: LocalNodeDeps): NodeMessages {
  return {
    retrieve: async (username, auth) => {
      const identity = await requireIdentity(deps, username);
      await checkSignedRequest(
        await publicKeyOf(deps, identity),
        auth,
        MESSAGES_PATH,
        deps.clock(),
      );
      return openConversations(await messagesOf(deps, username)).map(messageToCbor);
    },
    send: (username, signed) => receive(deps, username, signed),
  };
}

/** All messages of a user, oldest first. */
export async function messagesOf(deps: LocalNodeDeps, username: string): Promise<ServerMessage[]> {
  const listed = await listRecords(deps.records, TABLE.messages, `${username}/`);
  return listed.map(({ value }) => messageFromCbor(decodeBlock(value)));
}

/** What the operator writes to a user; with `repliesTo` it joins that conversation. */
export async function sendFromOperator(
  deps: LocalNodeDeps,
  username: string,
  body: string,
  repliesTo?: number,
): Promise<ServerMessage> {
  await requireIdentity(deps, username);
  if (body.length > BODY_MAX_UNITS) throw new MalformedRequest('A message is too long.');
  const isDismissed = false;
  const sent = { sentMs: deps.clock(), isFromUser: false, body, isDismissed, repliesTo };
  return store(deps, username, sent, async () => undefined);
}

/** Conversations whose last message waits for the user, all messages by time. */
function openConversations(messages: readonly ServerMessage[]): ServerMessage[] {
  const conversations = new Map<number, ServerMessage[]>();
  for (const message of messages) {
    const joined =
      message.repliesTo === undefined ? undefined : conversations.get(message.repliesTo);
    const conversation = joined ?? [];
    conversation.push(message);
    conversations.set(message.id, conversation);
  }
  const open = [...new Set(conversations.values())].filter((conversation) => {
    const last = conversation.at(-1);
    return last !== undefined && !last.isDismissed && !last.isFromUser;
  });
  return open.flat().sort((a, b) => a.sentMs - b.sentMs || a.id - b.id);
}

async function receive(
  deps: LocalNodeDeps,
  username: string,
  signed: Uint8Array,
): Promise<boolean> {
  const identity = await requireIdentity(deps, username);
  if (signed.length > SIGNED_MAX_BYTES) throw new MalformedRequest('A message is too long.');
  const opened = await openSignedBy(await publicKeyOf(deps, identity), signed, 'A message');
  const { kind, message } = parseRequest('The message', () => parseSent(decodeCbor(opened)));
  if (kind === KIND.dismiss) return dismiss(deps, username, message.id);
  if (kind !== KIND.fromUser) throw new MalformedRequest('Invalid message type sent from user.');
  const timeMs = message.sentMs;
  const once = { series: 'messages', timeMs, what: 'message', windowMs: HOUR_MS } as const;
  await useSignedTime(deps, identity, once);
  const sent = { ...message, isFromUser: true, isDismissed: false };
  await store(deps, username, sent, () => requireFewMessages(deps, username));
  return true;
}

async function requireFewMessages(deps: LocalNodeDeps, username: string): Promise<void> {
  const sinceMs = deps.clock() - HOUR_MS;
  const recent = (await messagesOf(deps, username)).filter(
    ({ isFromUser, sentMs }) => isFromUser && sentMs > sinceMs,
  );
  if (recent.length > MAX_AN_HOUR) throw new RateLimited('messages');
}

async function dismiss(deps: LocalNodeDeps, username: string, id: number): Promise<boolean> {
  return compareAndSet(deps.records, async () => {
    const entry = { table: TABLE.messages, key: keyOf(username, id) };
    const stored = await deps.records.get(entry.table, entry.key);
    if (stored === undefined) return { result: false };
    const message = { ...messageFromCbor(decodeBlock(stored)), isDismissed: true };
    const change = {
      expect: [{ ...entry, value: stored }],
      writes: [{ ...entry, value: encodeCbor(messageToCbor(message)) }],
    };
    return { change, result: true };
  });
}

/** Gives a message its id: one counter for the node, which also makes the limit exact. */
async function store(
  deps: LocalNodeDeps,
  username: string,
  message: Omit<ServerMessage, 'id'>,
  check: () => Promise<void>,
): Promise<ServerMessage> {
  const counter = { table: TABLE.node, key: 'messages' };
  return compareAndSet(deps.records, async () => {
    const last = await deps.records.get(counter.table, counter.key);
    await check();
    const id = last === undefined ? 1 : asInteger(decodeBlock(last), 'The last id') + 1;
    const stored = { ...message, id };
    const value = encodeCbor(messageToCbor(stored));
    const change = {
      expect: [{ ...counter, value: last }],
      writes: [
        { ...counter, value: encodeCbor(id) },
        { table: TABLE.messages, key: keyOf(username, id), value },
      ],
    };
    return { change, result: stored };
  });
}

function keyOf(username: string, id: number): string {
  return `${username}/${String(id).padStart(ID_DIGITS, '0')}`;
}

function parseSent(value: CborValue) {
  const kind = asInteger(field(asMap(value, 'A message'), 't', 'A message'), 'The kind');
  return { kind, message: messageFromCbor(value) };
}

function messageToCbor(message: ServerMessage): CborValue {
  return cborMap([
    ['id', message.id],
    ['s', message.sentMs],
    ['t', message.isFromUser ? KIND.fromUser : KIND.fromServer],
    ['b', message.body],
    ['d', message.isDismissed],
    ['r', message.repliesTo],
  ]);
}

function messageFromCbor(value: CborValue): ServerMessage {
  const what = 'A message';
  const map = asMap(value, what);
  const body = asText(field(map, 'b', what), 'The text of a message');
  if (body.length > BODY_MAX_UNITS) throw new MalformedRequest('A message is too long.');
  const repliesTo = optional(map, 'r');
  return {
    id: asInteger(field(map, 'id', what), 'The id of a message'),
    sentMs: asInteger(field(map, 's', what), 'The time of a message'),
    isFromUser: asInteger(field(map, 't', what), 'The kind of a message') === KIND.fromUser,
    body,
    isDismissed: asBoolean(field(map, 'd', what), 'The state of a message'),
    repliesTo: repliesTo === undefined ? undefined : asInteger(repliesTo, 'The message replied to'),
  };
}
