/** For tests on fake-indexeddb: how many transactions each handle has at once. */

interface Watch {
  /** The most transactions a handle had at one time. */
  readonly mostOnOne: number;
  /** The most transactions all handles had at one time. */
  readonly mostAtOnce: number;
  stop(): void;
}

/** Counts what begins on any handle from now on. */
export function watchHandles(): Watch {
  const { transaction: begin } = IDBDatabase.prototype;
  const running = new Map<IDBDatabase, number>();
  let [mostOnOne, mostAtOnce, atOnce] = [0, 0, 0];
  IDBDatabase.prototype.transaction = function (...args: Parameters<typeof begin>) {
    const transaction = begin.apply(this, args);
    const change = (by: number): void => {
      running.set(this, (running.get(this) ?? 0) + by);
      atOnce += by;
      mostOnOne = Math.max(mostOnOne, running.get(this) ?? 0);
      mostAtOnce = Math.max(mostAtOnce, atOnce);
    };
    change(1);
    for (const end of ['complete', 'abort']) transaction.addEventListener(end, () => change(-1));
    return transaction;
  };
  return {
    get mostOnOne() {
      return mostOnOne;
    },
    get mostAtOnce() {
      return mostAtOnce;
    },
    stop: () => void (IDBDatabase.prototype.transaction = begin),
  };
}
