import type { EngineCaller } from './engine-caller.ts';
import type { Asking, SecondFactorQuestion } from '../types.ts';

/** Asks the user for an operation's second factor and returns the answer; without one it is cancelled. */
export function answering(engine: EngineCaller, { prove, signal }: Asking = {}) {
  const stop = new AbortController();
  const answer = async (question: SecondFactorQuestion): Promise<void> => {
    if (prove === undefined) throw new DOMException('Nobody can be asked.', 'AbortError');
    const proof = await prove(question);
    await engine().call('answerQuestion', [question.id, proof]);
  };
  return {
    signal: signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]),
    ask: (question: SecondFactorQuestion): void =>
      void answer(question).catch((reason: unknown) => stop.abort(reason)),
  };
}
