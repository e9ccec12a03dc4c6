import { expect, test } from 'vitest';
import { rateKey } from './client-address.ts';
import { RateLimit } from './rate-limit.ts';

test('an address may ask in a burst, then at a steady rate; others are not held up', () => {
  let nowMs = 0;
  const limit = new RateLimit(() => nowMs);
  const allowed = (address: string, times: number): number =>
    Array.from({ length: times }, () => limit.judge(address, 'api/v0/block/get')).filter(
      (verdict) => verdict === 'allowed',
    ).length;
  expect(allowed('203.0.113.1', 5000)).toBe(3000);
  expect(limit.judge('203.0.113.1', 'api/v0/block/get')).toBe('later');
  expect(allowed('203.0.113.2', 10)).toBe(10);
  nowMs += 1000;
  expect(allowed('203.0.113.1', 5000)).toBe(300);
});

test('guessing passwords is slow, and does not use up what others calls may', () => {
  let nowMs = 0;
  const limit = new RateLimit(() => nowMs);
  const guesses = (times: number): number =>
    Array.from({ length: times }, () =>
      limit.judge('203.0.113.1', 'peergos/v0/login/getLogin'),
    ).filter((verdict) => verdict === 'allowed').length;
  expect(guesses(200)).toBe(60);
  expect(limit.judge('203.0.113.1', 'peergos/v0/login/getLogin')).toBe('refused');
  expect(limit.judge('203.0.113.1', 'api/v0/block/get')).toBe('allowed');
  nowMs += 10_000;
  expect(guesses(200)).toBe(5);
});

test('an IPv6 network of 64 bits counts as one client', () => {
  expect(rateKey('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2');
  expect(rateKey('2001:db8:1:2::9')).toBe('2001:db8:1:2');
  expect(rateKey('2001:db8::1')).toBe('2001:db8:0:0');
  expect(rateKey('203.0.113.1')).toBe('203.0.113.1');
});

test('wrong secrets are counted for each address, and forgiven with time', () => {
  let nowMs = 0;
  const limit = new RateLimit(() => nowMs);
  for (let i = 0; i < 30; i++) {
    expect(limit.mayGuess('203.0.113.1')).toBe(true);
    limit.noteGuess('203.0.113.1');
  }
  expect(limit.mayGuess('203.0.113.1')).toBe(false);
  expect(limit.mayGuess('203.0.113.2')).toBe(true);
  expect(limit.judge('203.0.113.1', 'api/v0/block/get')).toBe('allowed');
  nowMs += 5_000;
  expect(limit.mayGuess('203.0.113.1')).toBe(true);
});
