/** What an account uses is a recount; `accounting.long.test.ts` tries every call of the stores. */
import { describeAccounting } from '#lib/node-local/testing/accounting.ts';
import { accountedFolder } from './accounted-folder.ts';

describeAccounting('a folder with SQLite', accountedFolder, { runs: 10, crashEvery: 5 });
