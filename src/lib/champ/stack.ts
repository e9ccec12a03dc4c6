/**
 * Work that makes more work, a bounded number of tasks at a time, the last made first: so what is
 * known and not yet done stays as small as the paths through a tree.
 */

/** Answers the tasks that follow from it, in the order in which they are to be done. */
export type Task = () => Promise<Task[]>;

/**
 * Does the task and all that follow from it. Rejects with the first failure or the signal's reason,
 * once nothing is under way any more.
 */
export function runStack(first: Task, parallel: number, signal?: AbortSignal): Promise<void> {
  const stack = [first];
  let running = 0;
  let failure: { readonly reason: unknown } | undefined;
  return new Promise((resolve, reject) => {
    const goOn = (): void => {
      if (signal?.aborted === true) failure ??= { reason: signal.reason };
      while (failure === undefined && running < parallel) {
        const task = stack.pop();
        if (task === undefined) break;
        running++;
        task().then(done, failed).finally(goOn);
      }
      if (running > 0) return;
      if (failure === undefined) resolve();
      else reject(failure.reason as Error);
    };
    const done = (next: Task[]): void => {
      running--;
      for (let i = next.length - 1; i >= 0; i--) stack.push(next[i]!);
    };
    const failed = (reason: unknown): void => {
      running--;
      failure ??= { reason };
    };
    goOn();
  });
}
