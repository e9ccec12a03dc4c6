/**
 * What the pages of a site may do, told by headers. The page carries its own Content-Security-Policy
 * (with the hashes of its inline scripts), which is repeated; a header can add what a `<meta>`
 * cannot: who may frame the page. Workers take their policy from the headers of their own script,
 * so scripts carry one, too: what the page allows, without what only pages know, and with one thing
 * more: the engine may ask other servers than this one. Accounts live on servers that their owners
 * name, and large blocks in object stores that those servers name; nobody here can list them.
 */

export interface PagePolicies {
  readonly forPages: string;
  readonly forScripts: string;
  readonly forOthers: string;
}

const META = /<meta\s+http-equiv="content-security-policy"\s+content="([^"]*)"/iu;

/** The policy of a worker's own requests; everything else is the page's policy. */
const WORKER_DIRECTIVES = new Set(['default-src', 'script-src', 'connect-src', 'worker-src']);
/** By TLS, or on the person's own machine: what the client itself insists on. */
const OTHER_SERVERS = 'https: http://localhost:* http://127.0.0.1:*';
const FRAME_ANCESTORS = "frame-ancestors 'self'";
const WITHOUT_PAGE = `default-src 'self'; object-src 'none'; base-uri 'none'; ${FRAME_ANCESTORS}`;

/** Policies for a site with this page. */
export function pagePolicies(page: string): PagePolicies {
  const own = META.exec(page)?.[1]?.replaceAll('&#39;', "'").replaceAll('&quot;', '"');
  const forOthers = `default-src 'none'; style-src 'unsafe-inline'; sandbox; ${FRAME_ANCESTORS}`;
  if (own === undefined) return { forPages: WITHOUT_PAGE, forScripts: WITHOUT_PAGE, forOthers };
  const directives = own.split(';').map((it) => it.trim());
  const ofWorkers = directives
    .filter((it) => WORKER_DIRECTIVES.has(nameOf(it)))
    .map((it) => (nameOf(it) === 'connect-src' ? `${it} ${OTHER_SERVERS}` : it));
  return {
    forPages: [...directives, FRAME_ANCESTORS].join('; '),
    forScripts: ofWorkers.join('; '),
    forOthers,
  };
}

function nameOf(directive: string): string {
  return directive.split(' ', 1)[0] ?? '';
}
