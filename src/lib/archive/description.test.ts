/** The description: against the one of a server of the reference, and against hostile ones. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { toHex } from '#lib/bytes/index.ts';
import { encodeCbor } from '#lib/codec/index.ts';
import { formatDescription, parseDescription } from './description.ts';
import { MalformedDescription } from './errors.ts';

const TEXT = readFileSync(
  new URL('../../../tests/vectors/account/node.json', import.meta.url),
  'utf8',
);
type Json = Record<string, unknown>;
type Users = Record<string, Json>;

/** The golden description with one thing changed. */
function changed(change: (carol: Json, root: Json) => void): string {
  const root = JSON.parse(TEXT) as Json;
  change((root['users'] as Users)['carol']!, root);
  return JSON.stringify(root);
}

describe('the description of a server of the reference', () => {
  const golden = JSON.parse(TEXT) as { users: Users } & Json;

  it('is read', () => {
    const description = parseDescription(TEXT);
    expect(description.usernames).toEqual(['peergos', 'bob', 'carol']);
    expect(description.serverId?.toString()).toBe(golden['serverId']);
    expect(description.capturedAtMs).toBe(golden['capturedAtMillis']);
    const bob = description.user('bob')!;
    const written = golden.users['bob'] as {
      followRequests: string[];
      bats: { batWithId: string }[];
      login: { entryPoints: string; authorisedReader: string };
    };
    expect(bob.followRequests.map(toHex)).toEqual(written.followRequests);
    expect(bob.bats.map((bat) => bat.toSecretText())).toEqual(
      written.bats.map(({ batWithId }) => batWithId),
    );
    expect(toHex(encodeCbor(bob.login!.entryPoints))).toBe(written.login.entryPoints);
    expect(toHex(encodeCbor(bob.login!.loginKey.toCbor()))).toBe(written.login.authorisedReader);
    expect(description.user('peergos')!.login).toBeUndefined();
    expect(description.user('nobody')).toBeUndefined();
  });

  it('is written with the same members, but without password and links', () => {
    const description = parseDescription(TEXT);
    const text = formatDescription({
      serverId: description.serverId!,
      capturedAtMs: description.capturedAtMs!,
      software: 'test',
      blocks: { count: 1, bytes: 2 },
      users: description.usernames.map((name) => description.user(name)!),
    });
    const users = (JSON.parse(text) as { users: Users }).users;
    for (const [name, { password, ...rest }] of Object.entries(golden.users)) {
      expect(password).toBeTypeOf('string');
      expect(users[name]).toEqual({ ...rest, secretLinks: [] });
    }
  });
});

describe('what may be missing or odd', () => {
  it('is everything but name, claims and pointers', () => {
    const text = changed((carol, root) => {
      for (const member of Object.keys(carol)) {
        if (!['pkiChain', 'pointers'].includes(member)) Reflect.deleteProperty(carol, member);
      }
      for (const member of Object.keys(root)) {
        if (member !== 'users') Reflect.deleteProperty(root, member);
      }
    });
    const description = parseDescription(text);
    const carol = description.user('carol')!;
    expect(description).toMatchObject({ serverId: undefined, blocks: undefined });
    expect(carol).toMatchObject({ login: undefined, bats: [], followRequests: [] });
  });

  it('is a name that means something to JavaScript', () => {
    const text = TEXT.replace('"carol": {', '"__proto__": {').replace('"bob": {', '"toString": {');
    const description = parseDescription(text);
    expect(description.usernames).toEqual(['peergos', 'toString', '__proto__']);
    expect(description.user('__proto__')?.username).toBe('__proto__');
    expect(description.user('constructor')).toBeUndefined();
  });

  it('is another user who cannot be read', () => {
    const description = parseDescription(changed((carol) => (carol['pkiChain'] = 'ff')));
    expect(() => description.user('carol')).toThrow(MalformedDescription);
    expect(description.user('bob')?.username).toBe('bob');
  });
});

describe('what is refused by name', () => {
  it.each([
    ['text', 'hello'],
    ['a list', '[]'],
    ['null', 'null'],
    ['another format', changed((_carol, root) => (root['format'] = 2))],
    ['no users', changed((_carol, root) => delete root['users'])],
    ['users that are a list', changed((_carol, root) => (root['users'] = []))],
    ['a server id that is none', changed((_carol, root) => (root['serverId'] = 'x'))],
    ['a time that is text', changed((_carol, root) => (root['capturedAtMillis'] = '1'))],
    ['a negative time', changed((_carol, root) => (root['capturedAtMillis'] = -1))],
    ['a user that is text', changed((_carol, root) => (root['users'] = { carol: 'x' }))],
    ['no claims', changed((carol) => delete carol['pkiChain'])],
    ['an empty chain', changed((carol) => (carol['pkiChain'] = '80'))],
    ['claims that are no hex', changed((carol) => (carol['pkiChain'] = 'xy'))],
    ['claims that are no CBOR', changed((carol) => (carol['pkiChain'] = 'ff'))],
    ['another identity', changed((carol) => (carol['identity'] = 'zb2rh'))],
    ['no pointers', changed((carol) => delete carol['pointers'])],
    ['pointers that are text', changed((carol) => (carol['pointers'] = 'x'))],
    ['a pointer without writer', changed((carol) => (carol['pointers'] = [{ signed: '00' }]))],
    ['a pointer of nobody', changed((carol) => (carol['pointers'] = [{ owner: 'x' }]))],
    ['a login without key', changed((carol) => (carol['login'] = { entryPoints: '80' }))],
    ['a BAT without secret', changed((carol) => (carol['bats'] = [{ id: 'x' }]))],
    ['a BAT of three bytes', changed((carol) => shortenBat(carol))],
    ['a follow request that is a number', changed((carol) => (carol['followRequests'] = [1]))],
  ])('%s', (_name, text) => {
    expect(() => parseDescription(text).user('carol')).toThrow(MalformedDescription);
  });
});

function shortenBat(carol: Json): void {
  (carol['bats'] as Json[])[0]!['secret'] = '010203';
}
