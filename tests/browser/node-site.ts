/**
 * The built site served by our own node, as a household runs it: one address for the app and the
 * accounts, which can go away and come back with everything it acknowledged.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '../../src/server/observe/log.ts';
import { startServer, type RunningNode, type StartOptions } from '../../src/server/index.ts';
import { SITE_FOLDER } from './site.ts';

export type NodeOptions = Partial<
  Pick<
    StartOptions,
    | 'signUps'
    | 'pageOrigins'
    | 'appOrigins'
    | 'gatewayDomain'
    | 'publicHosts'
    | 'quotaBytes'
    | 'webrtcPort'
    | 'webrtcHost'
    | 'p2pPort'
    | 'p2pHost'
    | 'p2pPrivate'
    | 'registry'
  >
>;

/** Made by `setup.ts`, so that no node has to compress the site. */
const NODE_SITE_FOLDER = process.env['PYRGOS_NODE_SITE'] ?? SITE_FOLDER;

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'pyrgos-node-'));

export class NodeSite {
  #options: StartOptions;
  #node: RunningNode;
  readonly #port: number;
  #isUp = true;

  private constructor(options: StartOptions, node: RunningNode) {
    this.#options = options;
    this.#node = node;
    this.#port = node.port;
  }

  /** At a free port of this machine; everybody may sign up. */
  static async open(options: NodeOptions = {}): Promise<NodeSite> {
    const all: StartOptions = {
      dataFolder: newFolder(),
      siteFolder: NODE_SITE_FOLDER,
      port: 0,
      signUps: 'open',
      collectEveryMs: 0,
      stopWithinMs: 500,
      log: createLog('error'),
      ...options,
    };
    return new NodeSite(all, await startServer(all));
  }

  get origin(): string {
    return `http://localhost:${String(this.#port)}`;
  }

  /** As screens name it. */
  get host(): string {
    return `localhost:${String(this.#port)}`;
  }

  /** Ends in `/`. */
  get root(): string {
    return `${this.origin}/`;
  }

  /** Where its data is. */
  get dataFolder(): string {
    return this.#options.dataFolder;
  }

  /** The node behind the address. */
  get running(): RunningNode {
    return this.#node;
  }

  async stop(): Promise<void> {
    this.#isUp = false;
    await this.#node.close();
  }

  /** At the same address with the same data, as after a power failure or an update. */
  async restart(options: NodeOptions = {}): Promise<void> {
    if (this.#isUp) await this.stop();
    this.#node = await startServer({ ...this.#options, ...options, port: this.#port });
    this.#isUp = true;
  }

  /** Another node takes the address, with nothing of the first, as after a break-in. */
  async replace(): Promise<void> {
    if (this.#isUp) await this.stop();
    this.#forget();
    this.#options = { ...this.#options, dataFolder: newFolder() };
    await this.restart();
  }

  /** Stops it and forgets everything. */
  async destroy(): Promise<void> {
    if (this.#isUp) await this.stop();
    this.#forget();
  }

  #forget(): void {
    rmSync(this.#options.dataFolder, { recursive: true, force: true });
  }
}
