/** A slide as it is shown: its title, and what stands below it in order. */
export interface Slide {
  readonly title: Node | undefined;
  readonly blocks: readonly Node[];
}
