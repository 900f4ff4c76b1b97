import { type Command, InvalidArgumentError, Option } from 'commander';
import { isLossScale, lossScaleRange } from '../../core/loss-scale.ts';
import { type Precision, precisions } from '../../core/trainer.ts';

export interface PrecisionFlags {
  readonly amp?: boolean;
  readonly tf32?: boolean;
  /** The same as a name; goes into the two switches before a command runs. */
  readonly precision?: Precision;
}

export interface LossScaleFlags {
  readonly staticLossScale?: number;
  readonly dynamicLossScale?: boolean;
}

export function addPrecisionFlags(command: Command): Command {
  return command
    .option('--amp', 'compute in mixed precision (float16 and float32), if the trainer can')
    .addOption(
      new Option('--precision <name>', 'the same by name: float32 or mixed (FP32, AMP)').argParser(parse),
    )
    .option('--tf32', 'round factors to TF32, if the trainer can')
    .hook('preAction', settle);
}

export function addLossScaleFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--static-loss-scale <s>', 'with --amp: first loss scale (default: 1)').argParser(
        parseScale,
      ),
    )
    .option('--dynamic-loss-scale', 'with --amp: double the loss scale after 100 good updates in a row');
}

function parseScale(text: string): number {
  const scale = Number(text);
  if (isLossScale(scale)) return scale;
  throw new InvalidArgumentError(`Expected ${lossScaleRange}.`);
}

/** Flags without those of the loss scale where nothing is scaled, of which it says so. */
export function withoutIdleLossScale<Flags extends PrecisionFlags & LossScaleFlags>(
  flags: Flags,
  log: (line: string) => void,
): Omit<Flags, keyof LossScaleFlags> {
  if (flags.amp) return flags;
  const { staticLossScale: scale = 1, dynamicLossScale, ...others } = flags;
  const given = [
    ...(scale === 1 ? [] : [`--static-loss-scale ${scale}`]),
    ...(dynamicLossScale ? ['--dynamic-loss-scale'] : []),
  ];
  for (const flag of given)
    log(`${flag}: ignored: gradients are float32, which need no loss scale (see --amp)`);
  return others;
}

/** NVIDIA's names of what a precision is called here. */
const otherNames = new Map<string, Precision>([
  ['fp32', 'float32'],
  ['amp', 'mixed'],
]);

function precisionNamed(text: string): Precision | undefined {
  const name = text.toLowerCase();
  return otherNames.get(name) ?? precisions.find((one) => one === name);
}

function parse(text: string): Precision {
  const precision = precisionNamed(text);
  if (precision !== undefined) return precision;
  throw new InvalidArgumentError(
    `Allowed choices are ${precisions.join(', ')}, or NVIDIA's FP32, TF32, AMP.`,
  );
}

/** What flags, as they were typed or stand in a file, say of the precision; undefined: nothing. */
export function precisionOf({ amp, precision }: Readonly<Record<string, unknown>>): Precision | undefined {
  if (typeof precision === 'string') return precisionNamed(precision);
  return amp === undefined ? undefined : amp ? 'mixed' : 'float32';
}

/** Turns `--precision` into the switches. Of two that differ what is typed goes before the file. */
function settle(command: Command): void {
  const { precision, ...switches } = command.opts<PrecisionFlags>();
  if (precision === undefined) return;
  const origin = command.getOptionValueSource('precision');
  for (const [name, means] of [
    ['amp', 'mixed'],
    ['tf32', 'tf32'],
  ] as const) {
    const isMeant = precision === means;
    const given = switches[name] ?? isMeant;
    const ofSwitch = command.getOptionValueSource(name);
    if (given !== isMeant && ofSwitch === origin)
      command.error(`error: --${given ? '' : 'no-'}${name} contradicts --precision ${precision}`);
    if (given === isMeant || ofSwitch !== 'cli') command.setOptionValueWithSource(name, isMeant, origin);
  }
}
