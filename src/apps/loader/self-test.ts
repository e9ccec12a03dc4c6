/**
 * Whether this browser keeps an app in: tried once, in a hidden frame of the kind that apps get, before
 * the first app runs. What fails here is a way out, so apps are refused then.
 */
import type { SandboxFault } from '#lib/frames/index.ts';
import { nativeParent } from './natives.ts';

const WAIT_MS = 4_000;

/** All faults that were found; empty where an app can be run. */
export async function sandboxFaults(hasOwnOrigin: boolean): Promise<SandboxFault[]> {
  const checks: readonly (readonly [SandboxFault, () => boolean | Promise<boolean>])[] = [
    ['origin', hasOwnOrigin ? isApart : () => self.origin === 'null'],
    ['frames', refusesFrameText],
    ['navigation', refusesScriptAddress],
    ['webrtc', () => !('RTCPeerConnection' in globalThis)],
    ['network', refusesOwnHost],
    ['workers', workerAnswers],
  ];
  // What is refused is what is wanted here, and no report of a fault.
  document.addEventListener('securitypolicyviolation', (event) => event.stopImmediatePropagation());
  const faults: SandboxFault[] = [];
  for (const [fault, holds] of checks) {
    const isSound = await Promise.resolve()
      .then(holds)
      .catch(() => false);
    if (!isSound) faults.push(fault);
  }
  return faults;
}

function isReadable(read: () => unknown): boolean {
  try {
    return read() !== null;
  } catch {
    return false;
  }
}

/** The page around it is of another origin, and there is nothing here of earlier runs, if anything can be kept. */
async function isApart(): Promise<boolean> {
  if (isReadable(() => nativeParent.document)) return false;
  const databases = await indexedDB.databases().catch(() => []);
  return databases.length === 0 && document.cookie === '';
}

/** A frame made of text would have fresh globals: no frame can be made, and markup meets the policy. */
function refusesFrameText(): boolean {
  const box = document.createElement('div');
  box.innerHTML = '<iframe srcdoc="<p>"></iframe><p srcdoc></p>';
  const made = [document.createElement('iframe'), ...box.querySelectorAll('*')];
  return made.every(
    (element) => !(element instanceof HTMLIFrameElement) && !element.hasAttribute('srcdoc'),
  );
}

/** A `javascript:` address whose value is a text would become a new document, and end this one. */
async function refusesScriptAddress(): Promise<boolean> {
  const before = document;
  try {
    location.href = 'javascript:"<p>"';
  } catch {
    return true;
  }
  await pause(200);
  return document === before;
}

function refusesOwnHost(): Promise<boolean> {
  const image = new Image();
  const refused = new Promise<boolean>((resolve) => {
    image.addEventListener('error', () => resolve(true));
    image.addEventListener('load', () => resolve(false));
  });
  image.src = new URL('sandbox-test.png', location.href).href;
  return Promise.race([refused, pause(WAIT_MS).then(() => false)]);
}

function workerAnswers(): Promise<boolean> {
  const script = new Blob(['postMessage(1)'], { type: 'text/javascript' });
  const url = URL.createObjectURL(script);
  const answered = new Promise<boolean>((resolve) => {
    const worker = new Worker(url);
    worker.addEventListener('message', () => {
      worker.terminate();
      resolve(true);
    });
    worker.addEventListener('error', () => resolve(false));
  });
  return Promise.race([answered, pause(WAIT_MS).then(() => false)]);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
