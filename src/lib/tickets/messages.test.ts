/** Whatever arrives on a port is a message of a known shape or a named refusal. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MalformedMessage } from '#lib/rpc/index.ts';
import { isTicketId, parseTicketMessage, ticketId } from './index.ts';

const RUNS = 5000;
const ID = ticketId((length) => new Uint8Array(length).fill(7));
const INHERITED = Object.getOwnPropertyNames(Object.prototype);

const odd = fc.oneof(
  fc.anything(),
  fc.constantFrom(NaN, Infinity, -1, 2 ** 60, '', ID, '../x', null, undefined, new Uint8Array(3)),
);
/** What belongs there nine times in ten. */
const mostly = <T>(good: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 9, arbitrary: good }, { weight: 1, arbitrary: odd });
const oneOf = (...values: readonly string[]) => mostly(fc.constantFrom(...values));

const id = mostly(fc.constant(ID));
const text = mostly(fc.string());
const number = mostly(fc.nat());
const bytes = mostly(fc.uint8Array({ maxLength: 5 }));
const source = mostly(fc.record({ database: text, server: text }, { requiredKeys: ['database'] }));
const entry = mostly(
  fc.record({ path: text, sizeBytes: number, modifiedMs: number, capability: bytes }),
);
const leftOut = mostly(fc.record({ path: text, reason: text }));
const unreadable = mostly(fc.record({ entry: number, reason: text }));
const ticket = mostly(
  fc.record(
    {
      kind: oneOf('file', 'archive', ...INHERITED.slice(0, 1)),
      id,
      name: text,
      source,
      capability: bytes,
      mimeType: text,
      disposition: oneOf('inline', 'attachment'),
      entries: mostly(fc.array(entry, { maxLength: 3 })),
      leftOut: mostly(fc.array(leftOut, { maxLength: 3 })),
      listPath: text,
    },
    { requiredKeys: ['kind', 'id'] },
  ),
);
const KINDS = ['grant', 'granted', 'revoke', 'ask', 'unknown', 'cipher', 'progress'] as const;
const message = mostly(
  fc.record(
    {
      type: oneOf(...KINDS, ...KINDS, ...INHERITED),
      id,
      ticket,
      doneBytes: number,
      state: oneOf('running', 'done', 'failed', 'cancelled'),
      error: text,
      unreadable: mostly(fc.array(unreadable, { maxLength: 3 })),
    },
    { requiredKeys: ['type'] },
  ),
);

test('a message is read, or refused by name', () => {
  const read = new Set<string>();
  fc.assert(
    fc.property(message, (data) => {
      let parsed;
      try {
        parsed = parseTicketMessage(data);
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedMessage);
        return;
      }
      read.add(parsed.type);
      // What was read has nothing that was not described, and is read again as the same.
      expect(parseTicketMessage(parsed)).toEqual(parsed);
      if (parsed.type !== 'grant') return;
      expect(isTicketId(parsed.ticket.id)).toBe(true);
      expect(typeof parsed.ticket.source.database).toBe('string');
    }),
    { numRuns: RUNS, seed: 71 },
  );
  expect(read).toEqual(new Set(KINDS));
});
