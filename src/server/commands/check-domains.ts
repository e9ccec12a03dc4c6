/** `check`: the names of websites and of apps, which a proxy has to answer for, too. */
import { lookup } from 'node:dns/promises';
import { checkDomains } from '../gateway/names.ts';
import type { NodeSettings } from '../settings/settings.ts';
import type { Say } from './check-peers.ts';
import { explainFailure } from './failures.ts';

export async function checkDomainNames(settings: NodeSettings, say: Say): Promise<void> {
  const { gatewayDomain, appOrigins, siteFolder } = settings;
  try {
    checkDomains(settings);
  } catch (error) {
    const explained = explainFailure(error, settings);
    say('wrong', explained instanceof Error ? explained.message : String(explained));
    return;
  }
  if (gatewayDomain !== undefined) {
    await checkName(say, `alice.${gatewayDomain}`, ['Websites are served', 'websites need']);
  }
  if (appOrigins === undefined) return;
  // Of the same form as the label of an app.
  await checkName(say, `b${'a'.repeat(55)}.${appOrigins}`, ['Apps run', 'apps need']);
  if (siteFolder === undefined) {
    say('note', '--app-origins has a meaning only for a node that serves the site.');
  }
}

async function checkName(
  say: Say,
  example: string,
  [done, missing]: readonly [string, string],
): Promise<void> {
  const domain = example.slice(example.indexOf('.') + 1);
  await lookup(example).then(
    () => say('ok', `${done} at names such as ${example}.`),
    () => {
      say(
        'note',
        `${example} is not known to this machine's name service (yet): ${missing} a record for ` +
          `*.${domain}, and a certificate for it at the reverse proxy.`,
      );
    },
  );
}
