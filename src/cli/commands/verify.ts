/** `verify`: whether somebody's keys are theirs. */
import { PyrgosError } from '#lib/bytes/index.ts';
import type { FriendVerification, VerificationState } from '#lib/social/index.ts';
import { type Call, type Command } from '../command.ts';
import { Misused } from '../errors.ts';
import { ask, write } from '../io.ts';
import { jsonLine, showName } from '../text.ts';
import { isSet, textOf } from '../values.ts';

/** What was compared is another number; it is noted that the person is not verified. */
class CodesDiffer extends PyrgosError {
  override readonly name = 'CodesDiffer';
  override readonly kind = 'refused';
  constructor(username: string) {
    super(
      `This is not the number of you and ${username}. They are not verified: ` +
        'somebody may be reading between you.',
    );
  }
}

const CHOICES = ['matches', 'mismatch', 'compare'] as const;

export const verify: Command = {
  name: 'verify',
  summary: 'Shows the safety number of you and somebody, and notes whether theirs is the same.',
  usage: '[--matches | --mismatch | --compare TEXT] [--json] NAME',
  options: {
    matches: { type: 'boolean' },
    mismatch: { type: 'boolean' },
    compare: { type: 'string' },
  },
  operands: [1, 1],
  takesPeople: true,
  async run(call) {
    const [username = ''] = call.operands;
    const { verification, deps } = (await call.access.signedIn(call.signal)).circle;
    if (username === deps.person.username) throw new Misused('This is you.');
    const given = CHOICES.filter((one) => call.values[one] !== undefined);
    if (given.length > 1) throw new Misused('Choose one of --matches, --mismatch and --compare.');
    const text = textOf(call, 'compare');
    if (text !== undefined) {
      const isSame = await verification.compare(username, text, call.signal);
      if (!isSame) throw new CodesDiffer(username);
    }
    const before = await verification.of(username, call.signal);
    if (isSet(call, 'matches')) await agree(call, before);
    if (isSet(call, 'matches') || isSet(call, 'mismatch')) {
      await verification.mark(username, isSet(call, 'matches'), call.signal);
    }
    const state = await verification.stateOf(username, call.signal);
    await show(call, username, { ...before, state });
  },
};

/**
 * A mark is for the keys whose number the person has seen, so it is shown and asked about by one and
 * the same command: keys of another one may be others.
 */
async function agree({ io, isShell }: Call, { safetyNumber }: FriendVerification): Promise<void> {
  const instead = 'give --compare with the number or the code of the other person';
  if (isShell === true) throw new Misused(`The shell cannot ask here: ${instead}.`);
  const question = `${inGroups(safetyNumber)}\nIs theirs the same? Type "yes" if it is: `;
  const answer = await ask(io, question, { instead });
  if (answer !== 'yes') throw new Misused('Nothing was noted.');
}

const GROUP = /\d{5}/gu;
const GROUPS_IN_LINE = 4;

/** Twelve groups of five, in three lines. */
function inGroups(digits: string): string {
  const groups = digits.match(GROUP) ?? [];
  const lines: string[] = [];
  for (let at = 0; at < groups.length; at += GROUPS_IN_LINE) {
    lines.push(groups.slice(at, at + GROUPS_IN_LINE).join(' '));
  }
  return lines.join('\n');
}

async function show(
  call: Call,
  username: string,
  { safetyNumber, qrText, state }: FriendVerification,
): Promise<void> {
  if (isSet(call, 'json')) {
    const line = {
      username,
      state: state.kind,
      change: state.kind === 'keys-changed' ? state.change : null,
      safety_number: safetyNumber,
      qr_text: qrText,
    };
    return write(call.io, jsonLine(line));
  }
  const sentence = `${showName(username)} ${sentenceOf(state)}`;
  await write(call.io, `${inGroups(safetyNumber)}\n\ncode  ${qrText}\n\n${sentence}\n`);
}

function sentenceOf(state: VerificationState): string {
  if (state.kind === 'verified') return 'is verified.';
  if (state.kind === 'not-verified') return 'is not verified.';
  return `was verified, and has other keys since. ${CHANGES[state.change]}`;
}

const CHANGES = {
  'boxing-upgrade': 'The account got a stronger key, as accounts do; compare again.',
  'signed-identity': 'The former identity signed the new one; compare again.',
  unexplained: 'Nothing speaks for the new ones: compare again before you share anything.',
} as const;
