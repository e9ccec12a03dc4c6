import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NodeUnreachable, SignUpClosed } from '#lib/protocol/index.ts';
import { describeFailure, EXIT } from './errors.ts';
import { fitColumns, jsonLine, showName } from './text.ts';

const HOSTILE = 'a\u001b]0;title\u0007\u009b31m\u202eb\nc\u200f';
/** What a terminal obeys, and what turns the reading round: by their Unicode properties. */
const OBEYED = /[\p{Cc}\p{Bidi_Control}]/u;

describe('names from elsewhere', () => {
  it('move no cursor and turn nothing round', () => {
    expect(showName(HOSTILE)).toBe(String.raw`a\u001b]0;title\u0007\u009b31m\u202eb\u000ac\u200f`);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(showName(name)).not.toMatch(OBEYED);
      }),
    );
  });

  it('are cut to the columns of a terminal between signs, wide ones counted twice', () => {
    expect(fitColumns('report.pdf', 6)).toBe('report');
    expect(fitColumns('写真.png', 5)).toBe('写真.');
    expect(fitColumns('写真.png', 3)).toBe('写');
    expect(fitColumns('👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 3)).toBe('👩‍👩‍👧‍👦');
    expect(fitColumns('e\u0301e\u0301', 1)).toBe('e\u0301');
  });

  it('are the same in JSON, and harmless there', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const line = jsonLine({ name });
        expect(JSON.parse(line)).toEqual({ name });
        expect(line.slice(0, -1)).not.toMatch(OBEYED);
      }),
    );
  });

  it('are harmless in what went wrong', () => {
    const error = Object.assign(new Error('x'), { code: 'ENOENT', path: HOSTILE });
    expect(describeFailure(error).message).not.toMatch(OBEYED);
    expect(describeFailure(error).exitCode).toBe(EXIT.notFound);
  });
});

describe('a server that cannot be asked', () => {
  const because = (code: string, facts: object = {}) => {
    const cause = Object.assign(new Error('internal words'), { code, ...facts });
    const wrapped = new TypeError('fetch failed', { cause });
    const error = new NodeUnreachable('The server cannot be reached.', { cause: wrapped });
    return describeFailure(error);
  };

  it.each([
    ['ECONNREFUSED', { address: '127.0.0.1', port: 1 }, '127.0.0.1:1: nothing answers there.'],
    ['ENOTFOUND', { hostname: 'x.test' }, 'x.test: there is no host of this name.'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', {}, 'NODE_EXTRA_CA_CERTS'],
    ['CERT_HAS_EXPIRED', {}, 'its certificate has expired'],
    ['EPROTO', {}, 'it may be http://'],
  ])('is told from others by %s', (code, facts, words) => {
    expect(because(code, facts).message).toContain(words);
    expect(because(code, facts).exitCode).toBe(EXIT.unreachable);
  });

  it('shows nothing of an error that nobody knows', () => {
    expect(because('E_NEW').message).toBe('The server cannot be reached.');
    expect(describeFailure(new Error('secret words')).message).not.toContain('secret');
  });

  it('asks for an invitation where one is needed', () => {
    expect(describeFailure(new SignUpClosed('closed')).message).toContain('--token');
  });
});
