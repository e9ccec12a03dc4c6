/** What processes that listen under one peer id have to tell, and which of them are known. */
import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { createMemoryStores } from '#lib/stores/index.ts';
import { checkRole } from '../data/open-stores.ts';
import { BadSetting, DEFAULTS } from '../settings/settings.ts';
import type { NodeSettings } from '../settings/settings.ts';
import { checkAnnounced, noteProcess, otherProcesses } from './processes.ts';

const [ONE, TWO, THREE] = [1, 2, 3].map((n) => `/ip4/192.0.2.${String(n)}/tcp/4001`) as [
  string,
  string,
  string,
];
const at = (p2pPort: number, p2pAnnounce: readonly string[] = []) => ({
  p2pHost: '0.0.0.0',
  p2pPort,
  p2pAnnounce,
});
const other = (...announce: string[]) => ({ key: 'there', announce });

test('a process is known to the others until it ends, and for a minute if it died', async () => {
  const { records } = createMemoryStores();
  let nowMs = 1_000_000;
  const others = (port: number) => otherProcesses(records, at(port), nowMs);
  const leave = await noteProcess(records, at(1, [ONE]), () => nowMs);
  await noteProcess(records, at(2, [ONE, TWO]), () => nowMs);
  expect(await others(1)).toEqual([{ key: `${hostname()} 0.0.0.0 2`, announce: [ONE, TWO] }]);
  expect((await others(3)).map(({ announce }) => announce)).toEqual([[ONE], [ONE, TWO]]);
  await leave();
  expect(await others(3)).toHaveLength(1);
  nowMs += 61_000;
  expect(await others(3)).toEqual([]);
});

test('every process tells the addresses of all, and one for each at least', () => {
  expect(() => checkAnnounced([], [])).not.toThrow();
  expect(() => checkAnnounced([ONE, TWO], [other(TWO, ONE)])).not.toThrow();
  expect(() => checkAnnounced([ONE, TWO, THREE], [other(TWO, ONE)])).not.toThrow();
  expect(() => checkAnnounced([], [other()])).toThrow(BadSetting);
  expect(() => checkAnnounced([ONE, ONE], [other(ONE)])).toThrow(/too few addresses \(1\)/u);
  expect(() => checkAnnounced([ONE, TWO], [other(ONE, THREE)])).toThrow(THREE);
});

test.each<[Partial<NodeSettings>, RegExp]>([
  [{ role: 'web', recordsUrl: undefined }, /--records/u],
  [{ role: 'p2p', p2pPort: 4001, blocksUrl: undefined }, /--blocks/u],
  [{ role: 'p2p' }, /--p2p-port/u],
  [{ role: 'p2p', p2pPort: 4001, p2pGateway: 'http://127.0.0.1:1' }, /--p2p-gateway/u],
  [{ role: 'web', p2pPort: 4001 }, /--role p2p/u],
])('a role that does not fit is refused: %j', (given, words) => {
  const shared = { blocksUrl: 's3://b', recordsUrl: 'postgres://h/d' };
  const settings = { ...DEFAULTS, dataFolder: '/data', ...shared };
  expect(() => checkRole({ ...settings, ...given })).toThrow(words);
  expect(() => checkRole({ ...settings, role: 'web' })).not.toThrow();
});
