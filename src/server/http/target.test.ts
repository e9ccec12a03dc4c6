import { describe, expect, test } from 'vitest';
import { targetOf } from './target.ts';

const LOGIN = '/peergos/v0/login/getLogin';

describe('a target', () => {
  test.each([
    [LOGIN, 'peergos/v0/login/getLogin'],
    [`${LOGIN}?username=a%20b&auth=%2e%2e`, 'peergos/v0/login/getLogin'],
    ['/peergos/v0/core/getUsernamesGzip/', 'peergos/v0/core/getUsernamesGzip'],
    ['/public/alice/A%20file.txt', 'public'],
    ['/public/alice/%C3%BCber%5C1.txt', 'public'],
    ['/metrics', 'metrics'],
    ['/healthz', 'healthz'],
    ['/', 'site'],
    ['/secret/z59vu/12', 'site'],
    ['/assets/A%20b.js', 'site'],
  ])('%s is %s', (text, endpoint) => {
    expect(targetOf(text)).toMatchObject({ text, endpoint: { name: endpoint } });
  });

  test.each([
    '/peergos/v0/./login/getLogin',
    '/peergos/v0/x/../login/getLogin',
    '/peergos/v0/%2e/login/getLogin',
    '/peergos/v0/%2E%2e/v0/login/getLogin',
    '/peergos/v0\\login\\getLogin',
    '/peergos\\v0/login/getLogin',
    '//peergos/v0/login/getLogin',
    '/peergos//v0/login/getLogin',
    '/peergos/v0/login//getLogin',
    '/peergos/v0/login/%67etLogin',
    '/peergos/v0/login/get%4Cogin',
    '/peergos%2Fv0/login/getLogin',
    '/peergos%2fv0/login/getLogin',
    '/%70eergos/v0/login/getLogin',
    '/peergos/v0/login/getLogin#x',
    '/peergos/v0/login/getLogin%00',
    '/peergos/v0/login/get\tLogin',
    '/peergos/v0/login/getLogin\u00e9',
    '/./metrics',
    '/%6detrics',
    '/metric%73',
    '/x/../metrics',
    '/x/%2e%2e/metrics',
    '/assets/%2e%2e/index.html',
    '/assets/..%2findex.html',
    '/assets/%',
    '/public/alice/..',
    '/public/alice/%2e%2E/x',
    '/public/alice/%2Fx',
    'http://elsewhere/metrics',
    'peergos/v0/login/getLogin',
    '*',
    '',
  ])('%s is refused, not read as another one', (text) => {
    expect(targetOf(text)).toBeUndefined();
  });
});
