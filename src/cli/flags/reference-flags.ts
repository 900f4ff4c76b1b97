import { type Command, Option } from 'commander';
import { ParameterError } from '../../core/errors.ts';

/** A flag of NVIDIA's scripts that changes nothing here: it is read, and answered in a line of its own. */
interface ReferenceFlag {
  readonly flags: string;
  readonly choices?: readonly string[];
  /** The value that asks for nothing, and so gets no answer. */
  readonly neutral?: string;
  /** Refused where going on would give another result than the flag asks for. */
  readonly answer: 'ignored' | 'refused';
  readonly reason: string;
}

const affinities = [
  'none',
  'socket',
  'socket_single',
  'socket_single_unique',
  'socket_unique_interleaved',
  'socket_unique_contiguous',
];

const referenceFlags: readonly ReferenceFlag[] = [
  {
    flags: '--memory-format <layout>',
    choices: ['nchw', 'nhwc'],
    answer: 'ignored',
    reason: 'a trainer chooses its own layout (tfjs: nhwc), and results do not depend on it',
  },
  {
    flags: '--gpu-affinity <mode>',
    choices: affinities,
    neutral: 'none',
    answer: 'ignored',
    reason: 'one process uses one GPU, and the operating system places its threads',
  },
  {
    flags: '--jit <mode>',
    choices: ['no', 'script'],
    neutral: 'no',
    answer: 'ignored',
    reason: 'there is no TorchScript here; the trainer compiles what it can',
  },
  {
    flags: '--topk <k>',
    neutral: '5',
    answer: 'refused',
    reason: 'the second accuracy is always that of the five best guesses',
  },
  {
    flags: '--gather-checkpoints <n>',
    answer: 'refused',
    reason: 'use --keep <n> (in NVIDIA’s code 0 keeps every checkpoint and -1 none)',
  },
  {
    flags: '--pretrained',
    answer: 'refused',
    reason: 'no weights are downloaded: use --pretrained-from-file <file>',
  },
  {
    flags: '--fp16',
    answer: 'refused',
    reason: 'of earlier scripts, which trained in float16 alone: use --amp',
  },
  { flags: '--trt', answer: 'refused', reason: 'models are not exported for TensorRT' },
];

export function addReferenceFlags(command: Command): Command {
  command.optionsGroup('NVIDIA’s flags without an effect here:');
  for (const { flags, choices, answer, neutral } of referenceFlags) {
    const but = neutral === undefined ? '' : ` unless ${neutral}`;
    const option = new Option(flags, `${answer}${but}`);
    command.addOption(choices === undefined ? option : option.choices(choices));
  }
  return command;
}

/** Says of each flag given that it changes nothing; throws where it should have. */
export function answerReferenceFlags(values: object, log: (line: string) => void): void {
  for (const { flags, neutral, answer, reason } of referenceFlags) {
    const option = new Option(flags);
    const value: unknown = (values as Record<string, unknown>)[option.attributeName()];
    if (value === undefined || value === false || String(value) === neutral) continue;
    const given = value === true ? `${option.long}` : `${option.long} ${value}`;
    if (answer === 'refused') throw new ParameterError('UNSUPPORTED_FLAG', `${given}: ${reason}`);
    log(`${given}: ignored: ${reason}`);
  }
}
