/** Where the menu of the files is open, if it is: one menu, however it was asked for. */
export class EntryMenuState {
  at = $state.raw<{ readonly x: number; readonly y: number } | undefined>(undefined);

  open(x: number, y: number): void {
    this.at = { x, y };
  }

  close(): void {
    this.at = undefined;
  }
}
