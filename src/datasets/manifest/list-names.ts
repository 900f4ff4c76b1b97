import { byCodeUnit } from '../folder/folders.ts';
import { undivided } from '../opening/source-kind.ts';
import { type Division, divide, splitCalled } from '../opening/split.ts';
import { annotationsName } from './coco/annotations.ts';
import { splitsSaid } from './manifest-rows.ts';
import { type TextFile, textPath } from './text-lines.ts';

/** Files that are named so are taken for lists, whatever is in them. */
export const listName = /\.(csv|tsv|jsonl|ndjson|lst|txt)$/i;

/** The splits that a list's rows say. */
export const saidDivision = (file: TextFile): Division =>
  annotationsName.test(textPath(file))
    ? undivided
    : divide([...splitsSaid(file)].sort(byCodeUnit), splitCalled);
