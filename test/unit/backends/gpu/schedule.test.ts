import { expect, it } from 'vitest';
import { eachRound, Schedule } from '../../../../backends/gpu/schedule.ts';
import { shaderNamed, shaders } from '../../../../backends/gpu/wgsl/modules.ts';
import { defineKernel } from '../../../../backends/kernels/kernel.ts';

const call = (properties: { passes?: 2; rounds?: 3; measuresInput?: true } = {}) =>
  defineKernel({ name: 'made-up', layout: {}, reference: () => undefined, ...properties })({});
const plain = call();
const measuring = call({ measuresInput: true });
const ofTwoPasses = call({ passes: 2 });

it('a call takes a slot, and a slot its dispatches, by what the kernel declares', () => {
  const schedule = new Schedule();
  expect(schedule.place([ofTwoPasses, plain, measuring, ofTwoPasses])).toEqual([0, 1, 2, 3]);
  expect(schedule.dispatches).toEqual([
    ...['resampleFirst', 'resampleSecond', 'apply', 'measureImages', 'makeTables', 'apply'],
    ...['resampleFirst', 'resampleSecond', 'finish'],
  ]);
});

it('a call of several rounds takes a slot for each, whatever its arguments', () => {
  const schedule = new Schedule();
  expect(schedule.place(eachRound([ofTwoPasses, call({ rounds: 3 }), plain]))).toEqual([0, 1, 2, 3, 4]);
  expect(schedule.dispatches.filter((entryPoint) => entryPoint === 'apply')).toHaveLength(4);
});

it('a call of one pass leaves the slot that reads the upload alone', () => {
  expect(new Schedule().place([plain])).toEqual([1]);
});

it('a program that fits the slots there are adds none, but may have one of them measure', () => {
  const schedule = new Schedule();
  schedule.place([ofTwoPasses, plain]);
  expect(schedule.place([ofTwoPasses, measuring])).toEqual([0, 1]);
  expect(schedule.place([plain])).toEqual([1]);
  expect(schedule.slots).toEqual([
    { passes: 2, measures: false },
    { passes: 1, measures: true },
  ]);
});

it('shaders of two passes say how large the image between them is, and no others', () => {
  for (const { kernel, betweenSize } of shaders)
    expect([kernel.name, betweenSize !== undefined]).toEqual([kernel.name, kernel.passes === 2]);
});

it('a shader is found by the name of its kernel', () => {
  for (const shader of shaders) expect(shaderNamed(shader.kernel.name)).toBe(shader);
  expect(() => shaderNamed('made-up')).toThrow(
    "gpu: there is no WGSL for the kernel 'made-up'; use the backend cpu",
  );
});
