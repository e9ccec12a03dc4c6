/** An abort is a wish, not a failure: it is passed on as it came and never wrapped or retried. */
export function isAbort(error: unknown, signal?: AbortSignal): boolean {
  return signal?.aborted === true || (error instanceof DOMException && error.name === 'AbortError');
}
