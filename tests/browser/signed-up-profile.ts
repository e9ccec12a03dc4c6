/**
 * A browser in which ANNA has signed up and stays signed in, for tests of what comes after that. It
 * is made once in each worker, by the screens, and copied for every test that begins there.
 */
import { rmSync } from 'node:fs';
import { signUp, ANNA } from './pages/account-page.ts';
import { Profile } from './profile.ts';
import { Site } from './site.ts';

export interface SignedUpProfile {
  /** The profile of a browser that was closed; to be copied. */
  readonly folder: string;
  /** What is stored belongs to the origin with this port. */
  readonly port: number;
}

export class SignedUpProfiles {
  #made: Promise<SignedUpProfile> | undefined;

  /** The profile of this worker; made by the first call. */
  get(): Promise<SignedUpProfile> {
    return (this.#made ??= make());
  }

  async remove(): Promise<void> {
    const made = await this.#made?.catch(() => undefined);
    if (made !== undefined) rmSync(made.folder, { recursive: true, force: true });
  }
}

async function make(): Promise<SignedUpProfile> {
  const site = await Site.open();
  const profile = new Profile();
  try {
    const page = await profile.page();
    await page.goto(site.root);
    await signUp(page, ANNA);
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });
    await profile.quit();
    return { folder: profile.folder, port: Number(new URL(site.origin).port) };
  } catch (error) {
    await profile.destroy();
    throw error;
  } finally {
    await site.stop();
  }
}
