import type { OpenGuest } from '../guest/open-guest.ts';
import type { OpenSession } from '../session/open-session.ts';

/** Where calls about files go: the account that is signed in, or the link that is open. */
export type OpenFiles = () => OpenSession | OpenGuest;
