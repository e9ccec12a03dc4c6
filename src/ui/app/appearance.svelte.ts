/** Light, dark, or as the system says. */
import { MediaQuery } from 'svelte/reactivity';
import { readChoice, writePreference } from './preferences.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export class Appearance {
  #theme = $state<Theme>('system');

  readonly #dark = new MediaQuery('(prefers-color-scheme: dark)');
  /** What is on the screen. */
  readonly shown = $derived(
    this.#theme === 'system' ? this.#byName(this.#dark.current) : this.#theme,
  );

  start(): void {
    this.#theme = readChoice('theme', THEMES, 'system');
    this.#apply();
  }

  get theme(): Theme {
    return this.#theme;
  }

  set theme(theme: Theme) {
    this.#theme = theme;
    writePreference('theme', theme);
    this.#apply();
  }

  #byName(isDark: boolean): 'light' | 'dark' {
    return isDark ? 'dark' : 'light';
  }

  #apply(): void {
    const root = document.documentElement;
    if (this.#theme === 'system') delete root.dataset['theme'];
    else root.dataset['theme'] = this.#theme;
  }
}
