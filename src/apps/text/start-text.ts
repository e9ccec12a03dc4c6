/** Begins a viewer of texts: theme, keys and commands of the page, then the screen. */
import { mount } from 'svelte';
import type { ThemeName } from '#lib/frames/index.ts';
import type { ViewerFrame } from '../shared/viewer-frame.ts';
import '../../app.css';
import './text.css';
import { TextScreen, type Showing } from './text-screen.svelte.ts';
import TextApp from './TextApp.svelte';

export async function startText(frame: ViewerFrame, showing?: Showing): Promise<void> {
  const screen = new TextScreen(frame, showing);
  const { document: text } = screen;
  setTheme(frame.theme);
  frame.serve({
    theme: async (_context, name) => setTheme(name),
    async command(_context, name) {
      if (name === 'save') await text.save();
      else if (name === 'discard') await text.discard();
      else if (name === 'keep') await text.keepDraft();
    },
    focus: async () => screen.focus(),
  });
  await screen.open();
  mount(TextApp, { target: document.body, props: { screen } });
}

function setTheme(name: ThemeName): void {
  document.documentElement.dataset['theme'] = name;
}
