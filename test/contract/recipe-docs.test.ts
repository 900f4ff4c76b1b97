import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { recipeNames, recipes } from '../../src/training/recipe-values.ts';

const document = readFileSync('docs/recipes.md', 'utf8');
const words = document.replace(/\s+/g, ' ');

describe('docs/recipes.md', () => {
  it.each(recipeNames)('says in what %s differs from its source', (name) => {
    const [, section] = new RegExp(`## ${name} (.*?)(?= ## )`).exec(words) ?? [];
    const listed = recipes[name].deviations.map((deviation) => `- ${deviation}`).join(' ');
    expect(section).toContain(listed);
  });

  it('has the numbers of all in its table', () => {
    const rows = document.split('\n').filter((line) => line.startsWith('| `--'));
    const cellsOf = (flag: string) => {
      const row = rows.find((line) => line.includes(flag)) ?? '';
      return row
        .split('|')
        .slice(2, 6)
        .map((cell) => cell.trim());
    };
    const valuesOf = (name: string) =>
      recipeNames.map((recipe) => (recipes[recipe].values as Readonly<Record<string, unknown>>)[name]);
    for (const [flag, name] of [
      ['--optimizer-batch-size', 'optimizerBatchSize'],
      ['--batch-size', 'batchSize'],
      ['--label-smoothing', 'labelSmoothing'],
      ['--ra-reps', 'raReps'],
    ] as const)
      expect(cellsOf(`\`${flag}\``)).toEqual(valuesOf(name).map(String));
    const [lr, warmup, epochs] = ['lr', 'warmup', 'epochs'].map(valuesOf);
    expect(cellsOf('`--lr`')).toEqual(
      recipeNames.map((_, i) => [lr?.[i] ?? 'yours', warmup?.[i], epochs?.[i]].join(', ')),
    );
    const optional = (name: string) => valuesOf(name).map((value) => Number(value ?? 0));
    expect(cellsOf('`--use-ema`').map(Number)).toEqual(optional('useEma'));
    expect(cellsOf('`--color-jitter`').map(Number)).toEqual(optional('colorJitter'));
    expect(cellsOf('`--random-erase`').map((cell) => Number.parseFloat(cell || '0'))).toEqual(
      optional('randomErase'),
    );
    const weightDecay = cellsOf('`--weight-decay`').map((cell) => (cell === 'yours' ? 0 : Number(cell)));
    expect(weightDecay).toEqual(optional('weightDecay'));
  });
});
