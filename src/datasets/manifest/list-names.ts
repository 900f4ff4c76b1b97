import { byCodeUnit } from '../folder/folders.ts';
import { type Division, divide, splitCalled } from '../opening/split.ts';
import { splitsSaid } from './manifest-rows.ts';
import type { TextFile } from './text-lines.ts';

/** Files that are named so are taken for lists, whatever is in them. */
export const listName = /\.(csv|tsv|jsonl|ndjson|lst|txt)$/i;

/** The splits that a list's rows say. */
export const saidDivision = (file: TextFile): Division =>
  divide([...splitsSaid(file)].sort(byCodeUnit), splitCalled);
