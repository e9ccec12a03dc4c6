/** The engine worker's entry: keeps what the page says until the engine is loaded. */
import { earlyMessages } from './early-messages.ts';

const wire = earlyMessages();
// The page hears of an error of its worker; of a promise nobody waits for it would not.
import('./engine-main.ts').then(({ runEngine }) => runEngine(wire), reportError);
