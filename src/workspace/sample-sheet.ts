import { existsSync, readFileSync } from 'node:fs';
import { DataError, reasonOf } from '../core/errors.ts';
import { writeWhole } from '../core/write-whole.ts';
import type { RunFiles } from './workspace.ts';

/** An image and what stands under it. */
export interface SheetCell {
  /** PNG, in base64. */
  readonly png: string;
  readonly lines: readonly string[];
}

/** A sample, and what it becomes in each epoch, the first first. */
export interface SheetRow {
  /** The sample's class. */
  readonly title: string;
  readonly original: SheetCell;
  readonly epochs: readonly SheetCell[];
}

export const writeSheet = ({ sheet }: RunFiles, rows: readonly SheetRow[]): Promise<void> =>
  writeWhole(sheet, JSON.stringify(rows), { what: 'the samples' });

/** The augmented samples as single images, which a page can arrange; undefined where the run has none. */
export function readSheet({ sheet: path }: RunFiles): readonly SheetRow[] | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as SheetRow[];
  } catch (cause) {
    const message = `${path}: no samples: ${reasonOf(cause)}`;
    throw new DataError('NOT_SAMPLES', message, { cause });
  }
}
