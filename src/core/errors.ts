/** Where an error happened: the sample's key (its path or store key) and the operators it had reached. */
export interface ErrorContext {
  readonly cause?: unknown;
  readonly sample?: string;
  readonly operator?: string;
}

/** What every error of millrace carries: a stable `code`, and where it applies the sample and the operator. */
export abstract class MillraceError extends Error {
  readonly code: string;
  readonly sample: string | undefined;
  readonly operator: string | undefined;

  constructor(code: string, message: string, context: ErrorContext = {}) {
    super(message, context.cause === undefined ? undefined : { cause: context.cause });
    this.name = new.target.name;
    this.code = code;
    this.sample = context.sample;
    this.operator = context.operator;
  }
}

/** A parameter, an option or the order of steps is wrong. Thrown when a pipeline is built, before anything runs. */
export class ParameterError extends MillraceError {}

/** A sample or a dataset cannot be used: missing, damaged, too large, of another size than its batch. */
export class DataError extends MillraceError {}

/** The machinery failed: a worker died, a device is missing or lost, memory is short. */
export class BackendError extends MillraceError {}

/** The trainer failed or cannot do what was asked of it. */
export class TrainerError extends MillraceError {}

/** What went wrong, in the words of whatever was thrown. */
export const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

const classes = { ParameterError, DataError, BackendError, TrainerError } as const;

/** An error as plain data, to cross from a worker thread with its class, code and context. */
export interface ErrorRecord {
  readonly class: keyof typeof classes;
  readonly code: string;
  readonly message: string;
  readonly sample: string | undefined;
  readonly operator: string | undefined;
  readonly stack: string | undefined;
}

export function toErrorRecord(error: unknown, fallback: ErrorContext = {}): ErrorRecord {
  const known = error instanceof MillraceError ? error : undefined;
  return {
    class: classOf(error),
    code: known?.code ?? 'UNEXPECTED',
    message: reasonOf(error),
    sample: known?.sample ?? fallback.sample,
    operator: known?.operator ?? fallback.operator,
    stack: error instanceof Error ? error.stack : undefined,
  };
}

/** By instance, so that a class derived from one of ours crosses as that one. */
function classOf(error: unknown): keyof typeof classes {
  const names = Object.keys(classes) as (keyof typeof classes)[];
  return names.find((name) => error instanceof classes[name]) ?? 'BackendError';
}

export function fromErrorRecord(record: ErrorRecord): MillraceError {
  const { sample, operator } = record;
  const context = {
    ...(sample === undefined ? {} : { sample }),
    ...(operator === undefined ? {} : { operator }),
  };
  const error = new classes[record.class](record.code, record.message, context);
  if (record.stack !== undefined) error.stack = record.stack;
  return error;
}
