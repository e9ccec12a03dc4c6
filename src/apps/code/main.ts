/** The editor of texts. */
import { languages } from '@codemirror/language-data';
import { LanguageDescription } from '@codemirror/language';
import { Compartment, EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { basicSetup } from 'codemirror';
import { READ_LIMIT_BYTES } from '#lib/frames/index.ts';
import type { ViewerFrame } from '../shared/viewer-frame.ts';

/** Called by the document's first script. */
export async function start({ file, page, serve }: ViewerFrame): Promise<void> {
  const { name, sizeBytes, writable } = await file.call('open', []);
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at < sizeBytes; at += READ_LIMIT_BYTES) {
    const piece = await file.call('read', [at, Math.min(sizeBytes, at + READ_LIMIT_BYTES)]);
    pieces.push(piece as Uint8Array<ArrayBuffer>);
  }
  const text = await new Blob(pieces).text();
  const language = new Compartment();
  const view = new EditorView({
    parent: document.body,
    state: EditorState.create({
      doc: text,
      extensions: [
        basicSetup,
        language.of([]),
        EditorState.readOnly.of(!writable),
        EditorView.updateListener.of(({ docChanged }) => {
          if (docChanged) void page.call('state', [{ dirty: true }]);
        }),
      ],
    }),
  });
  serve({
    theme: async () => undefined,
    async command(_context, command) {
      if (command !== 'save') return;
      await file.call('save', [new TextEncoder().encode(view.state.doc.toString())]);
      await page.call('state', [{ dirty: false }]);
    },
    focus: async () => view.focus(),
  });
  const known = LanguageDescription.matchFilename(languages, name);
  const loaded = await known?.load();
  if (loaded !== undefined) view.dispatch({ effects: language.reconfigure(loaded) });
}
