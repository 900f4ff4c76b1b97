import { availableParallelism, totalmem } from 'node:os';
import type { Command } from 'commander';
import { reasonOf } from '../../core/errors.ts';
import { exitCodes } from '../../core/exit-codes.ts';
import { mebibytes } from '../../core/mebibytes.ts';
import { makeCommand, runCommand } from '../command.ts';
import type { Finding } from '../finding.ts';
import { mpiFinding } from '../mpi-finding.ts';
import { probeGpus } from '../probe-gpus.ts';
import type { Terminal } from '../terminal.ts';

export function doctorCommand(): Command {
  return makeCommand('doctor')
    .description('Check what this machine offers, and say what to do about what is missing.')
    .option('--json', 'print the findings as JSON')
    .option('--self-test', 'have each GPU compute, to tell which tier of mixed precision it would use')
    .addHelpText(
      'after',
      '\nExamples:\n  millrace doctor\n  millrace doctor --self-test\n  millrace doctor --json',
    )
    .action((flags: DoctorFlags) => runCommand({}, ({ terminal }) => examine(terminal, flags)));
}

interface DoctorFlags {
  readonly json?: boolean;
  readonly selfTest?: boolean;
}

async function examine(terminal: Terminal, { json = false, selfTest = false }: DoctorFlags): Promise<void> {
  const gpus = () => probeGpus(terminal.log, selfTest);
  const checks = [node, cores, jpegDecoder, imageDecoder, wasmSimd, gpus, tensorflow, mpiFinding];
  const findings: Finding[] = [];
  for (const check of checks) findings.push(...[await check()].flat());
  if (json) terminal.data(JSON.stringify(findings));
  else for (const finding of findings) terminal.data(describe(finding));
  if (findings.some(({ status }) => status === 'missing')) process.exitCode = exitCodes.failed;
}

function describe({ name, status, detail, notes = [], advice }: Finding): string {
  const mark = { ok: 'ok      ', missing: 'MISSING ', optional: 'optional' }[status];
  const lines = [detail, ...notes, ...(advice === undefined ? [] : [advice])];
  return `${mark}  ${name.padEnd(14)} ${lines.join(`\n${' '.repeat(25)}`)}`;
}

const MINIMUM_NODE = [20, 19] as const;

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isNew = major > MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor >= MINIMUM_NODE[1]);
  const detail = `${process.version} on ${process.platform} ${process.arch}`;
  if (isNew) return { name: 'Node', status: 'ok', detail };
  return {
    name: 'Node',
    status: 'missing',
    detail,
    advice: `install Node ${MINIMUM_NODE.join('.')} or newer`,
  };
}

function cores(): Finding {
  const detail = `${availableParallelism()} cores, ${mebibytes(totalmem())} of memory`;
  return { name: 'machine', status: 'ok', detail };
}

async function jpegDecoder(): Promise<Finding> {
  const detail = 'libjpeg-turbo (@julusian/jpeg-turbo), for ordinary JPEG files';
  return attempt(
    'JPEG',
    detail,
    'npm install again on this platform: the package carries its prebuilt binaries',
    () => import('@julusian/jpeg-turbo'),
  );
}

async function imageDecoder(): Promise<Finding> {
  const advice = 'npm install --include=optional sharp: its binaries are optional packages';
  return attempt('other images', 'sharp, for WebP, AVIF, TIFF, large PNG, CMYK JPEG', advice, async () => {
    const { default: sharp } = await import('sharp');
    await sharp({ create: { width: 1, height: 1, channels: 3, background: 'black' } })
      .png()
      .toBuffer();
  });
}

function wasmSimd(): Promise<Finding> {
  return attempt(
    'WASM SIMD',
    'the cpu backend, and the trainer graph on the CPU',
    'use a Node whose V8 has WebAssembly SIMD (all since 16)',
    async () => {
      const { cpuBackend } = await import('../../../backends/cpu/executor.ts');
      const { CpuTensorExecutor } = await import('../../../backends/cpu/tensors/tensor-executor.ts');
      await (await cpuBackend.open()).close();
      await (await CpuTensorExecutor.open(1)).close();
    },
  );
}

/** Few need it. */
async function tensorflow(): Promise<Finding> {
  const detail = 'TensorFlow.js, for the trainer tfjs on WebAssembly';
  const { reasonNotInstalled } = await import('../../trainers/tfjs/packages.ts');
  const advice = reasonNotInstalled('wasm');
  const name = 'TensorFlow.js';
  return advice === undefined ? { name, status: 'ok', detail } : { name, status: 'optional', detail, advice };
}

async function attempt(
  name: string,
  detail: string,
  advice: string,
  action: () => Promise<unknown>,
): Promise<Finding> {
  try {
    await action();
    return { name, status: 'ok', detail };
  } catch (error) {
    return { name, status: 'missing', detail: `${detail}: ${reasonOf(error)}`, advice };
  }
}
