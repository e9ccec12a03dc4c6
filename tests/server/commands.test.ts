/** The operator's commands, as given on the command line, beside a running node. */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { main } from '../../src/server/main.ts';
import { put, read, signInAt, signUpAt } from './client.ts';
import { startNode, temporaryFolder } from './temp-nodes.ts';

/** One command; its exit code and everything it said. */
async function give(...args: string[]): Promise<{ code: number; said: string }> {
  const lines: string[] = [];
  const note = (line: string): void => void lines.push(line);
  const around = { environment: {}, siteFolder: undefined, say: note, complain: note };
  const code = await main(args, around);
  return { code, said: lines.join('\n') };
}

test('invitations are made, listed, used and withdrawn', async () => {
  const node = await startNode({ signUps: 'token' });
  const data = ['--data', node.dataFolder];
  const { said: link } = await give('tokens', 'add', '5GiB', ...data);
  expect(link).toMatch(/^http:\/\/localhost:\d+\/#signup=true&token=[0-9a-f]{64}$/u);
  expect(new URL(link).origin).toBe(node.url);
  await signUpAt(node.url, 'alice', link.split('token=')[1]);
  expect((await give('quota', 'alice', ...data)).said).toMatch(/of 5 GiB\.$/u);
  await give('tokens', 'add', ...data);
  const { said: listed } = await give('tokens', 'list', ...data);
  // The other one is the link of the first start.
  const [id = ''] =
    listed
      .split('\n')
      .find((line) => !line.includes('operator'))
      ?.split(' ') ?? [];
  expect((await give('tokens', 'remove', id, ...data)).code).toBe(0);
  expect((await give('tokens', ...data)).said).not.toContain(id);
});

test('quotas count at once, and a full account can delete', async () => {
  const node = await startNode();
  const data = ['--data', node.dataFolder];
  const alice = await signUpAt(node.url, 'alice');
  await put(alice, 'file', new Uint8Array(3_000_000).fill(1));
  expect((await give('quota', 'alice', '1MB', ...data)).code).toBe(0);
  const content = new Uint8Array(3_000_000).fill(2);
  await expect(put(alice, 'more', content)).rejects.toHaveProperty('name', 'QuotaExceeded');
  expect((await give('users', ...data)).said).toMatch(
    /^alice +[\d.]+ MiB of 976\.6 KiB(?:, beside .+)?$/u,
  );
  await give('quota', 'alice', '1GiB', ...data);
  await put(alice, 'more', content);
  expect((await give('collect', ...data)).code).toBe(0);
  expect(await read(await signInAt(node.url, 'alice'), 'more')).toEqual(content);
});

test('messages reach the user; requests of nobody can be listed', async () => {
  const node = await startNode();
  const data = ['--data', node.dataFolder];
  await signUpAt(node.url, 'alice');
  expect((await give('messages', 'send', 'alice', 'hello', 'there', ...data)).said).toBe(
    'Sent as #1.',
  );
  expect((await give('messages', ...data)).said).toMatch(/^#1 .* to alice\n {4}hello there$/u);
  expect((await give('messages', 'send', 'nobody', 'x', ...data)).code).toBe(1);
  expect((await give('requests', ...data)).said).toBe('Nobody asks for more space.');
  expect((await give('requests', 'approve', 'alice', ...data)).said).toMatch(/has not asked/u);
});

test('backup and restore', async () => {
  const node = await startNode();
  await put(await signUpAt(node.url, 'alice'), 'file', new Uint8Array(10).fill(3));
  const folder = temporaryFolder();
  const file = join(folder, 'b.tar');
  expect((await give('backup', file, '--data', node.dataFolder)).said).toMatch(
    /all records are in/u,
  );
  const restored = join(folder, 'restored');
  expect((await give('restore', file, '--data', restored)).code).toBe(0);
  expect((await give('restore', file, '--data', restored)).said).toMatch(/is not empty/u);
  expect((await give('backup', file, '--data', node.dataFolder)).said).toMatch(/is there already/u);
});

test('what is mistyped is named', async () => {
  expect((await give('tokns', '--data', 'x')).said).toBe(
    'There is no command tokns. Did you mean tokens?',
  );
  expect((await give('quota', '--data', temporaryFolder())).said).toMatch(/^Say whose/u);
  expect((await give('users', '--data', '/nowhere/at/all')).said).toMatch(/There is no folder/u);
  expect((await give('--help')).said).toContain('--public-host');
  expect((await give('--version')).said).toMatch(/^\d+\.\d+\.\d+$/u);
});

describe('check', () => {
  const check = (...args: string[]) => give('--check', ...args);

  test('says what websites need, and refuses a domain that has the node in it', async () => {
    const told = (...args: string[]) => check('--data', temporaryFolder(), '--port', '0', ...args);
    const missing = await told('--gateway-domain', 'sites.invalid');
    expect(missing.said).toMatch(/note +alice\.sites\.invalid is not known/u);
    const apps = await told('--app-origins', 'apps.invalid');
    expect(apps.said).toMatch(/note +b\w{55}\.apps\.invalid is not known .* \*\.apps\.invalid/u);
    const own = await told('--public-host', 'a.b.invalid', '--gateway-domain', 'b.invalid');
    expect(own).toMatchObject({ code: 1 });
    expect(own.said).toMatch(/wrong +Websites cannot be served under b\.invalid/u);
  });

  test('is content with a fresh folder, and with a node that runs', async () => {
    const data = join(temporaryFolder(), 'new');
    const fresh = await check('--data', data, '--port', '0');
    expect(fresh.said).toMatch(/The node can run\.$/u);
    expect(fresh.code).toBe(0);
    const node = await startNode();
    const running = await check('--data', node.dataFolder);
    expect(running.said).toContain(`A node is running on this folder already, at ${node.url}.`);
    expect(running.code).toBe(0);
  });

  test('names a port in use', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const { code, said } = await check('--data', temporaryFolder(), '--port', String(port));
    expect(said).toContain(
      `wrong  Port ${String(port)} at 127.0.0.1 is in use by another program.`,
    );
    expect(code).toBe(1);
  });

  test('names what is missing on the way to other nodes', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void other.close());
    const taken = String((other.address() as AddressInfo).port);
    const told = (...args: string[]) => check('--data', temporaryFolder(), '--port', '0', ...args);
    const busy = await told('--p2p-port', taken, '--p2p-host', '127.0.0.1');
    expect(busy.said).toMatch(/wrong +Port \d+ at 127\.0\.0\.1 cannot be had for other nodes/u);
    expect(busy.code).toBe(1);
    const alone = await told('--dht', 'public');
    expect(alone.said).toMatch(/note .* without --p2p-port/u);
    const open = await told('--p2p-port', '0', '--dht', 'public', '--public-host', 'a.invalid');
    expect(open.said).toMatch(/note .*--p2p-announce/u);
    expect(open.said).toMatch(/note .*--dht-bootstrap/u);
  });

  test('names an address that is not of this machine, and one that nobody could use', async () => {
    const foreign = await check(
      '--data',
      temporaryFolder(),
      '--host',
      '203.0.113.9',
      '--port',
      '0',
    );
    expect(foreign.said).toContain('203.0.113.9 is no address of this machine');
    const all = await check('--data', temporaryFolder(), '--host', '0.0.0.0', '--port', '0');
    expect(all.said).toContain('say with --public-host');
    expect([foreign.code, all.code]).toEqual([1, 1]);
  });

  test('names a folder that cannot be written, or is none', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect((await check('--data', file, '--port', '0')).said).toMatch(/wrong +The data folder/u);
    expect((await check('--data', join(file, 'below'), '--port', '0')).code).toBe(1);
    if (process.getuid?.() === 0) return; // to root nothing is forbidden
    const locked = join(folder, 'locked');
    mkdirSync(locked);
    chmodSync(locked, 0o500);
    expect((await check('--data', locked, '--port', '0')).said).toContain(
      'may not be read or written',
    );
  });

  test('names damaged records', async () => {
    const data = temporaryFolder();
    writeFileSync(join(data, 'records.sqlite'), 'no database '.repeat(100));
    const { code, said } = await check('--data', data, '--port', '0');
    expect(said).toMatch(/wrong +The stores cannot be used\. .*is not a database/u);
    expect(code).toBe(1);
  });

  test('names a site that is not built, and a proxy that is no address', async () => {
    const data = temporaryFolder();
    const site = await check('--data', data, '--port', '0', '--site', temporaryFolder());
    expect(site.said).toMatch(/wrong .* is not a built site.*npm run build/u);
    const proxy = await check('--data', data, '--port', '0', '--trust-proxy', 'caddy');
    expect(proxy.said).toMatch(/wrong +--trust-proxy: "caddy" is no address/u);
    expect([site.code, proxy.code]).toEqual([1, 1]);
  });

  test('names stores elsewhere that cannot be reached, without their secrets', async () => {
    const data = temporaryFolder();
    const records = await check(
      '--data',
      data,
      '--port',
      '0',
      '--records',
      'postgres://u@127.0.0.1:1/d',
    );
    expect(records.said).toMatch(/wrong +The stores cannot be used\./u);
    const bare = await check(
      '--data',
      data,
      '--port',
      '0',
      '--blocks',
      's3://b?endpoint=http://127.0.0.1:1',
    );
    expect(bare.said).toContain('PYRGOS_S3_ACCESS_KEY');
    const odd = await check('--data', data, '--port', '0', '--blocks', 's3://b?endpiont=http://x');
    expect(odd.said).toContain('Did you mean endpoint?');
    expect([records.code, bare.code, odd.code]).toEqual([1, 1, 1]);
  }, 60_000);

  test('warns of what is likely not meant', async () => {
    const data = temporaryFolder();
    const { code, said } = await check(
      ...['--data', data, '--port', '0', '--public-host', 'drive.invalid', '--sign-ups', 'open'],
    );
    expect(said).toContain('not known to this machine');
    expect(said).toContain('only over https');
    expect(said).toContain('--trust-proxy 127.0.0.1');
    expect(said).toContain('--max-users');
    expect(code).toBe(0);
  });
});
