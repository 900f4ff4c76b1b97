import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, onTestFinished } from 'vitest';
import { photographPath } from '../../src/demo/photographs.ts';
import { classify } from '../../src/index.ts';
import { isWithoutChromium, itInChromium } from '../support/chromium.ts';
import { examplePath } from '../support/examples.ts';
import { type ExportedModel, exportedModel } from '../support/exported-model.ts';
import { folderOf } from '../support/folders.ts';

let model: ExportedModel;
beforeAll(async () => {
  if (isWithoutChromium) return;
  model = await exportedModel();
});

/** Starts the example's server for a model; its address. */
async function serve(file: string): Promise<string> {
  const env = { ...process.env, PORT: '0' };
  const server = spawn(process.execPath, [examplePath('browser/serve.js'), file], { env });
  onTestFinished(() => void server.kill());
  for await (const line of createInterface(server.stdout)) return /http:\S+/.exec(line)?.[0] as string;
  throw new Error('the server has ended');
}

type Handing = 'drop' | 'paste';

/** Makes the event that hands a file over: strings run in the page. */
const hand = `({ handing, name, url }) => fetch(url).then(async (response) => {
  const transfer = new DataTransfer();
  const type = name.endsWith('.jpg') ? 'image/jpeg' : 'text/plain';
  transfer.items.add(new File([await response.arrayBuffer()], name, { type }));
  const event = handing === 'drop'
    ? new DragEvent('drop', { dataTransfer: transfer, bubbles: true })
    : new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true });
  document.getElementById('place').dispatchEvent(event);
})`;

/** Drops or pastes a file, as the system would hand it over. */
async function handOver(page: Page, handing: Handing, name: string, content: Uint8Array): Promise<void> {
  const url = `data:;base64,${Buffer.from(content).toString('base64')}`;
  await page.evaluate(`(${hand})(${JSON.stringify({ handing, name, url })})`);
}

const drop = (page: Page, name: string, content: Uint8Array) => handOver(page, 'drop', name, content);

const status = (page: Page, text: string | RegExp) =>
  page.locator('#status', { hasText: text }).waitFor({ timeout: 30_000 });

/** What the page guesses: names, and probabilities in percent. */
async function guessesOn(page: Page): Promise<[string, number][]> {
  const lines = await page.locator('#guesses li').allInnerTexts();
  return lines.map((line) => {
    const [name = '', percent = ''] = line.split('\n');
    return [name, Number.parseFloat(percent) / 100];
  });
}

async function classified(image: string): Promise<[string, number][]> {
  for await (const { guesses } of classify({ images: [image], weights: model.checkpoint, device: 'cpu' }))
    return guesses.map(({ name, probability }) => [name, probability]);
  throw new Error('expected guesses');
}

describe('the page of examples/browser', () => {
  itInChromium('guesses as classify does, of pictures that are dropped, pasted and chosen', async (page) => {
    await page.goto(await serve(model.photo));
    await status(page, 'Ready for a picture');
    for (const name of ['acanthus-mollis', 'nagasaki-boats']) {
      const image = photographPath(name);
      await drop(page, `${name}.jpg`, readFileSync(image));
      await status(page, new RegExp(`^${name}.jpg$`));
      const expected = await classified(image);
      const found = await guessesOn(page);
      expect(found.map(([guess]) => guess)).toEqual(expected.map(([guess]) => guess));
      expect(found[0]?.[0]).toBe(name);
      for (const [i, [, probability]] of found.entries())
        expect(Math.abs(probability - (expected[i]?.[1] as number))).toBeLessThan(0.01);
      expect(await page.locator('#picture').isVisible()).toBe(true);
    }
    await handOver(page, 'paste', 'pasted.jpg', readFileSync(photographPath('march-pastoral')));
    await status(page, /^pasted\.jpg$/);
    expect((await guessesOn(page))[0]?.[0]).toBe('march-pastoral');
    await page.locator('#file').setInputFiles(photographPath('black-canyon'));
    await status(page, /^image\.jpg$/);
    const chosen = await guessesOn(page);
    expect([chosen.length, chosen[0]?.[0]]).toEqual([5, 'black-canyon']);
  });

  itInChromium('says what is wrong with what is dropped, and goes on', async (page) => {
    await page.goto(await serve(model.photo));
    await drop(page, 'notes.txt', Buffer.from('no picture'));
    await status(page, 'notes.txt is no picture that this browser can read');
    await page.dispatchEvent('#place', 'drop', {
      dataTransfer: await page.evaluateHandle('new DataTransfer()'),
    });
    await status(page, 'That was no file');
    const cat = readFileSync(photographPath('locomotion-house-cat'));
    await drop(page, 'cat.jpg', cat);
    await status(page, /^cat\.jpg$/);
    expect(await guessesOn(page)).toHaveLength(5);
    await drop(page, 'cut.jpg', cat.subarray(0, 300));
    await status(page, 'cut.jpg is no picture');
    expect(await guessesOn(page)).toEqual([]);
    expect(await page.locator('#picture').isVisible()).toBe(false);
  });

  itInChromium('shows how much of the model and its runtime is loaded', async (page) => {
    await page.addInitScript(`
      const said = window.said = [];
      new MutationObserver(() => said.push(document.querySelector('#status')?.textContent))
        .observe(document, { subtree: true, childList: true, characterData: true });
    `);
    await page.goto(await serve(model.photo));
    await status(page, 'Ready for a picture');
    const said = await page.evaluate<string[]>('said');
    const [, loaded, total] =
      /^Loading: ([\d.]+) MB of ([\d.]+) MB$/.exec(
        said.findLast((line) => line?.startsWith('Loading')) ?? '',
      ) ?? [];
    expect(Number(total)).toBeGreaterThan(5);
    expect(loaded).toBe(total);
    expect(said).toContain('Preparing the model');
    expect(await page.locator('#progress').isVisible()).toBe(false);
  });

  itInChromium('says what is wrong with the model', async (page) => {
    const photo = readFileSync(model.photo);
    const damaged = Buffer.from(photo).fill(255, 2000, 2100);
    const folder = folderOf({
      'cut.onnx': photo.subarray(0, 9000),
      'damaged.onnx': damaged,
      'empty.onnx': '',
    });
    const cases: [string, string | RegExp][] = [
      [join(folder, 'cut.onnx'), 'model.onnx is no ONNX file, or a damaged one: its end is missing'],
      [join(folder, 'damaged.onnx'), /^model\.onnx cannot be used: ./],
      [join(folder, 'empty.onnx'), 'model.onnx does not name its classes: write it with millrace export'],
      [model.pixels, 'model.onnx takes pixels: write it with millrace export --input photo'],
      [join(folder, 'none.onnx'), '/model.onnx cannot be loaded: 404'],
    ];
    for (const [file, said] of cases) {
      await page.goto(await serve(file));
      await page.locator('#status.wrong', { hasText: said }).waitFor({ timeout: 30_000 });
      await drop(page, 'cat.jpg', readFileSync(photographPath('locomotion-house-cat')));
      await page.locator('#status.wrong', { hasText: said }).waitFor();
      expect(await page.locator('#progress').isVisible()).toBe(false);
    }
  });
});
