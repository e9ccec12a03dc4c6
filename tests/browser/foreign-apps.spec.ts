/** Apps as their authors left them, run by what `npm run test:interop -- --apps` runs them with. */
import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runApps } from '../interop/apps/run-apps.ts';
import { hasPassed, type AppReport } from '../interop/apps/report.ts';
import { expect, test, LONG } from './fixtures.ts';

const EXAMPLES = fileURLToPath(new URL('../../docs/examples', import.meta.url));
const MANIFEST = JSON.stringify({ displayName: 'Broken', description: '', launchable: true });

test(
  'an app that works is told from one that throws, and its calls are seen',
  LONG,
  async ({ site, fixtureFiles }) => {
    cpSync(`${EXAMPLES}/todo-board`, fixtureFiles.path('apps/todo-board'), { recursive: true });
    fixtureFiles.file('apps/broken/peergos-app.json', MANIFEST);
    fixtureFiles.file(
      'apps/broken/assets/index.html',
      '<p>Here<script>throw new Error("x")</script>',
    );
    fixtureFiles.file('apps/no-app/read.me', 'text');
    const reports: AppReport[] = [];
    await runApps({ folder: fixtureFiles.path('apps') }, site.root, (one) => reports.push(one));
    expect(reports.map(({ name }) => name)).toEqual(['broken', 'todo-board']);
    expect(reports.map(hasPassed)).toEqual([false, true]);
    const [broken, board] = reports;
    expect(broken?.starts[0]).toMatchObject({ isStarted: true, errors: ['Error: x'] });
    const { way, calls = [] } = board?.starts.at(-1) ?? {};
    expect(way).toBe('file');
    expect(calls).toContainEqual({
      method: 'GET',
      address: 'anna/todo-board/sample.board',
      status: 200,
    });
  },
);
