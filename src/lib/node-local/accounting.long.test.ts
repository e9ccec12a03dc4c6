/** What an account uses is a recount, with every call of the stores at which a process may die. */
import 'fake-indexeddb/auto';
import { describeAccounting } from './testing/accounting.ts';
import { inIndexedDb, inMemory } from './testing/browser-stores.ts';

describeAccounting('stores in memory', inMemory, { runs: 200, crashEvery: 1 });
describeAccounting('IndexedDB', inIndexedDb, { runs: 60, crashEvery: 1 });
