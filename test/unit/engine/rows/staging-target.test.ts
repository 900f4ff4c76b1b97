import { expect, it } from 'vitest';
import { ImagePlan, packPlan } from '../../../../backends/gpu/image-plan.ts';
import { KnownTables } from '../../../../backends/gpu/known-tables.ts';
import { planImage } from '../../../../backends/gpu/plan-image.ts';
import { stepField } from '../../../../backends/gpu/wgsl/steps.wgsl.ts';
import { callsOnPart, type KernelCall } from '../../../../backends/kernels/kernel.ts';
import { resample } from '../../../../backends/kernels/resample/resample.ts';
import type { Box } from '../../../../src/core/image.ts';
import { allocateStaging, Staging } from '../../../../src/engine/rows/staging.ts';
import { StagingTarget } from '../../../../src/engine/rows/staging-target.ts';
import type { ThreadSetup } from '../../../../src/engine/rows/task.ts';
import { noise } from '../../../support/images.ts';

const whole = noise({ width: 64, height: 20 }, 1);
const rowBytes = whole.width * 3;

/** What a thread stages of `decoded` for a program that reads `read`, both parts of the same image. */
function stage(decoded: Box, read: Box) {
  const staging = new Staging(allocateStaging());
  staging.clear();
  const target = new StagingTarget({ slots: [staging.buffer] } as unknown as ThreadSetup);
  const image = target.image(0, decoded);
  for (let y = 0; y < decoded.height; y++)
    image.set(bytesOf(decoded.left, decoded.top + y, decoded.width), y * decoded.width * 3);
  const { at, bytes, planAt, planWords } = target.run(0, 0, [halved(read)], decoded, whole);
  const plan = new ImagePlan(staging.words(planAt, planWords));
  const pixels = staging.view(at, bytes);
  const stride = plan.word(plan.programAt + stepField.width);
  const { width, height } = plan.size;
  const rows = Array.from({ length: height }, (_, y) =>
    pixels.slice(y * stride * 3, (y * stride + width) * 3),
  );
  return { plan, row: { width, height, stride }, rows };
}

/** The part at half its size. */
const halved = ({ left, top, width, height }: Box): KernelCall => {
  const [gridWidth, gridHeight] = [width >> 1, height >> 1];
  return resample({
    ...{ boxLeft: left, boxTop: top, boxWidth: width, boxHeight: height, gridWidth, gridHeight },
    ...{
      windowLeft: 0,
      windowTop: 0,
      windowWidth: gridWidth,
      windowHeight: gridHeight,
      filter: 0,
      mirror: 0,
    },
  });
};

const bytesOf = (left: number, y: number, width: number) =>
  whole.data.subarray(y * rowBytes + left * 3, y * rowBytes + (left + width) * 3);
const rowsOf = ({ left, top, width, height }: Box) =>
  Array.from({ length: height }, (_, y) => bytesOf(left, top + y, width).slice());

const decoded = { left: 8, top: 2, width: 40, height: 16 };

it('stages a part that is nearly as wide as what was decoded in one piece, with the stride of that', () => {
  const read = { left: 11, top: 4, width: 36, height: 9 };
  const { rows, row } = stage(decoded, read);
  expect(row).toEqual({ width: 36, height: 9, stride: 40 });
  expect(rows).toEqual(rowsOf(read));
});

it('stages a narrow part packed', () => {
  const read = { left: 11, top: 4, width: 20, height: 9 };
  const { rows, row } = stage(decoded, read);
  expect(row).toEqual({ width: 20, height: 9, stride: 20 });
  expect(rows).toEqual(rowsOf(read));
});

it('hands on a program that begins at the part', () => {
  const read = { left: 11, top: 4, width: 36, height: 9 };
  const onPart = { size: read, stride: 40, calls: callsOnPart([halved(read)], read) };
  expect(stage(decoded, read).plan.words).toEqual(packPlan(planImage(onPart, new KnownTables())));
});
