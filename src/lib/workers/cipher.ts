/** A cipher worker's entry: keeps the jobs that come until the ciphers are loaded. */
import { earlyMessages } from './early-messages.ts';

const wire = earlyMessages();
// The engine hears of an error of its worker; of a promise nobody waits for it would not.
import('./cipher-main.ts').then(({ runCipher }) => runCipher(wire), reportError);
