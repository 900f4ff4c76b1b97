import { expect, it } from 'vitest';
import { ImagePlan, packPlan, TABLE_WORDS, tableField } from '../../../../backends/gpu/image-plan.ts';
import { KnownTables } from '../../../../backends/gpu/known-tables.ts';
import { planImage } from '../../../../backends/gpu/plan-image.ts';
import { residentTables } from '../../../../backends/gpu/wgsl/modules.ts';
import { stepField, stepFields } from '../../../../backends/gpu/wgsl/steps.wgsl.ts';
import { lut, sameTables } from '../../../../backends/kernels/lut/lut.ts';
import { resizeCall } from '../../../../backends/kernels/resample/calls.ts';
import { Statistic, statisticsLut } from '../../../../backends/kernels/statistics-lut/statistics-lut.ts';

const size = { width: 40, height: 32 };
const calls = [
  resizeCall(size, { width: 8, height: 4 }, 'bilinear'),
  lut({ tables: sameTables((v) => 255 - v) }),
  statisticsLut({ statistic: Statistic.contrast, factor: 1.5 }),
];
const planOf = (tables: KnownTables) =>
  new ImagePlan(packPlan(planImage({ size, stride: 44, calls }, tables)).slice());
const recordsOf = ({ words, programAt, shaders }: ImagePlan) =>
  shaders.map((_, step) => {
    const at = programAt + step * stepFields.length;
    return Object.fromEntries(stepFields.map((name, i) => [name, words[at + i] as number]));
  });

it('says how much room an image takes, and where its result lies', () => {
  const plan = planOf(new KnownTables());
  expect(plan.size).toEqual(size);
  expect(plan.uploadBytes).toBe((31 * 44 + 40) * 3);
  // results in turn in two areas; the first is also as large as what lies between the passes, 8 x 32; and a table
  expect(plan.pixelWords).toBe(8 * 4 + 8 * 32 + 256);
  expect([plan.resultAt, plan.resultSize]).toEqual([0, { width: 8, height: 4 }]);
  expect(plan.binBytes).toBe(768 * 4);
  expect(plan.shaders.map(({ kernel }) => kernel.name)).toEqual(['resample', 'lut', 'statistics-lut']);
});

it('has records of its steps that count from the image on', () => {
  const [first, second, third] = recordsOf(planOf(new KnownTables()));
  expect(first).toMatchObject({ at: 0, isUploaded: 1, width: 44, height: 32, between: 32, result: 0 });
  expect(first).toMatchObject({ betweenWidth: 8, betweenHeight: 32, resultWidth: 8, resultHeight: 4 });
  expect(second).toMatchObject({ at: 0, isUploaded: 0, width: 8, height: 4, result: 32 });
  expect(third).toMatchObject({ at: 32, isUploaded: 0, result: 0, table: 32 + 8 * 32 });
});

it("puts a table of its own behind the step's arguments, and says where from there", () => {
  const { words, programAt, shaders } = planOf(new KnownTables());
  expect(shaders[1]?.kernel.name).toBe('lut');
  const record = programAt + stepFields.length;
  const argumentsAt = programAt + (words[record + stepField.arguments] as number);
  const table = argumentsAt + (words[argumentsAt] as number);
  expect(words.slice(table, table + 256)).toEqual(
    Uint32Array.from({ length: 256 }, (_, v) => (255 - v) * 0x010101),
  );
});

it('names its tables on the device, whose words come along the first time that the thread asks for them', () => {
  const tables = new KnownTables();
  const [first, second] = [planOf(tables), planOf(tables)];
  const tablesOf = ({ words, tables: { at, count } }: ImagePlan) =>
    Array.from({ length: count }, (_, i) => words.slice(at + i * TABLE_WORDS, at + (i + 1) * TABLE_WORDS));
  const named = tablesOf(first).map((words) => residentTables[words[tableField.definition] as number]?.name);
  expect(named).toEqual(['axis', 'axis', 'blend']);
  expect(tablesOf(first)[0]?.slice(tableField.parameters)).toEqual(Uint32Array.of(40, 8, 0, 0, 8));
  const coming = (plan: ImagePlan) => tablesOf(plan).map((words) => words[tableField.coming] as number);
  expect(coming(first).every((count) => count > 0)).toBe(true);
  expect(first.words.length - first.comingAt).toBe(coming(first).reduce((sum, count) => sum + count, 0));
  expect(coming(second)).toEqual([0, 0, 0]);
  expect(second.words).toHaveLength(second.comingAt);
});
