/** A worker from a `blob:` address has the document's policies: its own default comes first. */
import { makeDefaultPolicy } from '../shared/policy.ts';
import { textTools } from '../shared/text-tools.ts';

makeDefaultPolicy(textTools());
