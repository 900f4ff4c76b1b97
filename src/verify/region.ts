import { decodeRegion } from '../../backends/decode/region.ts';
import { type KernelCall, readBox } from '../../backends/kernels/kernel.ts';
import { cropCall } from '../../backends/kernels/resample/calls.ts';
import { referenceBackend } from '../../backends/reference/executor.ts';
import type { Box, RawImage } from '../core/image.ts';
import { decodeOptions } from '../engine/plan/plan.ts';
import type { SampleMaker } from '../engine/rows/sample-maker.ts';
import { runCalls } from '../engine/rows/stage-images.ts';

/**
 * The part of a sample that the first call reads: decoded by itself, and cut out of the whole image; undefined where the
 * dataset has whole images only.
 */
export async function decodedRegion(
  maker: SampleMaker,
  id: number,
  whole: RawImage,
  first: KernelCall | undefined,
): Promise<{ readonly decoded: RawImage; readonly cut: RawImage } | undefined> {
  const source = await maker.source(id);
  if (first === undefined || !('intervalEnds' in source)) return undefined;
  const { width, height } = whole;
  const box = readBox(first, { left: 0, top: 0, width, height });
  let data = Buffer.alloc(0);
  const region = await decodeRegion(source, box, decodeOptions(maker.plan), (size) => {
    data = Buffer.alloc(size.width * size.height * 3);
    return data;
  });
  const inRegion = { ...box, left: box.left - region.left, top: box.top - region.top };
  // by the reference: what is compared here is decoding
  const crop = await referenceBackend.open();
  const cutFrom = (image: RawImage, at: Box) => runCalls(crop, image, [cropCall(image, at)]);
  return { decoded: await cutFrom({ ...region, data }, inRegion), cut: await cutFrom(whole, box) };
}
