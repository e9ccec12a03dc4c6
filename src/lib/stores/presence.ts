/** Live instances, known by Web Locks: an instance holds a lock until it ends, however it ends. */
import { toHex } from '#lib/bytes/index.ts';
import type { Random } from '#lib/bytes/index.ts';
import type { Presence } from './segment-files.ts';

const ID_BYTES = 8;

/** The part of `navigator.locks` that is used. */
export type Locks = Pick<LockManager, 'request'>;

/** Makes this instance of the store `name` known to all others. */
export async function createPresence(
  name: string,
  locks: Locks,
  random: Random,
): Promise<Presence> {
  const id = toHex(random(ID_BYTES));
  const lockOf = (instance: string): string => `${name}/instance/${instance}`;
  const life = Promise.withResolvers<undefined>();
  await new Promise<void>((resolve, reject) => {
    const live = (): Promise<undefined> => {
      resolve();
      return life.promise;
    };
    locks.request(lockOf(id), live).catch(reject);
  });
  return {
    id,
    async ifGone(instance, work) {
      await locks.request(lockOf(instance), { ifAvailable: true }, async (lock) => {
        if (lock !== null) await work();
      });
    },
    end: () => life.resolve(undefined),
  };
}
