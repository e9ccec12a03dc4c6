/**
 * The same behaviour of every kind of store: the interfaces of `types.ts` as tests. A kind is given
 * as a function that makes an empty store within a test (and cleans up with `onTestFinished`).
 */
export { describeAgreement } from './testing/agreement.ts';
export { describeBlockStore } from './testing/blocks.ts';
export { watchHandles } from './testing/handles.ts';
export { describeRecordStore } from './testing/records.ts';
