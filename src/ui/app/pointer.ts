/**
 * Whether anything here points finely. Where there are only fingers nothing is dragged, and nothing
 * is selected unless a finger selects it: the next tap would then not open, but select.
 */
export const HAS_FINE_POINTER = globalThis.matchMedia?.('(any-pointer: fine)').matches ?? true;
