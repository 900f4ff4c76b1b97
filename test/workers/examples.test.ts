import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runExample } from '../support/examples.ts';
import { photoFolder } from '../support/photos.ts';

const examples = readdirSync('examples').filter((name) => name.endsWith('.js'));

/** The numbers that stand where a form has its group. */
const numbersIn = (text: string, form: RegExp): number[] =>
  [...text.matchAll(form)].map(([, number]) => Number(number));

/** What each prints, beside running to its end. */
const shows: Readonly<Record<string, (stdout: string) => void>> = {
  'folder-to-model.js': (stdout) => {
    const losses = numbersIn(stdout, /^epoch \d: loss ([\d.]+)$/gm);
    expect(losses.length).toBe(4);
    expect(losses[3]).toBeLessThan(0.7 * (losses[0] as number));
    expect(numbersIn(stdout, /^top-1 ([\d.]+) %$/gm).at(-1)).toBeGreaterThan(80);
    const [guess, ...others] = stdout.trim().split('\n').slice(-3);
    expect(guess).toMatch(/plum.149\.png: plum 0\.[5-9]/);
    expect(others.join()).toMatch(/apple.*lime|lime.*apple/);
  },
  'live-camera.js': (stdout) => {
    const frames = numbersIn(stdout, /frame (\d+)/g);
    expect(frames).toEqual(frames.toSorted((a, b) => a - b));
    expect(new Set(frames).size).toBe(frames.length);
    // dropped are the oldest that wait, so the last ones arrive
    expect(frames.slice(-4)).toEqual([96, 97, 98, 99]);
    expect(stdout).toContain(`${frames.length} frames in batches, ${100 - frames.length} dropped`);
    expect(frames.length).toBeLessThan(100);
  },
  'own-dataset.js': (stdout) => {
    const lines = stdout.trim().split('\n');
    expect(lines.map((line) => line.match(/^\d+ x 32 x 32 x 3/)?.[0])).toEqual(
      [4, 4, 2].map((rows) => `${rows} x 32 x 32 x 3`),
    );
    expect(
      lines.join(' ').match(/airplane|automobile|bird|cat|deer|dog|frog|horse|ship|truck/g),
    ).toHaveLength(10);
  },
  'own-operator.js': (stdout) =>
    expect(stdout.match(/"operator":"tint","values":{"channel":[012],"amount":[0-9]+}/g)).toHaveLength(4),
  'own-trainer.js': (stdout) => {
    const trained = numbersIn(stdout, /^train: epoch \d, loss ([\d.]+)$/gm);
    expect(trained.length).toBe(5);
    expect(trained[4]).toBeLessThan(0.6 * (trained[0] as number));
    expect(numbersIn(stdout, /^train: top-1 ([\d.]+)/gm).at(-1)).toBe(1);
    const looped = numbersIn(stdout, /^trainWith: step \d+, loss ([\d.]+)$/gm);
    expect(looped.length).toBe(12);
    expect(looped[0]).toBeCloseTo(Math.log(3), 3);
    expect(looped[11]).toBeLessThan(0.7);
  },
};

describe('the examples', () => {
  it('are known here, apart from the modules that they import', () => {
    const modules = ['cifar.js', 'pictures.js', 'softmax-regression.js', 'tint.js'];
    expect(examples.toSorted()).toEqual([...Object.keys(shows), ...modules].toSorted());
  });

  it.each(Object.entries(shows))(
    '%s shows what it is about, without a word on stderr',
    async (name, check) => {
      const { stdout, stderr } = await runExample(name);
      expect(stderr).toBe('');
      check(stdout);
    },
  );

  it("folder-to-model.js takes a folder and an image of one's own", async () => {
    const photos = await photoFolder(8);
    const image = join(photos, 'dog', '3.jpg');
    const { stdout, stderr } = await runExample('folder-to-model.js', photos, image);
    expect(stderr).toBe('');
    expect(existsSync(image)).toBe(true);
    expect(stdout.match(/dog.3\.jpg: (cat|dog) 0\.\d+/g)).toHaveLength(2);
  });
});
