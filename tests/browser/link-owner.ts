/**
 * Somebody at a node with files and links to them, without a browser: what a page without an account
 * is to open comes from elsewhere.
 */
import { readFileSync } from 'node:fs';
import { signUp, TrustStore } from '#lib/account/index.ts';
import { startCrypto, systemRandom } from '#lib/crypto/index.ts';
import { createLocalChunkCipher } from '#lib/cryptree/index.ts';
import { bytesSource, Drive, type DriveDeps, type Handle } from '#lib/drive/index.ts';
import { createHttpNode } from '#lib/node-http/index.ts';
import {
  identitiesFrom,
  Links,
  shareRecords,
  type LinkTerms,
  type SocialDeps,
} from '#lib/social/index.ts';
import { createBlockCache, createPointerMemory } from '#lib/writers/index.ts';
import type { Person } from './pages/account-page.ts';

const BLOCK_CACHE_BYTES = 16 * 1024 * 1024;

/** A link, as it is given away. */
export interface GivenLink {
  /** From `secret/` on. */
  readonly address: string;
  /** What nobody but the visitor may learn. */
  readonly secret: string;
  /** Takes it back. */
  remove(): Promise<void>;
}

export class LinkOwner {
  readonly username: string;
  readonly #drive: Drive;
  readonly #links: Links;

  private constructor(username: string, drive: Drive, links: Links) {
    this.username = username;
    this.#drive = drive;
    this.#links = links;
  }

  /** Signs up at a node. */
  static async at(origin: string, { username, password }: Person): Promise<LinkOwner> {
    await startCrypto();
    const node = createHttpNode(origin);
    const clock = (): number => Date.now();
    const about = { node, clock, random: systemRandom, pointerMemory: createPointerMemory() };
    const session = await signUp(about, { username, password });
    const driveDeps: DriveDeps = {
      ...about,
      blockCache: createBlockCache(BLOCK_CACHE_BYTES),
      cipher: createLocalChunkCipher(systemRandom),
    };
    const drive = new Drive(driveDeps, session.home);
    const trust = new TrustStore(drive, node);
    const social: SocialDeps = {
      ...about,
      drive,
      driveDeps,
      person: session,
      ...identitiesFrom(trust),
    };
    drive.records = shareRecords(social);
    return new LinkOwner(username, drive, new Links(social));
  }

  /** Puts a file of this machine at a path below the home. */
  async put(path: readonly string[], file: string): Promise<void> {
    const source = bytesSource(readFileSync(file));
    await this.#drive.upload(await this.#drive.home(), [{ path, source }]);
  }

  /** A link to what lies at a path below the home. */
  async link(
    path: readonly string[],
    { isWritable = false, ...terms }: Partial<LinkTerms> & { isWritable?: boolean } = {},
  ): Promise<GivenLink> {
    const whole = [this.username, ...path];
    const link = await this.#links.create(whole, isWritable, terms);
    return {
      address: this.#links.addressOf(link),
      secret: link.linkPassword,
      remove: () => this.#links.remove(whole, [link.label]),
    };
  }

  /** What lies at a path below the home now. */
  async find(path: readonly string[]): Promise<Handle> {
    return this.#drive.resolve(path);
  }

  async remove(name: string): Promise<void> {
    const home = await this.#drive.home();
    const row = await this.#drive.find(home, name);
    if (row !== undefined) await this.#drive.remove(home, [row]);
  }
}
