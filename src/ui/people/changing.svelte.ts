/** What a sheet shows while something is changed: that it is at it, what failed, and then what is. */
import { describeError, isAbort } from '../app/describe-error.ts';

export abstract class Changing {
  busy = $state(false);
  failure = $state<string>();

  /** Reads what is shown anew. */
  abstract read(): Promise<void>;

  /** Makes a change and reads again; false if it failed. */
  protected async run(act: () => Promise<unknown>): Promise<boolean> {
    this.busy = true;
    this.failure = undefined;
    try {
      await act();
      await this.read();
      return true;
    } catch (error) {
      if (!isAbort(error)) this.failure = describeError(error);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
