/** `/install-app/` (C-9 §9.4): the gallery asks for the install dialog. */
import { answer, methodRefused } from '../answers.ts';
import type { Route } from '../context.ts';
import { AppRequestRefused } from '../errors.ts';
import { formFields, textField } from '../form-fields.ts';
import { checkedName } from '../paths.ts';

export const installRoute: Route = async (context, request) => {
  if (request.method !== 'POST') methodRefused(request);
  if (context.options.isGallery !== true) {
    throw new AppRequestRefused('Only the gallery asks to install apps.');
  }
  const fields = formFields(request);
  const names = textField(fields, 'path')
    .split('/')
    .filter((name) => name !== '');
  const folder = names.map(checkedName);
  const appName = textField(fields, 'appName');
  if (folder.length === 0 || appName === '') throw new AppRequestRefused('The app is missing.');
  const isInstalled = await context.dialogs.ask((host) => host.installApp({ folder, appName }));
  if (!isInstalled) throw new AppRequestRefused('The person cancelled.');
  return answer(201);
};
