/** What running apps ask the user: each question waits for the page's answer to its id. */
import type { Random } from '#lib/bytes/index.ts';
import type { Host } from '#lib/apps/index.ts';
import { ticketId } from '#lib/tickets/index.ts';
import type { AppAnswer, AppEvent, AppQuestion } from '../../app-types.ts';

/** Open questions of all running apps. */
export class AppQuestions {
  readonly #random: Random;
  readonly #open = new Map<string, (answer: AppAnswer) => void>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** Asks; the end of the app is no answer. */
  ask(
    question: AppQuestion,
    tell: (event: AppEvent) => void,
    signal: AbortSignal,
  ): Promise<AppAnswer> {
    if (signal.aborted) return Promise.resolve({ kind: 'none' });
    const id = ticketId(this.#random);
    return new Promise((resolve) => {
      const answered = (answer: AppAnswer): void => {
        this.#open.delete(id);
        signal.removeEventListener('abort', ended);
        resolve(answer);
      };
      const ended = (): void => answered({ kind: 'none' });
      this.#open.set(id, answered);
      signal.addEventListener('abort', ended);
      tell({ kind: 'question', id, question });
    });
  }

  /** An id of a question that is over has no effect. */
  answer(id: string, answer: AppAnswer): void {
    this.#open.get(id)?.(answer);
  }
}

/**
 * The host of one app (C-9 §9.4): it asks the page, which shows a dialog only after a click in the
 * frame and answers 'none' otherwise.
 */
export function appHost(
  questions: AppQuestions,
  tell: (event: AppEvent) => void,
  signal: AbortSignal,
  changed: (path: readonly string[], names: readonly string[]) => void,
): Host {
  const ask = (question: AppQuestion): Promise<AppAnswer> => questions.ask(question, tell, signal);
  return {
    // Only the page knows; it cancels questions that come without a click.
    hadRecentClick: () => true,
    async askSaveName({ suggestedName, folder }) {
      const given = await ask({ kind: 'save-name', suggestedName, folder: [...folder] });
      return given.kind === 'name' ? { name: given.name, replace: given.replace } : undefined;
    },
    async pickFile({ extension, media, folder, writable }) {
      const given = await ask({
        kind: 'pick-file',
        media,
        writable,
        ...(extension === undefined ? {} : { extension }),
        ...(folder === undefined ? {} : { folder: [...folder] }),
      });
      return given.kind === 'path' ? { path: given.path } : undefined;
    },
    async pickFolders({ isMultiple }) {
      const given = await ask({ kind: 'pick-folders', isMultiple });
      return given.kind === 'paths' ? given.paths : undefined;
    },
    async print(page) {
      await ask({ kind: 'print', ...page });
    },
    async showProfile(username) {
      await ask({ kind: 'profile', username });
    },
    async installApp({ folder, appName }) {
      return (await ask({ kind: 'install', path: [...folder], appName })).kind === 'done';
    },
    async askSaveCopy({ path }) {
      return (await ask({ kind: 'save-copy', path: [...path] })).kind === 'done';
    },
    note: ({ method, path, status, reason }) =>
      tell({ kind: 'refused', request: `${method} ${path}`, status, reason }),
    changed,
  };
}
