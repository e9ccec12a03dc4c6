import type { Route } from '#lib/client/index.ts';

declare global {
  namespace App {
    interface PageState {
      /** How many places of this visit lie behind this one: above 0, "back" stays in the app. */
      depth?: number;
      /** Where a guest is in what a link leads to: the address stays that of the link. */
      guestRoute?: Route;
    }
  }
}

export {};
