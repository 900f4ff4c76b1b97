import { listOf, type RowLabels } from '../core/multi-labels.ts';
import { element, type Markup, section } from '../html/markup.ts';
import { labelName, type ReplayContext } from './page-parts.ts';
import type { Replay } from './replay-batch.ts';

/** The classes that a row's target is made of, with their weights: they sum to 1 where a row has one class. */
export function softLabel({ sample, mixing }: Replay): [label: number, weight: number][] {
  if (sample.labels !== undefined) return sumOfLabels(sample, mixing);
  const { label } = sample;
  const partner = mixing?.partner?.label ?? label;
  if (mixing === undefined || partner === label) return [[label, 1]];
  const shares: [number, number][] = [
    [label, mixing.lambda],
    [partner, 1 - mixing.lambda],
  ];
  return shares.filter(([, weight]) => weight > 0);
}

/** Of a row that may have several classes: each has its weight, and the weights of both where partners share it. */
function sumOfLabels(sample: RowLabels, mixing: Replay['mixing']): [label: number, weight: number][] {
  const { partner, lambda = 1 } = mixing ?? {};
  const weights = new Map<number, number>();
  const add = (label: number, weight: number) => weights.set(label, (weights.get(label) ?? 0) + weight);
  for (const label of listOf(sample)) add(label, lambda);
  if (partner !== undefined) for (const label of listOf(partner)) add(label, 1 - lambda);
  return [...weights].filter(([, weight]) => weight > 0).sort(([a], [b]) => a - b);
}

/** What the loss compares the model's guess with. */
export function labelSection(replay: Replay, { dataset, labelSmoothing }: ReplayContext): Markup {
  const bars = softLabel(replay).map(([label, weight], i) => {
    const percent = (100 * weight).toFixed(2);
    const bar = element('i', { class: `c${i + 1}`, style: `width: ${percent}%` });
    const value = element('dd', {}, bar, element('span', {}, `${percent} %`));
    return element('div', {}, element('dt', {}, labelName(dataset, label)), value);
  });
  const shared = `Label smoothing of the trainer then takes ${labelSmoothing} of it for all classes alike.`;
  const halved = `Label smoothing of the trainer then moves each class's target by ${labelSmoothing} of the way to a half.`;
  const smoothing = replay.sample.labels === undefined ? shared : halved;
  return section(
    replay.sample.labels === undefined ? 'The label' : 'The labels',
    bars.length > 0 ? element('dl', { class: 'bars' }, bars) : element('p', {}, 'It is of no class.'),
    labelSmoothing > 0 ? element('p', { class: 'note' }, smoothing) : undefined,
  );
}
