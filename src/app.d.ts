declare global {
  namespace App {
    interface PageState {
      /** How many places of this visit lie behind this one: above 0, "back" stays in the app. */
      depth?: number;
    }
  }
}

export {};
