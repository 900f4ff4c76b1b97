import type { RowLabels } from '../core/multi-labels.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { type Child, element, type Markup } from '../html/markup.ts';
import type { Fact } from './words.ts';

/** What a page says beside the replay itself. */
export interface ReplayContext {
  readonly dataset: Pick<Dataset, 'name' | 'length' | 'classes'>;
  /** Of the run's step that was asked for, where it was one. */
  readonly facts: readonly Fact[];
  readonly warnings: readonly string[];
  /** Command lines that make this page again. */
  readonly commands: readonly string[];
  /** What the trainer takes of the label's weight and gives to all classes alike, 0..1. */
  readonly labelSmoothing: number;
}

/** A picture with its title and what is to be known of it. */
export const stageFigure = (title: Child, image: Markup, ...facts: readonly Child[]): Markup =>
  element('figure', { class: 'stage' }, element('figcaption', {}, element('h3', {}, title)), image, facts);

export const factList = (facts: readonly Fact[]): Markup => definitions('words', facts);

export const factTiles = (facts: readonly Fact[]): Markup => definitions('tiles', facts);

export const warningList = (texts: readonly string[]): Markup[] =>
  texts.map((text) => element('p', { class: 'warning' }, text));

/** The class as people know it, and its number. */
export function labelName({ classes }: Pick<Dataset, 'classes'>, label: number): string {
  return label < 0 ? 'no label' : `${classes[label] ?? 'class'} (label ${label})`;
}

/** The classes of a sample, of which it may have several. */
export const labelNames = (dataset: Pick<Dataset, 'classes'>, { label, labels }: RowLabels): string =>
  labels?.map((one) => labelName(dataset, one)).join(', ') ||
  labelName(dataset, labels === undefined ? label : -1);

function definitions(kind: string, facts: readonly Fact[]): Markup {
  const items = facts.map(([name, value]) =>
    element('div', {}, element('dt', {}, name), element('dd', {}, value)),
  );
  return element('dl', { class: kind }, items);
}
