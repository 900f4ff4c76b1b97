import type { Size } from '../../../core/image.ts';
import { damaged, refuseIf } from './not-transcodable.ts';
import { Scratch } from './scratch.ts';

/** One colour component of a frame and its coefficients. */
export interface Component {
  readonly id: number;
  /** Blocks of an MCU in x and y, 1..4. */
  readonly horizontal: number;
  readonly vertical: number;
  /** Which of the four quantisation tables. */
  readonly quantisation: number;
  /** Blocks that the image needs: what a scan of this component alone holds. */
  readonly usedBlocks: Size;
  /** Blocks of a row, padded to whole MCUs. */
  readonly blocksPerRow: number;
  /** 64 a block in zigzag order, rows of blocks padded to whole MCUs. */
  readonly coefficients: Int16Array;
}

export interface Frame extends Size {
  readonly isProgressive: boolean;
  readonly components: readonly Component[];
  /** Pixels of an MCU. */
  readonly mcu: Size;
  /** MCUs of the image in x and y. */
  readonly mcus: Size;
}

const scratch = new Scratch();

/** `content`: of a start-of-frame segment, whose coding was found to be one that we read. */
export function readFrame(content: Buffer, isProgressive: boolean, fileBytes: number): Frame {
  const height = content.readUInt16BE(1);
  const width = content.readUInt16BE(3);
  const shapes = readShapes(content);
  const across = Math.max(...shapes.map(({ horizontal }) => horizontal));
  const down = Math.max(...shapes.map(({ vertical }) => vertical));
  const isIntegral = shapes.every((s) => across % s.horizontal === 0 && down % s.vertical === 0);
  refuseIf(!isIntegral, 'sampling factors that are not whole ratios');
  const blocksOfMcu = shapes.reduce((sum, { horizontal, vertical }) => sum + horizontal * vertical, 0);
  refuseIf(blocksOfMcu > 10, 'more than 10 blocks in an MCU');

  const mcu = { width: 8 * across, height: 8 * down };
  const mcus = { width: Math.ceil(width / mcu.width), height: Math.ceil(height / mcu.height) };
  // each block's DC takes a bit or more: memory stays in proportion to the file, whatever size is declared
  refuseIf(mcus.width * mcus.height * shapes.length > fileBytes * 8, 'damaged: too few bytes for its size');
  const totalCoefficients = mcus.width * mcus.height * blocksOfMcu * 64;
  const memory = scratch.atLeast(totalCoefficients * Int16Array.BYTES_PER_ELEMENT);
  const all = new Int16Array(memory, 0, totalCoefficients).fill(0);
  let start = 0;
  const components = shapes.map((shape): Component => {
    const { horizontal, vertical } = shape;
    const first = start;
    start += mcus.width * mcus.height * horizontal * vertical * 64;
    return {
      ...shape,
      usedBlocks: {
        width: Math.ceil((width * horizontal) / mcu.width),
        height: Math.ceil((height * vertical) / mcu.height),
      },
      blocksPerRow: mcus.width * horizontal,
      coefficients: all.subarray(first, start),
    };
  });
  return { width, height, isProgressive, components, mcu, mcus };
}

type Shape = Pick<Component, 'id' | 'horizontal' | 'vertical' | 'quantisation'>;

function readShapes(content: Buffer): Shape[] {
  const shapes = Array.from({ length: content.readUInt8(5) }, (_, i) => {
    const [id, factors, quantisation] = content.subarray(6 + i * 3, 9 + i * 3);
    if (id === undefined || factors === undefined || quantisation === undefined)
      throw damaged('frame header');
    return { id, horizontal: factors >> 4, vertical: factors & 15, quantisation };
  });
  const isFactor = (value: number) => value >= 1 && value <= 4;
  const areFactors = shapes.every(({ horizontal, vertical }) => isFactor(horizontal) && isFactor(vertical));
  refuseIf(!areFactors, 'damaged: sampling factors');
  refuseIf(new Set(shapes.map(({ id }) => id)).size < shapes.length, 'damaged: two components of one name');
  // what a file of one component says of its sampling means nothing: an MCU is one block (T.81, A.2.2)
  return shapes.length === 1 ? shapes.map((shape) => ({ ...shape, horizontal: 1, vertical: 1 })) : shapes;
}
