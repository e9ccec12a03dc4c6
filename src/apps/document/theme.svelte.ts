/** Whether the program is light or dark, for what no style sheet can ask. */
import type { ThemeName } from '#lib/frames/index.ts';

export const theme = $state<{ name: ThemeName }>({ name: 'light' });

export function setTheme(name: ThemeName): void {
  theme.name = name;
  document.documentElement.dataset['theme'] = name;
}
