/** What `npm run test:interop -- --apps` says of apps. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { details, hasPassed, table, type AppReport, type Start } from './report.ts';

const SCRIPT = fileURLToPath(new URL('../../../scripts/test-interop.ts', import.meta.url));
const start = (more: Partial<Start> = {}): Start => ({
  way: 'alone',
  isStarted: true,
  errors: [],
  refused: [],
  calls: [],
  ...more,
});
const app = (name: string, ...starts: readonly Start[]): AppReport => ({
  name,
  title: name,
  starts,
});

describe('the report on apps', () => {
  it('counts an app as passed that shows something and throws nothing', () => {
    expect(hasPassed(app('a', start()))).toBe(true);
    expect(hasPassed(app('a', start({ isStarted: false })))).toBe(false);
    expect(hasPassed(app('a', start({ errors: ['TypeError: x'] })))).toBe(false);
    expect(hasPassed(app('a'))).toBe(false);
    expect(hasPassed({ ...app('a', start()), failure: 'The archive is damaged.' })).toBe(false);
  });

  it('judges an app that opens files by how it opens one', () => {
    const empty = start({ isStarted: false, errors: ['TypeError: no path'] });
    expect(hasPassed(app('a', empty, start({ way: 'file' })))).toBe(true);
    expect(hasPassed(app('a', start(), start({ way: 'file', isStarted: false })))).toBe(false);
  });

  it('ends with how many passed and how many failed', () => {
    const reports = [app('board', start()), app('broken', start({ errors: ['Error: x'] }))];
    const lines = table(reports).split('\n');
    expect(lines).toHaveLength(5);
    expect(lines[1]).toMatch(/^✓ board +alone +0 +0 +0$/u);
    expect(lines[2]).toMatch(/^✗ broken +alone +1 +0 +0$/u);
    expect(lines.at(-1)).toBe('1 passed, 1 failed');
  });

  it('lists every call once, with its answer and how often it came', () => {
    const call = { method: 'GET', address: 'peergos-api/v0/data/x', status: 404 };
    const open = { method: 'PUT', address: 'anna/a.txt', status: undefined };
    expect(details(app('a', start({ calls: [call, call, open] }))).split('\n')).toEqual([
      '✓ a',
      '    alone: started',
      '      GET peergos-api/v0/data/x → 404, 2 times',
      '      PUT anna/a.txt → no answer yet',
    ]);
  });
});

describe('the command', () => {
  it.each([[['--only', 'notes']], [['--apps', '/no/such/folder']], [['--app', '.']]])(
    'explains itself when called with %j',
    (args) => {
      const done = spawnSync(process.execPath, [SCRIPT, ...args], { encoding: 'utf8' });
      expect([done.status, done.stdout]).toEqual([2, '']);
      expect(done.stderr).toContain('Usage: ');
    },
  );
});
