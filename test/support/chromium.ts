import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { it, type TestContext } from 'vitest';

const wellKnown = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

const executablePath = process.env['MILLRACE_CHROMIUM'] ?? wellKnown.find((path) => existsSync(path));
const isRequired = process.env['MILLRACE_REQUIRE_CHROMIUM'] === '1';
const reason = 'no Chromium in a usual place: install one, or name it by MILLRACE_CHROMIUM';

/** Tests of pages are then skipped, unless MILLRACE_REQUIRE_CHROMIUM=1 makes them fail. */
export const isWithoutChromium = executablePath === undefined && !isRequired;

/** A test of a page in headless Chromium. */
export const itInChromium = (name: string, test: (page: Page) => Promise<void>): void =>
  it(name, async ({ skip }: TestContext) => {
    skip(isWithoutChromium, reason);
    if (executablePath === undefined) throw new Error(reason);
    const browser = await launch(executablePath);
    try {
      await test(await browser.newPage());
    } finally {
      await browser.close();
    }
  });

/** Without its sandbox, which does not run as root. */
const launch = (path: string): Promise<Browser> =>
  chromium.launch({ executablePath: path, args: ['--no-sandbox'] });
