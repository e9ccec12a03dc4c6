/** `/print/` (C-9 §9.4): a preview and the print dialog, drawn by the page in a frame of its own. */
import { answer, methodRefused } from '../answers.ts';
import type { Route } from '../context.ts';
import { AppRequestRefused } from '../errors.ts';
import { formFields, textField } from '../form-fields.ts';

const PAGE_MAX = 16 * 1024 * 1024;
const TITLE_MAX = 200;

export const printRoute: Route = async (context, request) => {
  if (request.method !== 'POST') methodRefused(request);
  const fields = formFields(request);
  const [html, css] = [textField(fields, 'html'), textField(fields, 'css')];
  if (html.length + css.length > PAGE_MAX) throw new AppRequestRefused('The page is too large.');
  const title = textField(fields, 'title').slice(0, TITLE_MAX);
  await context.dialogs.ask((host) => host.print({ html, css, title }));
  return answer(200);
};
