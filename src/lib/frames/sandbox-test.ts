/** Whether a browser keeps apps in: the page asks a frame of the kind that apps get. */
import { byTag, flag, listOf, object, oneOf, port, type Parser } from '#lib/rpc/index.ts';

/** What of the sandbox does not hold. */
export const SANDBOX_FAULTS = [
  'origin',
  'frames',
  'navigation',
  'webrtc',
  'network',
  'workers',
] as const;
export type SandboxFault = (typeof SANDBOX_FAULTS)[number];

/** Page → frame, in place of the start of an app: the answer goes to the port. */
export interface SandboxTestStart {
  readonly type: 'test';
  readonly answer: MessagePort;
  /** The frame has an origin of its own, and not an opaque one. */
  readonly hasOwnOrigin?: boolean;
}
const testStart: Parser<SandboxTestStart> = byTag('type', {
  test: object({ answer: port }, { hasOwnOrigin: flag }),
});

/** Whether a frame's first message asks for the test. Throws MalformedMessage for half a one. */
export function sandboxTestStart(data: unknown): SandboxTestStart | undefined {
  const isTest =
    typeof data === 'object' && data !== null && 'type' in data && data.type === 'test';
  return isTest ? testStart(data, 'first message of a test') : undefined;
}

/** What the frame answers. Throws MalformedMessage. */
export function parseSandboxFaults(data: unknown): readonly SandboxFault[] {
  return listOf(oneOf(...SANDBOX_FAULTS))(data, 'answer of a test');
}
