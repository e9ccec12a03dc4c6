/** How the commands show what an account uses, and what is stored for it beside that. */
import { showBytes } from '../settings/amounts.ts';

interface Used {
  readonly usedBytes: number;
  readonly quotaBytes: number;
  readonly pendingBytes: number;
  readonly collectableBytes: number;
}

export function showUsage({ usedBytes, quotaBytes }: Used): string {
  return `${showBytes(usedBytes)} of ${showBytes(quotaBytes)}`;
}

/** Empty when there is nothing beside. */
export function showBeside({ pendingBytes, collectableBytes }: Used): string {
  const parts = [
    ...(pendingBytes > 0 ? [`${showBytes(pendingBytes)} being uploaded`] : []),
    ...(collectableBytes > 0 ? [`${showBytes(collectableBytes)} deleted, not yet collected`] : []),
  ];
  return parts.length === 0 ? '' : `, beside ${parts.join(' and ')}`;
}
