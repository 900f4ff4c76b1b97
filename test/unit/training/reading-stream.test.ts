import { describe, expect, it } from 'vitest';
import { images } from '../../../src/datasets/memory/images.ts';
import { completeOptions } from '../../../src/training/complete-options.ts';
import { readingStream } from '../../../src/training/reading-stream.ts';
import { patternItems } from '../../support/raw-images.ts';

const options = (workers?: number) =>
  completeOptions({
    data: images(patternItems(4)),
    stream: { batchSize: 4, ...(workers !== undefined && { workers }) },
  });

describe('data workers of a rank', () => {
  it('are as many as its cores, unless others are asked for', () => {
    expect(readingStream({ ...options(), cores: 3 })).toMatchObject({ batchSize: 4, workers: 3 });
    expect(readingStream({ ...options(5), cores: 3 }).workers).toBe(5);
    expect(readingStream({ ...options(0), cores: 3 }).workers).toBe(0);
  });

  it('are left to the pipeline in a process that has all cores', () => {
    expect(readingStream(options())).not.toHaveProperty('workers');
  });
});
