/** What is open below a link. */
export type LinkPanel = 'code' | 'file' | 'edit' | 'delete';
