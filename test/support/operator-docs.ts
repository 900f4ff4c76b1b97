import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeParameter, type Parameter } from '../../operators/parameters.ts';
import { type Phase, phases } from '../../src/core/step.ts';
import { operators } from './operator-calls.ts';

type Factory = (typeof operators)[keyof typeof operators];

const intro = `# Operators

Generated from the operators' declarations and doc comments (\`test/contract/operator-docs.test.ts\`); do not edit by hand.

An operator is called to make a step of a pipeline: \`pipeline.pipe(rotate({ degrees: 15 }))\`. Options are checked when the
step is made: a value out of range, of another type or under an unknown name throws a \`ParameterError\` that says what is
expected. Steps run in the order of the sections below; image operators among themselves in the order given,
tensor operators before the batch operator, after it, or both. Pixels are u8 RGB of shape [h, w, 3]. All backends give the same
bytes.
`;

const headings: Record<Phase, string> = {
  decode: 'Decode',
  image: 'Image operators',
  normalize: 'Normalize',
  tensor: 'Tensor operators',
  batch: 'Batch operators',
};

/** docs/operators.md. */
export function operatorDocs(): string {
  const sections = phases.map((phase) => {
    const inPhase = Object.values(operators).filter((factory) => phaseOf(factory) === phase);
    return [`## ${headings[phase]}\n`, ...inPhase.map(operatorSection)].join('\n');
  });
  return [intro, ...sections].join('\n');
}

const phaseOf = ({ definition }: Factory): Phase => ('phase' in definition ? definition.phase : 'image');

function operatorSection(factory: Factory): string {
  const { definition } = factory;
  const parameters: [string, Parameter][] = Object.entries(definition.parameters);
  const table = parameters.map(
    ([name, parameter]) => `| \`${name}\` | ${describeParameter(parameter)} | ${defaultOf(parameter)} |`,
  );
  const header = ['| parameter | accepts | default |', '| --- | --- | --- |'];
  const neutral = 'neutral' in definition ? `Neutral: \`${showOptions(definition.neutral)}\`.\n` : undefined;
  return [
    `### \`${signatureOf(factory)}\`\n`,
    `${commentOf(factory)}\n`,
    ...(parameters.length > 0 ? [...header, ...table, ''] : []),
    ...(neutral === undefined ? [] : [neutral]),
  ].join('\n');
}

function signatureOf({ definition, positional }: Factory): string {
  const names = Object.keys(definition.parameters).filter((name) => name !== positional);
  const options = names.length === 0 ? [] : [`{ ${names.join(', ')} }`];
  return `${definition.name}(${[...(positional === undefined ? [] : [positional]), ...options].join(', ')})`;
}

function defaultOf(parameter: Parameter): string {
  if (parameter.default !== undefined) return `\`${show(parameter.default)}\``;
  return 'optional' in parameter ? 'none' : 'required';
}

function show(value: unknown): string {
  if (typeof value === 'number') return String(Number(value.toFixed(4)));
  if (typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  return `'${value}'`;
}

const showOptions = (options: object): string =>
  `{ ${Object.entries(options)
    .map(([name, value]) => `${name}: ${show(value)}`)
    .join(', ')} }`;

/** The doc comment above the operator's export, from the TypeScript that the compiled module was made of. */
function commentOf({ definition: { name, module } }: Factory): string {
  const path = relative('dist', fileURLToPath(module)).replace(/\.js$/, '.ts');
  const [before] = readFileSync(path, 'utf8').split(`export const ${name}`) as [string];
  const comment = before.slice(before.lastIndexOf('/**')).trimEnd();
  if (!/^\/\*\*\n( \*.*\n)+ \*\/$/.test(comment)) throw new Error(`${path}: no doc comment above ${name}`);
  return comment.replaceAll(/^(\/\*\*| \*\/| \* ?)/gm, '').trim();
}
