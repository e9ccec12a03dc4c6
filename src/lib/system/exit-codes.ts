/** Exit codes of the command line and of the node's commands, by kind of failure. */
export const EXIT = {
  done: 0,
  failed: 1,
  misused: 2,
  refused: 3,
  notFound: 4,
  exists: 5,
  noRoom: 6,
  unreachable: 7,
  damaged: 8,
  /** The rest was done; what was left out has been named. */
  partial: 9,
  interrupted: 130,
  /** As a program killed by SIGPIPE: the reader of the output closed it. */
  readerGone: 141,
} as const;
