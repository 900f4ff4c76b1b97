/** Where an error happened: the sample's key (its path or store key) and the operators it had reached. */
export interface ErrorContext {
  readonly cause?: unknown;
  readonly sample?: string | undefined;
  readonly operator?: string | undefined;
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

/** Code that a user may write (an operator, a dataset, its reader, a trainer) has a fault: no sample is to blame. */
export class PluginError extends MillraceError {}

/** A file cannot be written: the disk is full, there is no permission, the folder is missing. */
export class OutputError extends MillraceError {}

/** The machinery failed: a worker died, a device is missing or lost, memory is short. */
export class BackendError extends MillraceError {}

/** The trainer failed or cannot do what was asked of it. */
export class TrainerError extends MillraceError {}

/** What went wrong, in the words of whatever was thrown. */
export const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

/** Whether the operating system refused something, such as a file that is not there. */
export function isSystemError(cause: unknown): cause is NodeJS.ErrnoException {
  const { errno, syscall } = (cause ?? {}) as NodeJS.ErrnoException;
  return cause instanceof Error && typeof errno === 'number' && typeof syscall === 'string';
}

const classes = { ParameterError, DataError, PluginError, OutputError, BackendError, TrainerError } as const;

/** An error of the same class and code in other words; the first is its cause. */
export const reworded = (error: MillraceError, message: string, context: ErrorContext = {}): MillraceError =>
  new classes[classOf(error)](error.code, message, {
    ...{ sample: error.sample, operator: error.operator },
    ...context,
    cause: error,
  });

/** An error as plain data, to cross from a worker thread with its class, code and context. */
export interface ErrorRecord {
  readonly class: keyof typeof classes;
  readonly code: string;
  readonly message: string;
  readonly sample: string | undefined;
  readonly operator: string | undefined;
  readonly stack: string | undefined;
  /** What was thrown first: an Error, or in words anything else. */
  readonly cause: CauseRecord | string | undefined;
}

/** Of any class, which does not cross; its name does. */
interface CauseRecord {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** As the operating system's errors have it: ENOENT. */
  readonly code: string | undefined;
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
    cause: toCauseRecord(known === undefined ? error : known.cause),
  };
}

/** By instance, so that a class derived from one of ours crosses as that one. */
function classOf(error: unknown): keyof typeof classes {
  const names = Object.keys(classes) as (keyof typeof classes)[];
  return names.find((name) => error instanceof classes[name]) ?? 'BackendError';
}

function toCauseRecord(cause: unknown): CauseRecord | string | undefined {
  if (!(cause instanceof Error)) return cause === undefined ? undefined : String(cause);
  const { name, message, stack } = cause;
  const { code } = cause as { readonly code?: unknown };
  return { name, message, stack, code: typeof code === 'string' ? code : undefined };
}

export function fromErrorRecord(record: ErrorRecord): MillraceError {
  const { code, message, sample, operator, cause } = record;
  const error = new classes[record.class](code, message, { sample, operator, cause: fromCauseRecord(cause) });
  if (record.stack !== undefined) error.stack = record.stack;
  return error;
}

function fromCauseRecord(cause: ErrorRecord['cause']): unknown {
  if (cause === undefined || typeof cause === 'string') return cause;
  const { name, message, stack, code } = cause;
  return Object.assign(new Error(message), { name, stack, ...(code !== undefined && { code }) });
}
