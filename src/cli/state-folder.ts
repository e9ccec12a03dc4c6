/** Where the command line keeps what it remembers from one command to the next. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Io } from './io.ts';

export function stateFolder(env: Io['env']): string {
  const home = env['HOME'] ?? homedir();
  const given = env['XDG_STATE_HOME'];
  return join(
    given !== undefined && given !== '' ? given : join(home, '.local', 'state'),
    'pyrgos',
  );
}
