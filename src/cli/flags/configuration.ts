import { type Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { reasonOf } from '../../core/errors.ts';
import { exitCodes } from '../../core/exit-codes.ts';
import { readText } from '../../core/read-text.ts';
import type { Precision } from '../../core/trainer.ts';
import { type PresetName, presets, presetValues } from '../../training/preset-values.ts';
import { type RecipeName, recipeNames, recipes } from '../../training/recipe-values.ts';
import { precisionOf } from './precision.ts';

/** What a preset sets: the training's settings, and how often progress is told as NVIDIA's scripts do. */
const valuesOf = (preset: PresetName, precision?: Precision): Values => ({
  ...presetValues(preset, precision),
  printFreq: 20,
});

const isPreset = (name: unknown): name is PresetName =>
  typeof name === 'string' && Object.hasOwn(presets, name);

const isRecipe = (name: unknown): name is RecipeName =>
  typeof name === 'string' && Object.hasOwn(recipes, name);

/** What `addPresetFlags` adds. */
export interface PresetFlags {
  readonly preset?: PresetName;
  readonly recipe?: RecipeName;
}

/** Flags that say where values come from, and are none of those values. */
const ownFlags = ['preset', 'recipe', 'config', 'print-config'];

/**
 * `--preset`, `--recipe`, `--config` and `--print-config`: what is typed goes before the file, the file before the recipe, the
 * recipe before the preset, the preset before the defaults.
 *
 * @param needsArguments whether the command, given these flags, needs all of its arguments
 * @param settle takes back defaults that the flags in force make wrong
 */
export function addConfigurationFlags(
  command: Command,
  needsArguments: (flags: Values) => boolean = () => true,
  settle: (command: Command) => void = () => {},
): Command {
  return command
    .optionsGroup('Configuration:')
    .addOption(presetOption())
    .addOption(recipeOption())
    .option(
      '--config <file>',
      'JSON file with values of flags by their names: { "batch-size": 64, "mixup": 0.2 }',
    )
    .option('--print-config', 'print the values in force as such a file, and exit')
    .hook('preAction', (self) => configure(self, needsArguments, settle));
}

const presetOption = () =>
  new Option('--preset <name>', 'NVIDIA’s settings for a model').choices(Object.keys(presets));

const recipeOption = () =>
  new Option('--recipe <name>', 'published steps and optimiser settings (docs/recipes.md)').choices(
    recipeNames,
  );

/** `--preset` and `--recipe` for a command with some of training's flags: what they say of the others is passed over. */
export function addPresetFlags(command: Command): Command {
  const known = (values: Values): Values =>
    Object.fromEntries(Object.entries(values).filter(([key]) => optionOf(command, key) !== undefined));
  return command
    .addOption(presetOption())
    .addOption(recipeOption())
    .hook('preAction', () => {
      const { preset, recipe } = command.opts<PresetFlags>();
      if (preset !== undefined) apply(command, known(valuesOf(preset)));
      if (recipe !== undefined) apply(command, known(recipes[recipe].values));
    });
}

/** `--no-<flag>` for what a file may have switched on. To be called when all flags are there. */
export function addNegations(command: Command): Command {
  for (const option of command.options.filter((option) => option.isBoolean())) {
    const name = option.name();
    const isOwn = ownFlags.includes(name);
    if (!isOwn && !name.startsWith('no-')) command.addOption(new Option(`--no-${name}`).hideHelp());
  }
  return command;
}

/** The flags that were typed, or stand in `--config` or the preset: no defaults. */
export function givenFlags(command: Command): Values {
  const isGiven = (name: string) => ['cli', 'config'].includes(command.getOptionValueSource(name) ?? '');
  return Object.fromEntries(Object.entries(command.opts()).filter(([name]) => isGiven(name)));
}

function configure(
  command: Command,
  needsArguments: (flags: Values) => boolean,
  settle: (command: Command) => void,
): void {
  const given = command.opts<{ preset?: string; recipe?: string; config?: string; printConfig?: boolean }>();
  const { preset: presetOfFile, recipe: recipeOfFile, ...values } = readConfig(command, given.config);
  const { preset = presetOfFile, recipe = recipeOfFile } = given;
  const precision = precisionOf(command.opts()) ?? precisionOf(values);
  if (isPreset(preset)) apply(command, valuesOf(preset, precision), preset);
  else refuseUnknown(command, given.config, 'preset', Object.keys(presets), preset);
  if (isRecipe(recipe)) apply(command, recipes[recipe].values, recipe);
  else refuseUnknown(command, given.config, 'recipe', recipeNames, recipe);
  apply(command, values, given.config);
  settle(command);
  if (!given.printConfig) {
    if (needsArguments(command.opts())) requireArguments(command);
    return;
  }
  command.configureOutput().writeOut?.(`${JSON.stringify(configurationOf(command), null, 2)}\n`);
  // ends the command before its action, as --help does
  throw new CommanderError(exitCodes.ok, 'millrace.printConfig', 'printed the configuration');
}

/** Arguments are optional to the parser, for only what runs needs them. */
function requireArguments(command: Command): void {
  const missing = command.registeredArguments[command.args.length];
  if (missing !== undefined) command.error(`error: missing required argument '${missing.name()}'`);
}

type Values = Readonly<Record<string, unknown>>;

function readConfig(command: Command, path: string | undefined): Values {
  if (path === undefined) return {};
  let content: unknown;
  try {
    content = JSON.parse(readText(path));
  } catch (cause) {
    command.error(`error: --config: ${path}: ${reasonOf(cause)}`);
  }
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content as Values;
  return command.error(`error: --config: ${path}: expected an object, { "batch-size": 64 }`);
}

/** What a flag names, the parser has checked; what a file names, nobody. */
function refuseUnknown(
  command: Command,
  config: string | undefined,
  key: string,
  known: readonly string[],
  name: unknown,
): void {
  if (name === undefined) return;
  const expected = `${key} must be one of ${known.join(', ')}`;
  command.error(`error: --config: ${config}: ${expected}, got ${JSON.stringify(name)}`);
}

/** Gives flags that were not typed the values that `origin` has for them. */
function apply(command: Command, values: Values, origin = ''): void {
  const fail = (message: string): never => command.error(`error: --config: ${origin}: ${message}`);
  const entries = Object.entries(values).map(([key, value]) => ({
    key,
    value,
    option: optionOf(command, key),
  }));
  const unknown = entries.filter(({ option }) => option === undefined).map(({ key }) => key);
  if (unknown.length > 0) fail(`no flag is called ${unknown.join(', ')}`);
  const given = new Set<string>();
  for (const { key, value, option } of entries) {
    const name = (option as Option).attributeName();
    if (given.has(name)) fail(`${key}: is given twice, by another name as well`);
    given.add(name);
    const parsed = parse(option as Option, value, (message) => fail(`${key}: ${message}`));
    if (command.getOptionValueSource(name) !== 'cli')
      command.setOptionValueWithSource(name, parsed, 'config');
  }
}

/** By the name after the dashes, `batch-size`, or the one in code, `batchSize`. */
function optionOf(command: Command, key: string): Option | undefined {
  return configurable(command).find(
    (option) => option.attributeName() === key || [option.long, option.short].includes(`--${key}`),
  );
}

const configurable = (command: Command): Option[] =>
  command.options.filter((option) => !option.negate && !ownFlags.includes(option.name()));

/** The value, checked as if it had been typed. */
function parse(option: Option, value: unknown, fail: (message: string) => never): unknown {
  if (option.isBoolean()) return typeof value === 'boolean' ? value : fail('expected true or false');
  const isPlain = [value].flat().every((part) => ['string', 'number'].includes(typeof part));
  if (!isPlain) return fail('expected a number, a string or a list of them');
  if (option.parseArg === undefined) return String(value);
  try {
    return option.parseArg(String(value), undefined);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    return fail(`${JSON.stringify(value)} is invalid. ${error.message}`);
  }
}

/** What `--config` would read back: every flag that has a value. */
function configurationOf(command: Command): Values {
  const entries = configurable(command).map((option) => [
    option.name(),
    command.getOptionValue(option.attributeName()),
  ]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}
