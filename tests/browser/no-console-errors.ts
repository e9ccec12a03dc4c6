/**
 * What no test may see happen: an error on the console or thrown in a page, a violation of the
 * content security policy, a request that leaves for another origin. Found in pages, workers and
 * the service worker alike.
 */
import { expect, type BrowserContext } from '@playwright/test';

export class NoConsoleErrors {
  readonly #faults: string[] = [];
  /** The app asks its host whether it is a node; a host that is away is told by the browser itself. */
  readonly #allowed: RegExp[] = [
    /ERR_[A-Z_]+ \(\S+\/api\/v0\/ids\)/,
    // Before the first app runs, the browser is tried: it refuses these two, and says so.
    /Navigating to a javascript:-URL .*\/_frame\/app\//,
    /sandbox-test\.png/,
  ];
  readonly #ports = new Set<string>();

  /** Requests to this host of ours, whatever its subdomain, are expected. */
  own(origin: string): void {
    this.#ports.add(new URL(origin).port);
  }

  /** For a test that provokes a fault: what matches is expected and not reported. */
  allow(pattern: RegExp): void {
    this.#allowed.push(pattern);
  }

  async attach(context: BrowserContext): Promise<void> {
    context.on('console', (message) => {
      if (message.type() === 'error') {
        this.#note(`console: ${message.text()} (${message.location().url})`);
      }
    });
    context.on('weberror', (error) => {
      this.#note(`thrown: ${error.error().stack ?? error.error().message}`);
    });
    context.on('request', (request) => {
      const url = new URL(request.url());
      const isLocal = ['blob:', 'data:', 'about:', 'chrome-error:'].includes(url.protocol);
      if (!isLocal && !this.#isOwn(url)) this.#note(`request to another origin: ${url.href}`);
    });
    await context.addInitScript(() => {
      addEventListener('securitypolicyviolation', (event) => {
        console.error(`policy: ${event.effectiveDirective} stopped ${event.blockedURI}`);
      });
    });
  }

  #isOwn({ port, hostname }: URL): boolean {
    return this.#ports.has(port) && hostname.endsWith('localhost');
  }

  /** Fails the test that saw a fault. */
  check(): void {
    const faults = this.#faults.filter((fault) => !this.#allowed.some((it) => it.test(fault)));
    expect(faults, 'nothing went wrong unseen').toEqual([]);
  }

  #note(fault: string): void {
    this.#faults.push(fault);
  }
}
