/** Which names may be registered (B-2 §2). Older names with `_` exist; look-ups take any name. */

const USERNAME = /^[a-z0-9](?:[a-z0-9]|-(?=[a-z0-9])){0,31}$/u;

const RESERVED: ReadonlySet<string> = new Set(
  (
    'ipfs ipns root http https dns admin administrator support email mail www web onion tls i2p ' +
    'ftp sftp file mailto wss xmpp ssh smtp imap irc matrix twitter facebook instagram linkedin ' +
    'wechat tiktok reddit snapchat qq whatsapp signal telegram briar ssb mastodon apple google ' +
    'pinterest constructor mls btc eth mnr zec friends followers username groups'
  ).split(' '),
);

/** 1–32 characters a–z, 0–9 and single inner hyphens, and not reserved. */
export function isValidUsername(name: string): boolean {
  return USERNAME.test(name) && !RESERVED.has(name);
}
