/** What other shells may use of the workers: borrowing a cipher worker of a page. */
export { BorrowedCipher } from './borrowed-cipher.ts';
