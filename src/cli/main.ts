#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { escapeControls } from '../core/escape-controls.ts';
import { makeCommand, runProgram, silence } from './command.ts';
import { describeLaunch, launcherSharing } from './launched.ts';

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));

const program = makeCommand('millrace')
  .description('Load and augment images, train EfficientNets, and look at what the model saw.')
  .version(version)
  .addHelpText(
    'after',
    `
Examples:
  millrace demo                                      a small EfficientNet on real photographs (in a checkout)
  millrace preview data --augmentation autoaugment --out grid.png
  millrace bench data/train --augmentation autoaugment
  millrace verify data/train                         prove that the stream is the same, however it is made
  millrace import data/train train.lmdb              one file, from which crops are decoded faster
  millrace train data --arch efficientnet-b0 --augmentation autoaugment --mixup 0.2
  millrace evaluate runs/<time>/checkpoint.safetensors data
  millrace classify cat.jpg --weights runs/<time>/checkpoint.safetensors
  millrace quantize runs/<time> data --out int8.safetensors
  millrace export runs/<time> --out model.onnx       the model as a file for browsers, Python and apps
  millrace replay data --epoch 3 --batch 5 --row 7   what the model saw there, stage by stage, as an HTML page
  millrace quarantine runs/<time>/quarantine.jsonl   the bad images that a run met
  millrace report runs/<time>                        its curves and settings as an HTML page
  millrace doctor`,
  );

/** A command's code is loaded when it is asked for; that of all where none is, to list them. */
const commands: Readonly<Record<string, () => Promise<() => Command>>> = {
  train: async () => (await import('./commands/train.ts')).trainCommand,
  evaluate: async () => (await import('./commands/evaluate.ts')).evaluateCommand,
  quantize: async () => (await import('./commands/quantize.ts')).quantizeCommand,
  classify: async () => (await import('./commands/classify.ts')).classifyCommand,
  export: async () => (await import('./commands/export.ts')).exportCommand,
  report: async () => (await import('./commands/report.ts')).reportCommand,
  preview: async () => (await import('./commands/preview.ts')).previewCommand,
  replay: async () => (await import('./commands/replay.ts')).replayCommand,
  import: async () => (await import('./commands/import.ts')).importCommand,
  inspect: async () => (await import('./commands/inspect.ts')).inspectCommand,
  quarantine: async () => (await import('./commands/quarantine.ts')).quarantineCommand,
  bench: async () => (await import('./commands/bench.ts')).benchCommand,
  verify: async () => (await import('./commands/verify.ts')).verifyCommand,
  demo: async () => (await import('./commands/demo.ts')).demoCommand,
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand,
};
const [asked = ''] = process.argv.slice(2);
const isVersion = ['--version', '-V'].includes(asked);
const needed = Object.hasOwn(commands, asked) ? [asked] : isVersion ? [] : Object.keys(commands);
for (const name of needed) program.addCommand((await commands[name]?.())?.() as Command);

const launch = Object.hasOwn(commands, asked) ? describeLaunch(asked, process.env) : undefined;
if (launch !== undefined) process.stderr.write(`${escapeControls(launch)}\n`);

const sharing = launcherSharing(Object.hasOwn(commands, asked) ? asked : undefined, process.env);
const isFirst = (sharing?.rank ?? 0) === 0;
if (!isFirst) silence(program);
const onWrongUsage =
  sharing && (async (message: string) => (await import('./wrong-usage.ts')).tellRanks(message, isFirst));
await runProgram(program, process.argv, { onWrongUsage });
