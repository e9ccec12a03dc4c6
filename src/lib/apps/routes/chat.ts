/** `/chat/` (C-9 §9.5): not offered by this client yet. */
import { textAnswer } from '../answers.ts';
import type { Route } from '../context.ts';

export const chatRoute: Route = () =>
  Promise.resolve(textAnswer(501, 'Messages between apps are not available in this client yet.'));
