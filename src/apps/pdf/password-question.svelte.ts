/** A file that is encrypted asks for its password, again while the answer is wrong. */
export class PasswordQuestion {
  isOpen = $state(false);
  isWrong = $state(false);
  isBusy = $state(false);
  #answer: ((password: string) => void) | undefined;
  /** The last right answer, for the same file after a save; it never leaves the frame. */
  #given: string | undefined;
  #wasUsed = false;

  ask(isWrong: boolean, answer: (password: string) => void): void {
    if (!isWrong && this.#given !== undefined && !this.#wasUsed) {
      this.#wasUsed = true;
      return answer(this.#given);
    }
    this.#answer = answer;
    this.isWrong = isWrong;
    this.isBusy = false;
    this.isOpen = true;
  }

  answer(password: string): void {
    this.isBusy = true;
    this.#given = password;
    this.#answer?.(password);
  }

  /** The file is open. */
  end(): void {
    this.isOpen = false;
    this.isBusy = false;
    this.#wasUsed = false;
    this.#answer = undefined;
  }
}
