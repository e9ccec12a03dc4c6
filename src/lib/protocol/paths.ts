/**
 * The endpoints of a node (B-1 §2), written as signed requests name them: without leading slash and
 * query (B-1 §1.2).
 */
export const PATHS = {
  id: 'api/v0/id',
  ids: 'api/v0/ids',
  blockStoreProperties: 'api/v0/blockstore/props',
  authoriseWrites: 'api/v0/blockstore/auth',
  authoriseReads: 'api/v0/blockstore/auth-reads',
  linkHost: 'api/v0/link-host',
  linkGet: 'api/v0/link/get',
  linkCounts: 'api/v0/link/counts',
  transactionStart: 'api/v0/transaction/start',
  transactionClose: 'api/v0/transaction/close',
  blockPutBulk: 'api/v0/block/put/bulk',
  blockPut: 'api/v0/block/put',
  blockGet: 'api/v0/block/get',
  blockStat: 'api/v0/block/stat',
  champGetBulk: 'api/v0/champ/get/bulk',
  champGet: 'api/v0/champ/get',
  ipnsGet: 'api/v0/ipns/get',

  getPointer: 'peergos/v0/mutable/getPointer',
  setPointer: 'peergos/v0/mutable/setPointer',
  setPointers: 'peergos/v0/mutable/setPointers',

  getChain: 'peergos/v0/core/getChain',
  getPublicKey: 'peergos/v0/core/getPublicKey',
  getUsername: 'peergos/v0/core/getUsername',
  getUsernamesGzip: 'peergos/v0/core/getUsernamesGzip',
  signUp: 'peergos/v0/core/signup',
  updateChain: 'peergos/v0/core/updateChain',
  migrateUser: 'peergos/v0/core/migrateUser',
  startPaidSignup: 'peergos/v0/core/startPaidSignup',
  completePaidSignup: 'peergos/v0/core/completePaidSignup',
  mirror: 'peergos/v0/core/mirror',
  startPaidMirror: 'peergos/v0/core/startPaidMirror',
  completePaidMirror: 'peergos/v0/core/completePaidMirror',
  getUserSnapshots: 'peergos/v0/core/getUserSnapshots',

  followRequest: 'peergos/v0/social/followRequest',
  getFollowRequests: 'peergos/v0/social/getFollowRequests',
  removeFollowRequest: 'peergos/v0/social/removeFollowRequest',

  setLogin: 'peergos/v0/login/setLogin',
  getLogin: 'peergos/v0/login/getLogin',
  listMfa: 'peergos/v0/login/listMfa',
  addTotp: 'peergos/v0/login/addTotp',
  enableTotp: 'peergos/v0/login/enableTotp',
  addMount: 'peergos/v0/login/addMount',
  enableMount: 'peergos/v0/login/enableMount',
  genBackupCodes: 'peergos/v0/login/genBackupCodes',
  registerWebauthnStart: 'peergos/v0/login/registerWebauthnStart',
  registerWebauthnComplete: 'peergos/v0/login/registerWebauthnComplete',
  deleteMfa: 'peergos/v0/login/deleteMfa',

  getUserBats: 'peergos/v0/bats/getUserBats',
  addBat: 'peergos/v0/bats/addBat',

  usage: 'peergos/v0/storage/usage',
  quota: 'peergos/v0/storage/quota',
  paymentProperties: 'peergos/v0/storage/payment-properties',
  requestSpace: 'peergos/v0/storage/request',

  version: 'peergos/v0/admin/version',
  signUps: 'peergos/v0/admin/signups',
  waitingList: 'peergos/v0/admin/waitlist',
  pendingRequests: 'peergos/v0/admin/pending',
  approveRequest: 'peergos/v0/admin/approve',

  retrieveMessages: 'peergos/v0/server-message/retrieve',
  sendMessage: 'peergos/v0/server-message/send',
} as const;

export type EndpointPath = (typeof PATHS)[keyof typeof PATHS];

/** What the identity signs, with the time, to have its account mirrored, and to end that. */
export const MIRROR_PATH = 'pyrgos/v0/mirror';
export const MIRROR_END_PATH = 'pyrgos/v0/mirror/end';

/** What the owner signs, with the time, to list mirror BATs or to add one (B-1 §2.6). */
export const BATS_LIST_PATH = 'peergos/v0/bats/getUserBats';
export const BATS_ADD_PATH = 'peergos/v0/bats/addBat';
