#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { makeCommand, runProgram } from './command.ts';
import { benchCommand } from './commands/bench.ts';
import { classifyCommand } from './commands/classify.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { evaluateCommand } from './commands/evaluate.ts';
import { importCommand } from './commands/import.ts';
import { inspectCommand } from './commands/inspect.ts';
import { previewCommand } from './commands/preview.ts';
import { quarantineCommand } from './commands/quarantine.ts';
import { replayCommand } from './commands/replay.ts';
import { reportCommand } from './commands/report.ts';
import { trainCommand } from './commands/train.ts';
import { verifyCommand } from './commands/verify.ts';

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));

const program = makeCommand('millrace')
  .description('Image data, augmentation and training of EfficientNets.')
  .version(version)
  .addHelpText(
    'after',
    `
Examples:
  millrace demo                                      a small EfficientNet on real photographs (in a checkout)
  millrace preview data --augmentation autoaugment --out grid.png
  millrace bench data/train --augmentation autoaugment
  millrace verify data/train                         that it is one stream, however it is made
  millrace import data/train train.lmdb              one file, from which crops are decoded faster
  millrace train data --arch efficientnet-b0 --augmentation autoaugment --mixup 0.2
  millrace evaluate runs/<time>/checkpoint.safetensors data
  millrace classify cat.jpg --weights runs/<time>/checkpoint.safetensors
  millrace replay data --epoch 3 --batch 5 --row 7   what the model saw there, stage by stage, as one HTML file
  millrace quarantine runs/<time>/quarantine.jsonl   the bad images that a run met
  millrace report runs/<time>                        its curves and settings as one HTML file
  millrace doctor`,
  );
for (const command of [
  trainCommand,
  evaluateCommand,
  classifyCommand,
  reportCommand,
  previewCommand,
  replayCommand,
  importCommand,
  inspectCommand,
  quarantineCommand,
  benchCommand,
  verifyCommand,
  demoCommand,
  doctorCommand,
])
  program.addCommand(command());

await runProgram(program, process.argv);
