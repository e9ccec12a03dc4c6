import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readCommandLine, readSettings } from './read-settings.ts';
import type { NodeSettings } from './settings.ts';

function folder(config?: unknown): string {
  const path = mkdtempSync(join(tmpdir(), 'pyrgos-settings-'));
  onTestFinished(() => {
    rmSync(path, { recursive: true });
  });
  if (config !== undefined) writeFileSync(join(path, 'node.json'), JSON.stringify(config));
  return path;
}

function settings(
  args: readonly string[],
  environment: Record<string, string> = {},
  data = folder(),
): NodeSettings {
  return readSettings(readCommandLine([...args, '--data', data]), environment, undefined);
}

describe('settings', () => {
  test('name a domain for websites, which is a plain name', () => {
    const { gatewayDomain } = settings(['--gateway-domain', 'Sites.Example.org']);
    expect(gatewayDomain).toBe('sites.example.org');
    expect(settings([]).gatewayDomain).toBeUndefined();
    for (const text of ['https://a.org', 'a.org:8000', 'org', '127.0.0.1', 'a.org/x', '*.a.org']) {
      expect(() => settings(['--gateway-domain', text])).toThrow('is not a domain');
    }
  });

  test('come from the command line, then the environment, then the file, then the defaults', () => {
    const data = folder({ port: 1, quota: '1MB', 'sign-ups': 'closed', 'tls-only': true });
    const environment = { PYRGOS_PORT: '2', PYRGOS_QUOTA: '2 MB' };
    expect(settings(['--port', '3'], environment, data)).toMatchObject({
      port: 3,
      quotaBytes: 2_000_000,
      signUps: 'closed',
      isTlsOnly: true,
      host: '127.0.0.1',
    });
  });

  test('with several values are taken whole from the first place that has them', () => {
    const data = folder({ 'public-host': ['a.example', 'b.example:8000'] });
    const hosts = (args: string[], environment = {}) =>
      settings(args, environment, data).publicHosts;
    expect(hosts([])).toEqual(['a.example', 'b.example:8000']);
    const environment = { PYRGOS_PUBLIC_HOST: 'c.example, d.example' };
    expect(hosts([], environment)).toEqual(['c.example', 'd.example']);
    expect(hosts(['--public-host=E.example', '--public-host', '[::1]:1'], environment)).toEqual([
      'e.example',
      '[::1]:1',
    ]);
  });

  test('that are secret come from the environment or a file, never from the command line', () => {
    const file = join(folder(), 'token');
    writeFileSync(file, 'from the file\n');
    expect(settings(['--metrics-token-file', file]).metricsToken).toBe('from the file');
    expect(settings([], { PYRGOS_METRICS_TOKEN_FILE: file }).metricsToken).toBe('from the file');
    expect(settings([], { PYRGOS_METRICS_TOKEN: 'direct' }).metricsToken).toBe('direct');
    expect(settings([], {}, folder({ 'metrics-token-file': file })).metricsToken).toBe(
      'from the file',
    );
    expect(() => settings(['--metrics-token', 'x'])).toThrow('every program of this machine');
    expect(settings([], { PYRGOS_BASIC_AUTH: 'us:pass:word' }).basicAuth).toEqual({
      user: 'us',
      password: 'pass:word',
    });
  });
});

test('other nodes are spoken with as the options say, and not at all without them', () => {
  expect(settings([])).toMatchObject({ p2pPort: undefined, dht: 'off', guests: true, peers: [] });
  const address = `/dns4/drive.example.org/tcp/4001`;
  const bootstrap = `${address}/p2p/${OTHER}`;
  const args = ['--p2p-port', '4001', '--p2p-announce', address, '--dht', 'private'];
  const more = ['--dht-bootstrap', bootstrap, '--guests', 'no', '--peer', `${OTHER}=${bootstrap}`];
  const given = settings([...args, ...more, '--p2p-gateway-port', '0', '--p2p-private']);
  expect(given).toMatchObject({
    p2pPort: 4001,
    p2pHost: '0.0.0.0',
    p2pAnnounce: [address],
    p2pPrivate: true,
    p2pGatewayPort: 0,
    dht: 'private',
    dhtBootstrap: [bootstrap],
    guests: false,
    peers: [{ address: bootstrap }],
  });
  expect(settings([], { PYRGOS_P2P_GATEWAY: 'http://127.0.0.1:5001' }).p2pGateway).toBe(
    'http://127.0.0.1:5001',
  );
});

test('peers are told by every form of their ids', () => {
  const of = (id: string) => settings(['--peer', `${id}=https://x.y/`]).peers[0];
  expect(of(PEER)?.url).toBe('https://x.y');
  expect(of('QmVdFZgHnEgcedCS2G2ZNiEN59LuVrnRm7z3yXtEBv2XiF')?.nodeId.version).toBe(0);
  const [onThisMachine] = settings(['--peer', `${PEER}=http://localhost:8001`]).peers;
  expect(onThisMachine?.url).toBe('http://localhost:8001');
});

/** As the node of another make writes its id: the bare multihash in base58 (B-1 §3.3). */
const PEER = '12D3KooWEnCzE4uSeniFaCGXQuV1UnYkvqvbQJnYC363S2abgknr';

const OTHER = '12D3KooWFv6ZcoUKyaDBB7nR5SQg6HpmEbDXad48WyFSyEk7xrSR';

describe('a mistake is named, with what was meant', () => {
  const cases: [string, string[], Record<string, string>, unknown, RegExp][] = [
    [
      'unknown option',
      ['--sign-up', 'open'],
      {},
      undefined,
      /--sign-up\. Did you mean --sign-ups/u,
    ],
    [
      'unknown variable',
      [],
      { PYRGOS_SIGNUPS: 'open' },
      undefined,
      /Did you mean PYRGOS_SIGN_UPS/u,
    ],
    ['unknown key', [], {}, { quotas: 1 }, /"quotas" in .*node\.json\. Did you mean quota/u],
    ['missing value', ['--port'], {}, undefined, /--port needs a value/u],
    ['option for a value', ['--port', '--host', 'x'], {}, undefined, /--port needs a value/u],
    ['given twice', ['--port', '1', '--port', '2'], {}, undefined, /more than once/u],
    ['not a port', ['--port', '70000'], {}, undefined, /--port: "70000" is not a whole number/u],
    ['not a size', ['--quota', 'lots'], {}, undefined, /"lots" is not a size/u],
    ['not a time', ['--collect-every', '1y'], {}, undefined, /not a time/u],
    ['not a choice', ['--sign-ups', 'opne'], {}, undefined, /none of open, token, closed/u],
    ['URL as host', ['--public-host', 'https://x/'], {}, undefined, /is not a host/u],
    ['path in origin', ['--page-origin', 'https://x.y/z'], {}, undefined, /mean https:\/\/x\.y\?/u],
    ['no scheme', ['--page-origin', 'x.y'], {}, undefined, /is not an origin/u],
    ['other scheme', ['--blocks', 'file:///x'], {}, undefined, /begin with s3:\/\//u],
    ['list of objects', [], {}, { operator: [{}] }, /neither a text/u],
    ['a peer without its id', ['--peer', 'https://x.y'], {}, undefined, /NODEID=https:/u],
    ['a peer by no id', ['--peer', 'bob=https://x.y'], {}, undefined, /NODEID=https:/u],
    ['a peer in the clear', ['--peer', `${PEER}=http://x.y`], {}, undefined, /NODEID=https:/u],
    ['a peer below a path', ['--peer', `${PEER}=https://x.y/z`], {}, undefined, /NODEID=https:/u],
    ['a peer with a name', ['--peer', `${PEER}=https://u@x.y`], {}, undefined, /NODEID=https:/u],
    ['a peer at no address', ['--peer', `${PEER}=/ip4/x/tcp/1`], {}, undefined, /NODEID=https:/u],
    ['a peer by UDP', ['--peer', `${PEER}=/ip4/1.2.3.4/udp/1`], {}, undefined, /NODEID=https:/u],
    [
      'a peer that is another one',
      ['--peer', `${PEER}=/ip4/1.2.3.4/tcp/1/p2p/${OTHER}`],
      {},
      undefined,
      /NODEID=https:/u,
    ],
    ['a name to listen at', ['--p2p-host', 'localhost'], {}, undefined, /not an IP address/u],
    ['no address to tell', ['--p2p-announce', '1.2.3.4:4001'], {}, undefined, /not a multiaddr/u],
    ['nobody to begin with', ['--dht-bootstrap', '/ip4/1.2.3.4/tcp/1'], {}, undefined, /peer id/u],
    ['a gateway elsewhere', ['--p2p-gateway', 'http://10.0.0.1:1'], {}, undefined, /127\.0\.0\.1/u],
    ['too much work', ['--sign-up-work', '31'], {}, undefined, /whole number from 0 to 30/u],
    ['no password', [], { PYRGOS_BASIC_AUTH: 'us' }, undefined, /user:password/u],
  ];

  test.each(cases)('%s', (_, args, environment, config, message) => {
    expect(() => settings(args, environment, folder(config))).toThrow(message);
  });

  test('a password in an address is refused and not repeated', () => {
    for (const address of ['postgres://u:hidden@h/d', 'postgres://u@h/d?password=hidden']) {
      const start = () => settings(['--records', address]);
      expect(start).toThrow('PYRGOS_RECORDS_PASSWORD');
      expect(start).not.toThrow('hidden');
    }
    for (const address of ['postgres://u:hid/hidden@h/d', 'mysql://u:hid@hidden@h/d']) {
      const start = () => settings(['--records', address]);
      expect(start).toThrow('postgres://');
      expect(start).not.toThrow('hid');
    }
  });

  test('a configuration that is no JSON, or not there', () => {
    const data = folder();
    writeFileSync(join(data, 'node.json'), '{"basic-auth": hidden}');
    expect(() => settings([], {}, data)).toThrow(/node\.json is not JSON/u);
    expect(() => settings([], {}, data)).not.toThrow('hidden');
    expect(() => settings(['--config', join(data, 'none')])).toThrow(/none cannot be read/u);
    expect(() => readSettings(readCommandLine([]), {}, undefined)).toThrow('--data DIR');
  });
});
