import type { AppState } from '../app/app-state.svelte.ts';
import { m } from '../text/messages.ts';

/** Asks the browser to keep the files, and says what it answered. */
export async function askPersistence(app: AppState): Promise<void> {
  await app.attempt(async () => {
    const granted = await app.client.askPersistence();
    app.storage = await app.client.storage();
    if (granted) app.toasts.done(m.persist_granted());
    else app.toasts.failed(m.persist_refused());
  });
}
