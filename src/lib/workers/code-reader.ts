/** The code reader's entry: keeps the frames that come until the reader is loaded. */
import { earlyMessages } from './early-messages.ts';

const wire = earlyMessages();
// The page hears of an error of its worker; of a promise nobody waits for it would not.
import('#lib/codes/index.ts').then(({ serveCodeReader }) => serveCodeReader(wire), reportError);
