/**
 * Messages between the tabs of one browser: which folder changed, and that somebody signed
 * out. Every tab has its own engine and session; the data they share lies in the embedded node.
 *
 * Messages come from the same origin and are parsed all the same: another version of the app may
 * run in the other tab.
 */
import { folderChange } from '../../protocol/entries.ts';
import { byKind, listOf, object, text, type Parsed } from '#lib/rpc/index.ts';

const message = byKind({
  'folder-changed': object({ account: text, ...folderChange }),
  'pending-changed': object({ account: text }),
  'signed-out': object({ account: text }),
  'accounts-changed': object({}),
  'who-uploads': object({ account: text }),
  uploading: object({ account: text, paths: listOf(text) }),
});
export type TabMessage = Parsed<typeof message>;

/** The part of a BroadcastChannel that is used. */
export interface TabChannel {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  close(): void;
}

export interface Tabs {
  tell(message: TabMessage): void;
  close(): void;
}

/** Joins the other tabs. Without a channel (none in this environment) there are no others. */
export function joinTabs(
  channel: TabChannel | undefined,
  onMessage: (message: TabMessage) => void,
): Tabs {
  channel?.addEventListener('message', (event: MessageEvent) => {
    let parsed: TabMessage;
    try {
      parsed = message(event.data, 'tab message');
    } catch {
      return; // another version's message: nothing to do with us
    }
    onMessage(parsed);
  });
  return {
    tell: (told) => channel?.postMessage(told),
    close: () => channel?.close(),
  };
}
