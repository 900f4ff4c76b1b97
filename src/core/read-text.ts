import { readFileSync } from 'node:fs';

/** A text that a person wrote, whole, in UTF-8. A byte order mark, as Windows puts before it, is no part of it. */
export const readText = (path: string): string => readFileSync(path, 'utf8').replace(/^\ufeff/, '');
