/**
 * Tries, before the first app runs, whether this browser keeps apps in. There is no weaker sandbox
 * with a warning: what cannot be kept in is not run.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { framePath, parseReady, parseSandboxFaults } from '#lib/frames/index.ts';
import { ticketId } from '#lib/tickets/index.ts';
import { chromiumWithAllowlist } from './chromium.ts';

/** The whole test; a busy machine needs some of it. */
const TEST_MS = 20_000;
/** Without an answer apps run as they do elsewhere. */
const OWN_ORIGIN_TEST_MS = 8_000;

/** Apps cannot be run here: something could be sent out. */
export class SandboxTooWeak extends PyrgosError {
  override readonly name = 'SandboxTooWeak';
  override readonly kind = 'refused';
  readonly faults: readonly string[];
  /** `faults`: what does not hold, for a report. */
  constructor(faults: readonly string[]) {
    super(
      'This browser cannot keep an app from sending your data out, so apps are not run in it ' +
        `(${faults.join(', ')}). Chrome, Edge and Firefox of this year can.`,
    );
    this.faults = faults;
  }
}

/** The frame in which it is tried sent no answer. */
export class SandboxUntested extends PyrgosError {
  override readonly name = 'SandboxUntested';
  override readonly kind = 'refused';
  constructor() {
    super('It could not be found out whether this browser can run apps safely. Please try again.');
  }
}

let passed: Promise<void> | undefined;

/** Resolves where apps are kept in; tried once for each page. @throws SandboxTooWeak, SandboxUntested */
export function requireSandbox(siteUrl: string): Promise<void> {
  passed ??= test(siteUrl);
  passed.catch(() => (passed = undefined));
  return passed;
}

async function test(siteUrl: string): Promise<void> {
  if (chromiumWithAllowlist() === false) throw new SandboxTooWeak(['host names']);
  const faults = await faultsAt(siteUrl, 'null', TEST_MS);
  if (faults.length > 0) throw new SandboxTooWeak(faults);
}

/** Whether a frame with this origin of its own keeps an app in; false too where it sends no answer. */
export function isKeptIn(origin: string): Promise<boolean> {
  return faultsAt(`${origin}/`, origin, OWN_ORIGIN_TEST_MS).then(
    (faults) => faults.length === 0,
    () => false,
  );
}

/** Asks a hidden frame below `base`, whose messages come from `expected`. @throws SandboxUntested */
async function faultsAt(
  base: string,
  expected: string,
  withinMs: number,
): Promise<readonly string[]> {
  const nonce = ticketId((length) => crypto.getRandomValues(new Uint8Array(length)));
  const frame = document.createElement('iframe');
  frame.hidden = true;
  frame.title = '';
  const isOwn = expected !== 'null';
  if (isOwn) frame.setAttribute('credentialless', '');
  frame.src = new URL(framePath('app', nonce), base).href;
  const { port1, port2 } = new MessageChannel();
  const begin = ({ source, origin, data }: MessageEvent): void => {
    if (source === null || source !== frame.contentWindow || origin !== expected) return;
    if (parseReady(data).nonce !== nonce) return;
    const message = { type: 'test', answer: port2, hasOwnOrigin: isOwn };
    const targetOrigin = isOwn ? expected : '*';
    frame.contentWindow.postMessage(message, { targetOrigin, transfer: [port2] });
  };
  try {
    const answered = new Promise<unknown>((resolve, reject) => {
      port1.addEventListener('message', ({ data }) => resolve(data));
      setTimeout(() => reject(new SandboxUntested()), withinMs);
    });
    port1.start();
    addEventListener('message', begin);
    document.body.append(frame);
    return parseSandboxFaults(await answered);
  } finally {
    removeEventListener('message', begin);
    frame.remove();
    port1.close();
  }
}
