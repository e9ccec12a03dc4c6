/** `/profile/<user>` (C-9 §9.4): the profile of oneself or of a friend, shown by the page. */
import { answer, jsonAnswer, methodRefused } from '../answers.ts';
import { needPermission, type Route } from '../context.ts';
import { AppRequestRefused } from '../errors.ts';
import { dataUrl } from './data.ts';

export const profileRoute: Route = async (context, request, signal) => {
  if (request.method !== 'GET') methodRefused(request);
  const [username, ...more] = request.names;
  if (username === undefined || more.length > 0) {
    throw new AppRequestRefused('The path has to be one username.');
  }
  // Trees of the drive are the own one and those of friends.
  if (!context.drive.roots.has(username)) throw new AppRequestRefused('This is no friend.');
  if (request.params.get('thumbnail') === 'true') {
    needPermission(context, 'ACCESS_PROFILE_PHOTO');
    const photo = await context.options.photoOf?.(username, signal);
    const profileThumbnail = photo === undefined ? '' : dataUrl(photo.mimeType, photo.bytes);
    return jsonAnswer({ profileThumbnail });
  }
  await context.dialogs.ask((host) => host.showProfile(username));
  return answer(200);
};
