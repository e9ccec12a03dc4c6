/** `friends`, `follow`, `requests`, `block`, `unblock`: who is who. */
import { FollowRefused, type Answer, type SocialState } from '#lib/social/index.ts';
import type { Circle } from '../circle.ts';
import { type Call, type Command } from '../command.ts';
import { Misused } from '../errors.ts';
import { write } from '../io.ts';
import { jsonLine, showName } from '../text.ts';
import { isSet, textOf } from '../values.ts';

export const friends: Command = {
  name: 'friends',
  summary: 'Shows friends, followers, whom you follow, open requests and who is blocked.',
  usage: '[--json]',
  operands: [0, 0],
  async run(call) {
    const { circle } = await call.access.signedIn(call.signal);
    const state = await circle.state(call.signal);
    if (!isSet(call, 'json')) return writeRows(call, rowsOf(state));
    const line = {
      friends: state.friends.toSorted(),
      following: state.following.toSorted(),
      followers: state.followers.toSorted(),
      pending_outgoing: state.pendingOutgoing.toSorted(),
      pending_incoming: state.pendingIncoming.toSorted(),
      blocked: state.blocked.toSorted(),
    };
    await write(call.io, jsonLine(line));
  },
};

const ASKED_US = 'asks to follow you';
const ASKED_BY_US = 'has not answered yet';

type Row = readonly [name: string, what: string];

/** Each person in as few words as say everything. */
function rowsOf(state: SocialState): Row[] {
  const others = (names: readonly string[]): readonly string[] =>
    names.filter((name) => !state.friends.includes(name) && !state.blocked.includes(name));
  const rows: Row[] = [
    ...state.friends.map((name): Row => [name, 'friend']),
    ...others(state.following).map((name): Row => [name, 'you follow them']),
    ...others(state.followers).map((name): Row => [name, 'follows you']),
    ...state.pendingOutgoing.map((name): Row => [name, ASKED_BY_US]),
    ...state.pendingIncoming.map((name): Row => [name, ASKED_US]),
    ...state.blocked.map((name): Row => [name, 'blocked']),
  ];
  return rows.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

async function writeRows({ io }: Call, rows: readonly Row[]): Promise<void> {
  const width = Math.max(0, ...rows.map(([name]) => showName(name).length));
  for (const [name, what] of rows) await write(io, `${showName(name).padEnd(width)}  ${what}\n`);
}

export const follow: Command = {
  name: 'follow',
  summary: 'Asks somebody to be friends, or says yes if they have asked.',
  usage: '[--json] NAME',
  operands: [1, 1],
  takesPeople: true,
  async run(call) {
    const [username = ''] = call.operands;
    const { circle } = await call.access.signedIn(call.signal);
    const { pendingIncoming } = await circle.state(call.signal);
    // A request offers what an answer gives; two that cross would leave both waiting.
    if (pendingIncoming.includes(username)) return answer(call, circle, username, 'follow-back');
    await circle.follow.request(username, call.signal);
    await tell(call, { username, state: 'asked' }, `${username} was asked.`);
  },
};

/** Options of `requests`, and what each answers. */
const ANSWERS = { 'follow-back': 'follow-back', allow: 'allow', deny: 'deny' } as const;

export const requests: Command = {
  name: 'requests',
  summary: 'Lists requests to follow, or answers one.',
  usage: '[--follow-back NAME | --allow NAME | --deny NAME] [--json]',
  options: {
    'follow-back': { type: 'string' },
    allow: { type: 'string' },
    deny: { type: 'string' },
  },
  operands: [0, 0],
  peopleOptions: Object.keys(ANSWERS),
  async run(call) {
    const { circle } = await call.access.signedIn(call.signal);
    const given = Object.values(ANSWERS).filter((one) => textOf(call, one) !== undefined);
    const [chosen] = given;
    if (given.length > 1) throw new Misused('Choose one of --follow-back, --allow and --deny.');
    if (chosen !== undefined) return answer(call, circle, textOf(call, chosen) ?? '', chosen);
    const { pendingIncoming, pendingOutgoing } = await circle.state(call.signal);
    const [incoming, outgoing] = [pendingIncoming.toSorted(), pendingOutgoing.toSorted()];
    if (!isSet(call, 'json')) {
      await writeRows(call, [
        ...incoming.map((name): Row => [name, ASKED_US]),
        ...outgoing.map((name): Row => [name, ASKED_BY_US]),
      ]);
      return;
    }
    const line = (direction: string) => (username: string) => jsonLine({ username, direction });
    const lines = [...incoming.map(line('incoming')), ...outgoing.map(line('outgoing'))];
    await write(call.io, lines.join(''));
  },
};

const ANSWERED: Readonly<Record<Answer, (username: string) => string>> = {
  'follow-back': (username) => `You and ${username} are friends.`,
  allow: (username) => `${username} follows you.`,
  deny: (username) => `${username} does not follow you.`,
};

async function answer(call: Call, circle: Circle, username: string, given: Answer) {
  await circle.follow.answer(username, given, call.signal);
  await circle.state(call.signal);
  await tell(call, { username, state: STATES[given] }, ANSWERED[given](username));
}

const STATES = { 'follow-back': 'friends', allow: 'allowed', deny: 'denied' } as const;

export const block: Command = {
  name: 'block',
  summary: 'Stops following somebody, and hears of them no more.',
  usage: '[--json] NAME',
  operands: [1, 1],
  takesPeople: true,
  async run(call) {
    const [username = ''] = call.operands;
    const { circle } = await call.access.signedIn(call.signal);
    if (username === circle.deps.person.username) {
      throw new FollowRefused('You cannot block yourself.');
    }
    // A name that was mistyped would be blocked without anybody noticing.
    if (!isKnown(await circle.state(call.signal), username)) {
      await circle.deps.identitiesOf(username, call.signal);
    }
    await circle.follow.block(username, call.signal);
    await circle.state(call.signal);
    await tell(call, { username, blocked: true }, `${username} is blocked.`);
  },
};

function isKnown(state: SocialState, username: string): boolean {
  const { following, followers, pendingIncoming, pendingOutgoing, blocked } = state;
  return [following, followers, pendingIncoming, pendingOutgoing, blocked].some((names) =>
    names.includes(username),
  );
}

export const unblock: Command = {
  name: 'unblock',
  summary: 'Hears of somebody again who was blocked.',
  usage: '[--json] NAME',
  operands: [1, 1],
  takesPeople: true,
  async run(call) {
    const [username = ''] = call.operands;
    const { circle } = await call.access.signedIn(call.signal);
    const { blocked } = await circle.state(call.signal);
    if (!blocked.includes(username)) throw new FollowRefused(`You did not block “${username}”.`);
    await circle.follow.unblock(username, call.signal);
    await circle.state(call.signal);
    await tell(call, { username, blocked: false }, `${username} is not blocked any more.`);
  },
};

/** Says what was done. */
async function tell(call: Call, facts: object, sentence: string): Promise<void> {
  if (isSet(call, 'json')) await write(call.io, jsonLine(facts));
  else if (!isSet(call, 'quiet')) await write(call.io, `${showName(sentence)}\n`);
}
