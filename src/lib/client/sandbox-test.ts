/**
 * Tries, before the first app runs, whether this browser keeps apps in. There is no weaker sandbox
 * with a warning: what cannot be kept in is not run.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { framePath, parseReady, parseSandboxFaults } from '#lib/frames/index.ts';
import { ticketId } from '#lib/tickets/index.ts';

/** The whole test; a busy machine needs some of it. */
const TEST_MS = 20_000;

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

/** From this version on Chromium asks `Connection-Allowlist`, without which host names get out. */
const CHROMIUM_WITH_ALLOWLIST = 152;

/** The version of a browser made of Chromium; undefined for others. */
function chromiumVersion(): number | undefined {
  const { userAgentData } = navigator as { userAgentData?: UserAgentData };
  const found = userAgentData?.brands.find(({ brand }) => brand === 'Chromium');
  return found && Number(found.version);
}
interface UserAgentData {
  readonly brands: readonly { readonly brand: string; readonly version: string }[];
}

let passed: Promise<void> | undefined;

/** Resolves where apps are kept in; tried once for each page. @throws SandboxTooWeak, SandboxUntested */
export function requireSandbox(siteUrl: string): Promise<void> {
  passed ??= test(siteUrl);
  passed.catch(() => (passed = undefined));
  return passed;
}

async function test(siteUrl: string): Promise<void> {
  const version = chromiumVersion();
  if (version !== undefined && version < CHROMIUM_WITH_ALLOWLIST) {
    throw new SandboxTooWeak(['host names']);
  }
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
