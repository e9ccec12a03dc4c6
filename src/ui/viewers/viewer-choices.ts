/** What a user chose once for every text, kept in this browser. */
import type { ViewerChoice } from '#lib/client/index.ts';
import { readPreference, writePreference } from '../app/preferences.ts';

const CHOICES: readonly ViewerChoice[] = ['wrap', 'autosave', 'side-by-side'];
const keyOf = (choice: ViewerChoice): string => `text-${choice}`;

export function viewerChoices(): Record<string, string> {
  const made = CHOICES.map((choice) => [choice, readPreference(keyOf(choice))] as const);
  return Object.fromEntries(
    made.flatMap(([choice, value]) => (value === undefined ? [] : [[choice, value]])),
  );
}

/** A viewer can say yes and no, and nothing else is kept of it. */
export function writeViewerChoice(choice: ViewerChoice, value: string): void {
  writePreference(keyOf(choice), value === 'yes' ? 'yes' : 'no');
}
