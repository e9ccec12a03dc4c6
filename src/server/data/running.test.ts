import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { noteRunning, runningAddresses } from './running.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pyrgos-running-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('each node on a folder is known while it runs, and no longer', () => {
  expect(runningAddresses(folder)).toEqual([]);
  const one = noteRunning(folder, 'http://localhost:1');
  const two = noteRunning(folder, 'http://localhost:2');
  expect(runningAddresses(folder).toSorted()).toEqual(['http://localhost:1', 'http://localhost:2']);
  one.release();
  expect(runningAddresses(folder)).toEqual(['http://localhost:2']);
  two.release();
  expect(runningAddresses(folder)).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});

test('the note of a node that died is removed by the process that finds it', () => {
  mkdirSync(join(folder, 'running'));
  const note = JSON.stringify({ pid: process.pid, address: 'http://localhost:1' });
  writeFileSync(join(folder, 'running', '0123456789abcdef.json'), note);
  expect(runningAddresses(folder)).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});

test('a note that cannot be read says nothing of where the node is', () => {
  const node = noteRunning(folder, 'http://localhost:1');
  const [name] = readdirSync(join(folder, 'running')).filter((it) => it.endsWith('.json'));
  writeFileSync(join(folder, 'running', name ?? ''), '{"address":');
  expect(runningAddresses(folder)).toEqual([]);
  node.release();
  expect(readdirSync(folder)).toEqual([]);
});
