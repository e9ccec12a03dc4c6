/** What the operator is told of the registry of names, and of the node's addresses. */
import { expect, test } from 'vitest';
import { systemRandom } from '#lib/crypto/index.ts';
import { lieOnce } from '#lib/name-registry/testing.ts';
import { createHttpNode } from '#lib/node-http/index.ts';
import { isForkProved } from '#lib/protocol/index.ts';
import { parseMultiaddr } from '#lib/webrtc/index.ts';
import { openBesideNode } from '../../src/server/data/open-stores.ts';
import { main } from '../../src/server/main.ts';
import { DEFAULTS } from '../../src/server/settings/settings.ts';
import { startNode, temporaryFolder } from './temp-nodes.ts';

async function give(...args: string[]): Promise<{ code: number; said: string }> {
  const lines: string[] = [];
  const note = (line: string): void => void lines.push(line);
  const around = { environment: {}, siteFolder: undefined, say: note, complain: note };
  return { code: await main(args, around), said: lines.join('\n') };
}

test('the registry is said to be served, refused or to have lied, and users hear of it', async () => {
  const { dataFolder, url, registry } = await startNode({ registry: { at: 'self' } });
  const data = ['--data', dataFolder, '--registry', 'self'];
  const key = registry!.names.identity.toString();
  const { code, said } = await give('registry', ...data);
  expect({ code, lines: said.split('\n') }).toEqual({
    code: 0,
    lines: [
      `Key of the registry: ${key}`,
      expect.stringMatching(/^State 1 is served; it was taken \d{4}-\d\d-\d\dT/u),
      'It was never seen to sign two states of one number.',
    ],
  });
  expect((await give('registry', 'forks', ...data)).said).toBe('There are no proofs of forks.');

  const records = await openBesideNode({ ...DEFAULTS, dataFolder });
  await lieOnce({ records: records.records, random: systemRandom });
  await records.close();
  await registry!.names.noteRefusal('The registry shows state 3.');
  const status = await give('registry', 'status', 'json', ...data);
  expect(status.code).toBe(1);
  expect(JSON.parse(status.said)).toMatchObject({
    identity: key,
    sequence: 1,
    refused: { reason: 'The registry shows state 3.' },
    forks: 1,
  });
  expect((await give('registry', ...data)).said).toMatch(/is refused\. .*\nIt signed two states/u);
  const [fork] = JSON.parse((await give('registry', 'forks', 'json', ...data)).said) as unknown[];
  expect(fork).toMatchObject({ sequence: 1, isProved: true });
  expect((await give('registry', 'forks', ...data)).said).toMatch(
    /^State 1 was signed twice by z\w+:\n {2}z\w+\n {2}z\w+$/u,
  );

  const end = new AbortController();
  const told = await createHttpNode(url, { signal: end.signal }).admin.report!();
  end.abort();
  expect(told).toMatchObject({
    addresses: [],
    registry: { sequence: 1, refused: 'The registry shows state 3.' },
  });
  expect(await Promise.all(told!.registry!.forks.map(isForkProved))).toEqual([true]);
  await registry!.names.noteRefusal(undefined);
  expect((await give('registry', ...data)).code).toBe(0);
});

test('commands about the registry need one', async () => {
  const { dataFolder } = await startNode();
  const data = ['--data', dataFolder];
  expect((await give('registry', ...data)).said).toMatch(/keeps no registry/u);
  expect((await give('registry', 'burn', ...data, '--registry', 'self')).said).toMatch(
    /not known/u,
  );
});

test('addresses are said as links with a code, also for an invitation', async () => {
  const data = ['--data', temporaryFolder(), '--webrtc-port', '4001'];
  const named = ['--webrtc-address', '192.0.2.7', '--page-origin', 'https://app.example'];
  const { code, said } = await give('address', ...data, ...named);
  expect(code).toBe(0);
  const [link = '', ...rest] = said.split('\n');
  expect(link.startsWith('https://app.example/#node=/ip4/192.0.2.7/udp/4001/')).toBe(true);
  expect(parseMultiaddr(link.split('#node=')[1] ?? '')).toMatchObject({ port: 4001 });
  // A code of that many characters has about fifty rows, two in a line.
  expect(rest.length).toBeGreaterThan(20);
  expect((await give('address', ...data, ...named)).said.split('\n')[0]).toBe(link);
  const site = 'https://app.example/ipfs/site/';
  expect((await give('address', site, ...data, ...named)).said).toContain(`${site}#node=/ip4/`);
  expect((await give('address', 'ftp://x', ...data)).said).toMatch(/is not the URL/u);
  const invitation = (await give('tokens', 'add', ...data, ...named)).said.split('\n').at(-1);
  expect(invitation).toMatch(/^https:\/\/app\.example\/#node=\/ip4\/[^&]+&token=[0-9a-f]{64}$/u);
  expect((await give('address', '--data', temporaryFolder())).said).toMatch(/--webrtc-port/u);
});
