/** The address of the own website at the node of this page, as the page was told where websites are. */
import { WEBSITES_META, websiteAddressOf } from '#lib/frames/index.ts';

/**
 * `publicAddress` is where the node shows the folder to anybody: a node elsewhere serves its websites
 * itself, and this page does not know where. Undefined where there is none.
 */
export function websiteAddress(
  username: string,
  publicAddress: string | undefined,
): string | undefined {
  if (typeof document === 'undefined' || publicAddress === undefined) return undefined;
  if (!publicAddress.startsWith(`${location.origin}/`)) return undefined;
  const said = document.querySelector<HTMLMetaElement>(`meta[name="${WEBSITES_META}"]`)?.content;
  return said === undefined ? undefined : websiteAddressOf(said, username);
}
