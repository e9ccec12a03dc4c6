import { describe, expect, it } from 'vitest';
import type { Entry } from '#lib/client/index.ts';
import { Selection } from './selection.svelte.ts';

const entry = (id: string): Entry => ({
  id,
  name: id,
  kind: 'file',
  mimeType: '',
  createdMs: undefined,
  hidden: false,
});

/** A folder whose list can change under the selection. */
function folder(...ids: string[]) {
  let shown = ids;
  const selection = new Selection(() => shown.map(entry));
  return {
    selection,
    show: (...next: string[]) => (shown = next),
    selected: () => [...selection.ids],
  };
}

describe('what is selected', () => {
  it('is only what is shown, and does not come back with what was hidden', () => {
    const { selection, show, selected } = folder('a', 'b', 'c');
    selection.all();
    show('b');
    expect(selected()).toEqual(['b']);
    expect(selection.size).toBe(1);
    selection.settle();
    show('a', 'b', 'c');
    expect(selected()).toEqual(['b']);
  });

  it('loses what is hidden when it grows', () => {
    const { selection, show, selected } = folder('a', 'b', 'c');
    selection.only('a');
    show('b', 'c');
    selection.toggle('b');
    show('a', 'b', 'c');
    expect(selected()).toEqual(['b']);
  });

  it('has no cursor on what is hidden', () => {
    const { selection, show } = folder('a', 'b', 'c');
    selection.only('a');
    expect(selection.cursorEntry?.id).toBe('a');
    show('b', 'c');
    expect(selection.cursorEntry).toBeUndefined();
    expect(selection.cursorAt).toBe(-1);
    selection.step(1, false);
    expect(selection.cursorEntry?.id).toBe('b');
  });

  it('runs over the order on screen', () => {
    const { selection, show, selected } = folder('a', 'b', 'c', 'd');
    selection.only('b');
    show('d', 'c', 'b', 'a');
    selection.range('d');
    expect(selected()).toEqual(['d', 'c', 'b']);
  });
});
