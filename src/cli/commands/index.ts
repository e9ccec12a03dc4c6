/** All commands, in the order help lists them. */
import type { Command } from '../command.ts';
import { passwd, quota, signup } from './account.ts';
import { exportCommand, importCommand } from './archive.ts';
import { mkdir, move, remove } from './change.ts';
import { copy } from './copy.ts';
import { leave } from './leave.ts';
import { link } from './link.ts';
import { list } from './list.ts';
import { moveAccountCommand } from './move-account.ts';
import { openLinkCommand } from './open-link.ts';
import { block, follow, friends, requests, unblock } from './people.ts';
import { mirrorCommand, takeOverCommand } from './mirror.ts';
import { profile } from './profile.ts';
import { share, shares, unshare } from './share.ts';
import { du, stat } from './stat.ts';
import { cat, get } from './read.ts';
import { append, writeCommand } from './rewrite.ts';
import { site } from './site.ts';
import { uploads } from './uploads.ts';
import { verify } from './verify.ts';
import { put } from './write.ts';

/** What may also be said inside the shell. */
export const DRIVE_COMMANDS: readonly Command[] = [
  list,
  get,
  put,
  cat,
  writeCommand,
  append,
  mkdir,
  move,
  copy,
  remove,
  stat,
  du,
  quota,
  uploads,
  friends,
  follow,
  requests,
  block,
  unblock,
  verify,
  share,
  unshare,
  shares,
  leave,
  link,
  profile,
  site,
];

export const COMMANDS: readonly Command[] = [
  signup,
  passwd,
  ...DRIVE_COMMANDS,
  openLinkCommand,
  exportCommand,
  importCommand,
  moveAccountCommand,
  mirrorCommand,
  takeOverCommand,
];
