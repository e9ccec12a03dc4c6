/**
 * A person's browser: a Chromium with a profile on disk, which can be closed and started again in
 * the middle of a test and then still has everything the site stored.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  chromium,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from '@playwright/test';
import { ensureChromium } from '../../scripts/programs.ts';

export interface ProfileOptions {
  /** The profile of another browser, which is closed: this one begins as a copy of it. */
  readonly copyOf?: string;
  readonly context?: BrowserContextOptions;
  readonly args?: readonly string[];
  /** Called with every context before it is used. */
  readonly prepare?: (context: BrowserContext) => Promise<void>;
}

/** What every Chromium of ours is started with. */
const ARGUMENTS = [
  // Not even by mistake: names of other hosts do not resolve.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1',
  '--autoplay-policy=no-user-gesture-required',
  '--disable-background-networking',
  '--disable-component-update',
];

/** A click that finds nothing in this time will find nothing. */
const ACTION_TIMEOUT_MS = 20_000;

export class Profile {
  readonly #folder = mkdtempSync(join(tmpdir(), 'pyrgos-profile-'));
  readonly #options: ProfileOptions;
  #context: BrowserContext | undefined;

  constructor(options: ProfileOptions = {}) {
    this.#options = options;
    if (options.copyOf !== undefined) cpSync(options.copyOf, this.#folder, { recursive: true });
  }

  /** The running browser; started when it is not. */
  async context(): Promise<BrowserContext> {
    if (this.#context !== undefined) return this.#context;
    const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    this.#context = await chromium.launchPersistentContext(this.#folder, {
      executablePath: ensureChromium(),
      headless: true,
      acceptDownloads: true,
      args: [...ARGUMENTS, ...asRoot, ...(this.#options.args ?? [])],
      ...this.#options.context,
    });
    this.#context.setDefaultTimeout(ACTION_TIMEOUT_MS);
    await this.#options.prepare?.(this.#context);
    return this.#context;
  }

  /** Where the profile lies; Chromium writes `DevToolsActivePort` there when asked for a port. */
  get folder(): string {
    return this.#folder;
  }

  /** A tab: the first, empty one of the browser, or a new one. */
  async page(): Promise<Page> {
    const context = await this.context();
    const empty = context.pages().find((page) => page.url() === 'about:blank');
    return empty ?? context.newPage();
  }

  async quit(): Promise<void> {
    const context = this.#context;
    this.#context = undefined;
    await context?.close();
  }

  /** Closes the browser and starts it again; returns a tab. */
  async restart(): Promise<Page> {
    await this.quit();
    return this.page();
  }

  /** Closes the browser and forgets the profile. */
  async destroy(): Promise<void> {
    await this.quit();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
