/** What can be done about a person, as a button beside the name. */
export interface PersonAct {
  readonly label: string;
  readonly look?: 'primary' | 'plain' | 'quiet';
  readonly run: () => void | Promise<void>;
}
