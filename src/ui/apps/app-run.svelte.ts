/** A running app as its screen sees it: its frame, its question, what it says to developers. */
import type {
  AppAnswer,
  AppNote,
  AppQuestion,
  AppSession,
  AppToRun,
  AppUpdateFacts,
  EntryId,
} from '#lib/client/index.ts';
import type { AppState } from '../app/app-state.svelte.ts';

/** Lines of the developers' panel. */
const NOTES_KEPT = 200;

interface OpenQuestion {
  readonly question: AppQuestion;
  readonly answer: (answer: AppAnswer) => void;
}

export class AppRun {
  title = $state('');
  /** The address of the frame; another one makes it begin anew. */
  url = $state<string | undefined>(undefined);
  /** The frame has an origin of its own, and is without credentials. */
  hasOwnOrigin = $state(false);
  dirty = $state(false);
  failure = $state.raw<unknown>(undefined);
  notes = $state.raw<readonly AppNote[]>([]);
  /** A newer version of it that can be installed. */
  update = $state.raw<AppUpdateFacts | undefined>(undefined);
  question = $state.raw<OpenQuestion | undefined>(undefined);
  /** The browser shows no frames here. */
  isImpossible = $state(false);
  readonly #app: AppState;
  #session: AppSession | undefined;
  #isOver = false;

  constructor(app: AppState) {
    this.#app = app;
  }

  async start(what: AppToRun, opened: EntryId | undefined): Promise<void> {
    this.failure = undefined;
    this.#session?.close();
    this.update = undefined;
    const { client, appearance } = this.#app;
    try {
      const session = await client.openApp(what, opened, appearance.shown, {
        onStarted: (title) => (this.title = title),
        onDirty: (dirty) => (this.dirty = dirty),
        onNote: (note) => this.#note(note),
        onAddress: () => this.#show(),
        ask: (question) => this.#ask(question),
        onFailed: (error) => (this.failure = error),
      });
      if (this.#isOver) return session?.close();
      this.#session = session;
      this.#show();
      this.isImpossible = session === undefined;
      if (what.kind === 'installed') void this.#lookForUpdate(what.name);
    } catch (error) {
      this.failure = error;
    }
  }

  receive(event: MessageEvent, frame: Window | null): void {
    try {
      this.#session?.receive(event, frame);
    } catch {
      this.#note({ kind: 'error', text: 'The frame sent what no app’s frame begins with.' });
    }
  }

  setTheme(theme: 'light' | 'dark'): void {
    this.#session?.setTheme(theme);
  }

  reload(): void {
    this.#session?.reload();
  }

  stop(): void {
    this.#isOver = true;
    this.question?.answer({ kind: 'none' });
    this.#session?.close();
  }

  /** Dialogs come only after a click: an app may not surprise the user with them. */
  #ask(question: AppQuestion): Promise<AppAnswer> {
    const isSaving = question.kind === 'save-copy'; // the answer to what was typed, at any time
    if (!isSaving && !navigator.userActivation.isActive) {
      this.#note({ kind: 'refused', text: `${question.kind}: only after a click` });
      return Promise.resolve({ kind: 'none' });
    }
    this.question?.answer({ kind: 'none' });
    return new Promise((resolve) => {
      this.question = {
        question,
        answer: (answer) => {
          this.question = undefined;
          resolve(answer);
        },
      };
    });
  }

  /** What is not found now is found another day. */
  async #lookForUpdate(name: string): Promise<void> {
    const found = await this.#app.client.appUpdate(name).catch(() => undefined);
    if (!this.#isOver) this.update = found;
  }

  #show(): void {
    this.hasOwnOrigin = this.#session?.hasOwnOrigin === true;
    this.url = this.#session?.url;
  }

  #note(note: AppNote): void {
    this.notes = [...this.notes.slice(1 - NOTES_KEPT), note];
  }
}
