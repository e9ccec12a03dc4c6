/** Which Chromium this browser is made of, if any. */

/** From this version on Chromium asks `Connection-Allowlist`, without which host names get out. */
const CHROMIUM_WITH_ALLOWLIST = 152;

interface UserAgentData {
  readonly brands: readonly { readonly brand: string; readonly version: string }[];
}

/** Whether it is one that obeys `Connection-Allowlist`; undefined for a browser of another make. */
export function chromiumWithAllowlist(): boolean | undefined {
  const { userAgentData } = navigator as { userAgentData?: UserAgentData };
  const found = userAgentData?.brands.find(({ brand }) => brand === 'Chromium');
  return found && Number(found.version) >= CHROMIUM_WITH_ALLOWLIST;
}
