/**
 * A Kubo of a test: a repository of its own, everything on this machine and nothing else, ended with
 * the test or the file that started it.
 */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { Cid } from '#lib/codec/index.ts';
import { KuboRpc } from '../../scripts/ipfs/kubo-rpc.ts';

/** The program; `npm run test:interop` says where it is. */
export const KUBO_PROGRAM = process.env['PYRGOS_KUBO'];

const START_MS = 60_000;

export interface KuboOptions {
  /** Whether it keeps a table of records, which publishing under a key needs. */
  readonly hasTable?: boolean;
  /** Whether pages reach it by WebRTC-direct. */
  readonly takesPages?: boolean;
}

export class Kubo {
  readonly #folder: string;
  readonly #process: ChildProcess;
  readonly rpc: KuboRpc;
  /** `http://127.0.0.1:PORT`. */
  readonly gateway: string;
  /** Where it listens for peers, each with its id. */
  readonly addresses: readonly string[];
  readonly nodeId: Cid;

  private constructor(folder: string, process: ChildProcess, ready: Ready) {
    this.#folder = folder;
    this.#process = process;
    ({ rpc: this.rpc, gateway: this.gateway, addresses: this.addresses } = ready);
    this.nodeId = Cid.parse(ready.id);
  }

  static async start(options: KuboOptions = {}): Promise<Kubo> {
    const folder = mkdtempSync(join(tmpdir(), 'pyrgos-kubo-repo-'));
    run(folder, 'init', '--empty-repo', '--profile=server,test');
    const path = join(folder, 'config');
    const config = JSON.parse(readFileSync(path, 'utf8')) as Settings;
    const gatewayPort = await freePort();
    for (const [name, value] of profileOf(options, gatewayPort)) {
      set(config, name.split('.'), value);
    }
    writeFileSync(path, JSON.stringify(config));
    const daemon = spawn(KUBO_PROGRAM ?? '', ['daemon'], {
      env: { ...process.env, IPFS_PATH: folder },
      stdio: ['ignore', 'ignore', 'ignore'],
    });
    try {
      return new Kubo(folder, daemon, await whenReady(folder, daemon));
    } catch (error) {
      daemon.kill('SIGKILL');
      throw error;
    }
  }

  /** Its command line, on its own repository; answers with what it printed. */
  command(...args: string[]): string {
    return run(this.#folder, ...args);
  }

  /** Gives the `/http` streams of its peers to a server of this machine. */
  async forwardHttp(port: number): Promise<void> {
    const target = `/ip4/127.0.0.1/tcp/${String(port)}`;
    this.command('p2p', 'listen', '--allow-custom-protocol', '/http', target);
  }

  async connect(address: string): Promise<void> {
    await this.rpc.call('swarm/connect', { arg: address });
  }

  async stop(): Promise<void> {
    const { exitCode, signalCode } = this.#process;
    if (exitCode === null && signalCode === null) {
      const ended = new Promise((resolve) => this.#process.once('exit', resolve));
      this.#process.kill('SIGKILL');
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

type Settings = Record<string, unknown>;

function profileOf(
  { hasTable = false, takesPages = false }: KuboOptions,
  gatewayPort: number,
): [string, unknown][] {
  const swarm = ['/ip4/127.0.0.1/tcp/0'];
  if (takesPages) swarm.push('/ip4/127.0.0.1/udp/0/webrtc-direct');
  return [
    ['Bootstrap', []],
    ['Discovery.MDNS.Enabled', false],
    ['Swarm.AddrFilters', []],
    ['Addresses.NoAnnounce', []],
    ['Addresses.Swarm', swarm],
    ['Addresses.API', '/ip4/127.0.0.1/tcp/0'],
    ['Addresses.Gateway', `/ip4/127.0.0.1/tcp/${String(gatewayPort)}`],
    ['AutoConf.Enabled', false],
    ['DNS.Resolvers', {}],
    ['Routing.DelegatedRouters', []],
    ['Ipns.DelegatedPublishers', []],
    ['Swarm.RelayClient.Enabled', false],
    ['Swarm.DisableNatPortMap', true],
    ['Swarm.Transports.Network.WebRTCDirect', takesPages],
    ['AutoTLS.Enabled', false],
    ['Provide.Enabled', false],
    ['Routing.Type', hasTable ? 'dhtserver' : 'none'],
    ['Experimental.Libp2pStreamMounting', true],
    ['Experimental.P2pHttpProxy', true],
    ['Gateway.NoFetch', true],
  ];
}

function set(settings: Settings, [name = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) settings[name] = value;
  else set((settings[name] ??= {}) as Settings, rest, value);
}

interface Ready {
  readonly rpc: KuboRpc;
  readonly gateway: string;
  readonly addresses: readonly string[];
  readonly id: string;
}

/** It writes down where it listens once it does. */
async function whenReady(folder: string, daemon: ChildProcess): Promise<Ready> {
  const [api, gateway] = ['api', 'gateway'].map((name) => join(folder, name)) as [string, string];
  const deadlineMs = Date.now() + START_MS;
  while (!existsSync(api) || !existsSync(gateway)) {
    if (daemon.exitCode !== null || Date.now() > deadlineMs) {
      throw new Error('Kubo did not start.');
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const [, port = ''] = /\/tcp\/(\d+)/u.exec(readFileSync(api, 'utf8')) ?? [];
  const rpc = new KuboRpc(`http://127.0.0.1:${port}`);
  const said = JSON.parse(await rpc.call('id', {})) as { ID: string; Addresses: string[] };
  return {
    rpc,
    gateway: readFileSync(gateway, 'utf8').trim(),
    addresses: said.Addresses,
    id: said.ID,
  };
}

/** Its settings are asked for the address of its gateway, so that has to be in them. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function run(folder: string, ...args: string[]): string {
  const done = spawnSync(KUBO_PROGRAM ?? '', args, {
    env: { ...process.env, IPFS_PATH: folder },
    encoding: 'utf8',
    timeout: START_MS,
  });
  if (done.status === 0) return done.stdout.trim();
  throw new Error(`ipfs ${args.join(' ')}: ${done.stderr}`);
}
