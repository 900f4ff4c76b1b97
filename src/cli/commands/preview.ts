import type { Command } from 'commander';
import type { Dataset } from '../../datasets/dataset.ts';
import { locateSample } from '../../datasets/sample.ts';
import { renderPreview } from '../../jobs.ts';
import type { PreviewSample } from '../../preview/render.ts';
import { readingOf } from '../../streams/open-data.ts';
import { selectionOf } from '../../streams/selection.ts';
import { type CommandContext, integerOption, makeCommand, runCommand } from '../command.ts';
import { addPresetFlags, type PresetFlags } from '../flags/configuration.ts';
import { addDataFlags, type DataFlags, dataSources, streamOf } from '../flags/data-flags.ts';
import { tellOfNoEffect } from '../flags/flags-without-effect.ts';
import { logAdapter } from '../gpu-figures.ts';

interface PreviewFlags extends DataFlags, PresetFlags {
  readonly samples: number;
  readonly versions: number;
  readonly cell?: number;
  readonly out: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const examples = `
Examples:
  millrace preview photos --augmentation autoaugment
  millrace preview photos --augmentation autoaugment --policy imagenet --seed 7 --out grid.png
  millrace preview photos --samples 12 --versions 3 --json > draws.jsonl`;

/** A preview makes single rows, one after the other. */
const ofBatches = ['workers', 'prefetch', 'maxBad', 'sampleTimeout', 'raReps', 'digest'];

export function previewCommand(): Command {
  const command = makeCommand('preview')
    .description('Draw what training sees: samples, augmented as in epochs 0, 1, 2 and so on.')
    .argument('<data>', `${dataSources}; with a train/ folder or without`)
    .option('-o, --out <file>', 'file for the picture, a PNG', 'preview.png')
    .addOption(integerOption('--samples <n>', 'number of rows: the first samples of epoch 0', 6))
    .addOption(integerOption('--versions <n>', 'number of columns: the first epochs of a sample', 5))
    .addOption(integerOption('--cell <pixels>', 'edge of the images in the picture (default: 160 to 256)'))
    .option('--json', 'print what was drawn as a line of JSON per image')
    .option('--quiet', 'print no messages')
    .addHelpText('after', examples)
    .action((data: string, flags: PreviewFlags) =>
      runCommand(flags, (context) => runPreview(data, flags, context)),
    );
  return tellOfNoEffect(addDataFlags(addPresetFlags(command)), ofBatches);
}

async function runPreview(
  data: string,
  flags: PreviewFlags,
  { terminal, signal }: CommandContext,
): Promise<void> {
  const { out, json, samples, versions, cell } = flags;
  const { dataset, samples: shown } = await renderPreview({
    ...{ data, ...readingOf(flags), ...selectionOf(flags), samples, versions, cell, out, signal },
    ...streamOf(flags),
    onMessage: terminal.log,
    onGpu: logAdapter(terminal),
  });
  terminal.log(`${dataset.name}: ${shown.length} of ${dataset.length} images -> ${out}`);
  if (!json) return;
  for (const line of describeSamples(dataset, shown)) terminal.data(JSON.stringify(line));
}

/** One line an augmented image, as plain data. */
function describeSamples(dataset: Dataset, samples: readonly PreviewSample[]): object[] {
  const { classes } = dataset;
  return samples.flatMap(({ id, key, size, versions, label, labels }) =>
    versions.map(({ epoch, drawn, mixed }) => ({
      ...{ id, key, label, class: classes[label], ...labelled(classes, labels), ...size, epoch, drawn },
      ...(mixed && { mixed: { ...mixed.mix, partner: partnerOf(dataset, mixed.partnerId) } }),
    })),
  );
}

function partnerOf(dataset: Dataset, id: number): object {
  const { classes } = dataset;
  const { key, label, labels } = locateSample(dataset, id);
  return { id, key, label, class: classes[label], ...labelled(classes, labels) };
}

/** Where a sample may have several classes. */
const labelled = (classes: readonly string[], labels: readonly number[] | undefined) =>
  labels && { labels, classes: labels.map((label) => classes[label]) };
