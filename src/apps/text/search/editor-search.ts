/** Finding and replacing in the editor, with a panel in the look of the house. */
import { search } from '@codemirror/search';
import type { Extension } from '@codemirror/state';
import type { EditorView, Panel, ViewUpdate } from '@codemirror/view';
import { mount, unmount } from 'svelte';
import { SearchState } from './search-state.svelte.ts';
import SearchPanel from './SearchPanel.svelte';

export function editorSearch(): Extension {
  return search({ top: true, createPanel });
}

function createPanel(view: EditorView): Panel {
  const dom = document.createElement('div');
  const state = new SearchState(view);
  const panel = mount(SearchPanel, { target: dom, props: { search: state } });
  return {
    dom,
    top: true,
    mount() {
      // The first one; its mark for the editor is put on a moment later.
      const field = dom.querySelector('input');
      field?.focus();
      field?.select();
    },
    update: (update: ViewUpdate) => state.updated(update),
    destroy: () => void unmount(panel),
  };
}
