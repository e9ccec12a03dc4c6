/** What an account uses is a recount, also if a process dies at any call of the stores. */
import { describeAccounting } from '#lib/node-local/testing/accounting.ts';
import { accountedFolder } from './accounted-folder.ts';

describeAccounting('a folder with SQLite', accountedFolder, { runs: 60, crashEvery: 1 });
