/** The authenticator app and the security key of a person in a test. */
import { createHmac } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Page } from '@playwright/test';

const HALF_MINUTE_MS = 30_000;

/** What an authenticator app shows for a secret in base 32 (RFC 6238), `steps` half minutes on. */
export function codeOf(secret: string, steps = 0): string {
  const bits = [...secret.replaceAll(/[^A-Z2-7]/g, '')]
    .map((letter) =>
      'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
    )
    .join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / HALF_MINUTE_MS) + steps));
  const hash = createHmac('sha1', key).update(counter).digest();
  const at = (hash.at(-1) ?? 0) & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/**
 * The code of the half minute before, while it is good for some seconds yet: a code opens once, so
 * who uses this one has the present one left.
 */
export async function previousCodeOf(secret: string): Promise<string> {
  const intoMs = Date.now() % HALF_MINUTE_MS;
  if (intoMs > HALF_MINUTE_MS / 2) await setTimeout(HALF_MINUTE_MS - intoMs);
  return codeOf(secret, -1);
}

/** A security key that is plugged in and touched whenever it is asked. */
export async function plugInKey(page: Page): Promise<{ touches(): Promise<number> }> {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'usb',
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    /** How often a key signed; its own counter. */
    async touches() {
      const { credentials } = await session.send('WebAuthn.getCredentials', { authenticatorId });
      return credentials.reduce((sum, { signCount }) => sum + signCount, 0);
    },
  };
}
