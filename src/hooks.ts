/** The page of a secret link, at `secret/OWNER/LABEL`, is the only page there is. */
const LINK_PAGE = /^(.*\/secret\/[A-Za-z0-9]+\/)\d+$/u;

/** Its relative links begin below `secret/OWNER/`, so that is where the site lies for it. */
export function reroute({ url }: { readonly url: URL }): string | undefined {
  return LINK_PAGE.exec(url.pathname)?.[1];
}
