/** What this node says about itself (B-1 §2.8), from the project's package.json. */
import { readFileSync } from 'node:fs';

const description = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { readonly version: string };

export const VERSION = description.version;
export const REVISION = '';
