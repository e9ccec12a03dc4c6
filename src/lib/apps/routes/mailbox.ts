/** `/mailbox/` (C-9 §9.6): not offered by this client yet. */
import { textAnswer } from '../answers.ts';
import type { Route } from '../context.ts';

export const mailboxRoute: Route = () =>
  Promise.resolve(textAnswer(501, 'Mailboxes are not available in this client yet.'));
