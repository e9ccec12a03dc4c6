/**
 * Tries, before the first app runs, whether this browser keeps apps in. There is no weaker sandbox
 * with a warning: what cannot be kept in is not run.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { framePath, parseReady, parseSandboxFaults, type SandboxFault } from '#lib/frames/index.ts';
import { ticketId } from '#lib/tickets/index.ts';

/** The whole test; a busy machine needs some of it. */
const TEST_MS = 20_000;

/** Apps cannot be run here: something could be sent out. */
export class SandboxTooWeak extends PyrgosError {
  override readonly name = 'SandboxTooWeak';
  override readonly kind = 'refused';
  readonly faults: readonly SandboxFault[];
  constructor(faults: readonly SandboxFault[]) {
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
  const nonce = ticketId((length) => crypto.getRandomValues(new Uint8Array(length)));
  const frame = document.createElement('iframe');
  frame.hidden = true;
  frame.title = '';
  frame.src = new URL(framePath('app', nonce), siteUrl).href;
  const { port1, port2 } = new MessageChannel();
  const begin = ({ source, origin, data }: MessageEvent): void => {
    if (source === null || source !== frame.contentWindow || origin !== 'null') return;
    if (parseReady(data).nonce !== nonce) return;
    const message = { type: 'test', answer: port2 };
    frame.contentWindow.postMessage(message, { targetOrigin: '*', transfer: [port2] });
  };
  try {
    const answered = new Promise<unknown>((resolve, reject) => {
      port1.addEventListener('message', ({ data }) => resolve(data));
      setTimeout(() => reject(new SandboxUntested()), TEST_MS);
    });
    port1.start();
    addEventListener('message', begin);
    document.body.append(frame);
    const faults = parseSandboxFaults(await answered);
    if (faults.length > 0) throw new SandboxTooWeak(faults);
  } finally {
    removeEventListener('message', begin);
    frame.remove();
    port1.close();
  }
}
