import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { MillraceError, reasonOf } from '../core/errors.ts';
import { escapeControls } from '../core/escape-controls.ts';
import { exitCodeOf, exitCodes } from '../core/exit-codes.ts';
import { Interrupted } from '../core/interrupted.ts';
import { stackOf } from '../core/stack-of.ts';
import { isFirstOfMachine } from '../ranks/launcher.ts';
import { alone, type Ranks } from '../ranks/ranks.ts';
import { letOthersSpeak } from './launched.ts';
import { endWithReader, openTerminal, type Terminal } from './terminal.ts';

/** What every command gets beside its own flags. */
export interface CommandContext {
  readonly terminal: Terminal;
  /** Aborted by the first Ctrl-C (or SIGTERM); the second ends the process at once. */
  readonly signal: AbortSignal;
  /**
   * Has the first of these ranks speak for all as soon as they are open; until then, the first of each machine. They leave together
   * when the command has ended.
   */
  join(opening: Promise<Ranks>): Promise<Ranks>;
}

/** Runs a command's work: signals, errors and exit codes are handled here, once. */
export async function runCommand(
  options: { readonly quiet?: boolean | undefined },
  work: (context: CommandContext) => Promise<void>,
): Promise<void> {
  let ranks = alone;
  let isSpeaking = true;
  const isSilent = () => !isSpeaking;
  const terminal = openTerminal({ quiet: options.quiet ?? false, isSilent });
  const join = async (opening: Promise<Ranks>) => {
    isSpeaking = isFirstOfMachine(process.env);
    ranks = await opening;
    isSpeaking = ranks.rank === 0;
    return ranks;
  };
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    terminal.log('\ninterrupted: finishing this step (again: stop at once)');
    controller.abort(new Interrupted('interrupted'));
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    await work({ terminal, signal: controller.signal, join });
  } catch (error) {
    // of a rank that was interrupted nobody has said so yet
    if (error instanceof Interrupted && !controller.signal.aborted) terminal.log(error.message);
    process.exitCode = exitCodeOf(error);
    if (isSpeaking) report(error);
    else if (ranks === alone && !(error instanceof Interrupted)) await letOthersSpeak();
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
  // once all is said: a launcher ends all ranks as soon as one has left with an error
  await leave(ranks);
}

async function leave(ranks: Ranks): Promise<void> {
  try {
    await ranks.close();
  } catch (error) {
    report(error);
    process.exitCode = exitCodeOf(error);
  }
}

/** Prints an error for people. */
function report(error: unknown): void {
  if (error instanceof Interrupted) return;
  const stack = stackOf(error);
  if (error instanceof MillraceError) {
    reportFailure(error);
    if (stack !== undefined) process.stderr.write(`${stack}\n`);
    return;
  }
  process.stderr.write(`error: ${stack ?? reasonOf(error)}\n`);
}

/** A failure that the command goes past is printed as one that ends it, `--quiet` or not. */
export function reportFailure({ message, code }: MillraceError): void {
  process.stderr.write(`error: ${escapeControls(message)} [${code}]\n`);
}

interface ProgramOptions {
  /** Told what is wrong with the usage. */
  readonly onWrongUsage?: ((message: string) => Promise<void>) | undefined;
}

/** Parses the command line; wrong usage ends with exit code 2. */
export async function runProgram(
  program: Command,
  argv: readonly string[],
  { onWrongUsage }: ProgramOptions = {},
): Promise<void> {
  endWithReader();
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    if (error.exitCode !== 0) await onWrongUsage?.(error.message);
  }
}

/** Has what the parser writes, help and errors, written nowhere. */
export function silence(program: Command): void {
  const nowhere = () => {};
  for (const command of [program, ...program.commands])
    command.configureOutput({ writeOut: nowhere, writeErr: nowhere });
}

/** A command that throws instead of exiting, so that `runProgram` chooses the exit code. */
export function makeCommand(name: string): Command {
  return new Command(name).exitOverride().showHelpAfterError('(add --help for usage)');
}

/** What values an option takes, both ends included. */
export interface ValueRange {
  readonly min: number;
  readonly max: number;
  /** Whether -1 is accepted as well, and switches the option off, as in NVIDIA's scripts. */
  readonly orOff?: boolean;
}
const anyNumber: ValueRange = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };
export const atLeast = (min: number): ValueRange => ({ ...anyNumber, min });
export const atLeastOneOrOff: ValueRange = { ...atLeast(1), orOff: true };
export const share: ValueRange = { min: 0, max: 1 };

export function numberOption(
  flags: string,
  description: string,
  fallback?: number,
  range = anyNumber,
): Option {
  return withDefault(new Option(flags, description).argParser(parser('a number', range)), fallback);
}

export function integerOption(
  flags: string,
  description: string,
  fallback?: number,
  range = anyNumber,
): Option {
  return withDefault(new Option(flags, description).argParser(parser('an integer', range)), fallback);
}

/** Numbers with commas between them, such as 0.5,1; what takes them checks how many, and their order. */
export function numbersOption(flags: string, description: string, range: ValueRange): Option {
  const parse = parser('numbers', range);
  return new Option(flags, description).argParser((text) => text.split(',').map(parse));
}

/** Paths or names, with commas between them or by giving the flag again. */
export function listOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text, before: readonly string[] | undefined) => [
    ...(before ?? []),
    ...text.split(','),
  ]);
}

export function choiceOption(
  flags: string,
  description: string,
  choices: readonly string[],
  fallback?: string,
): Option {
  return withDefault(new Option(flags, description).choices(choices), fallback);
}

function withDefault(option: Option, fallback: number | string | undefined): Option {
  return fallback === undefined ? option : option.default(fallback);
}

function parser(kind: 'a number' | 'an integer' | 'numbers', range: ValueRange): (text: string) => number {
  const { min, max, orOff = false } = range;
  return (text) => {
    const value = Number(text);
    const isInRange = (value >= min && value <= max) || (orOff && value === -1);
    if (text.trim() !== '' && isInRange && (kind !== 'an integer' || Number.isInteger(value))) return value;
    throw new InvalidArgumentError(`Expected ${kind}${describeBounds(range)}.`);
  };
}

function describeBounds({ min, max, orOff = false }: ValueRange): string {
  if (Number.isFinite(max)) return ` of ${min}..${max}`;
  const bounds = Number.isFinite(min) ? ` of ${min} or more` : '';
  return orOff ? `${bounds}, or -1 (off)` : bounds;
}
