/** `npm run pyrgos`: the command line, where an older Node started it or packages were missing. */
import '../src/cli/pyrgos.mjs';
