import { element, type Markup, section } from '../html/markup.ts';
import { labelName, type ReplayContext } from './page-parts.ts';
import type { Replay } from './replay-batch.ts';

/** The classes that a row's target is made of, with their weights. */
export function softLabel({ sample: { label }, mixing }: Replay): [label: number, weight: number][] {
  const partner = mixing?.partner?.label ?? label;
  if (mixing === undefined || partner === label) return [[label, 1]];
  const shares: [number, number][] = [
    [label, mixing.lambda],
    [partner, 1 - mixing.lambda],
  ];
  return shares.filter(([, weight]) => weight > 0);
}

/** What the loss compares the model's guess with. */
export function labelSection(replay: Replay, { dataset, labelSmoothing }: ReplayContext): Markup {
  const bars = softLabel(replay).map(([label, weight], i) => {
    const percent = (100 * weight).toFixed(2);
    const bar = element('i', { class: `c${i + 1}`, style: `width: ${percent}%` });
    const value = element('dd', {}, bar, element('span', {}, `${percent} %`));
    return element('div', {}, element('dt', {}, labelName(dataset, label)), value);
  });
  const smoothing = `Label smoothing of the trainer then takes ${labelSmoothing} of it for all classes alike.`;
  return section(
    'The label',
    element('dl', { class: 'bars' }, bars),
    labelSmoothing > 0 ? element('p', { class: 'note' }, smoothing) : undefined,
  );
}
