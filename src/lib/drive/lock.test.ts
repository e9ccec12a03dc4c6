import { expect, it } from 'vitest';
import { createLock } from './lock.ts';

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

it('runs work under one name in order, one at a time, and goes on after a failure', async () => {
  const lock = createLock();
  const log: string[] = [];
  const job = (name: string, ms: number, fails = false) =>
    lock('a', async () => {
      log.push(`${name} starts`);
      await later(ms);
      log.push(`${name} ends`);
      if (fails) throw new Error(name);
    });
  const results = await Promise.allSettled([job('1', 5), job('2', 1, true), job('3', 0)]);
  expect(results.map((r) => r.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(log).toEqual(['1 starts', '1 ends', '2 starts', '2 ends', '3 starts', '3 ends']);
});

it('lets other names pass', async () => {
  const lock = createLock();
  let release = () => {};
  const held = lock('a', () => new Promise<void>((resolve) => (release = resolve)));
  expect(await lock('b', () => Promise.resolve('through'))).toBe('through');
  release();
  await held;
});

it('gives up waiting when aborted', async () => {
  const lock = createLock();
  const abort = new AbortController();
  const first = lock('a', () => later(5));
  const second = lock('a', () => Promise.resolve(), abort.signal);
  abort.abort(new Error('enough'));
  await expect(second).rejects.toThrow('enough');
  await first;
});
