import { openReader as openPart, type Reader, type ReaderDescription } from '../dataset.ts';
import type { PartLocator } from './concat.ts';

/** Has the reader of each dataset. All are opened before: waiting for one in `read` would hand its bytes on too late. */
export async function openReader(descriptions: readonly ReaderDescription[]): Promise<Reader> {
  const opened = await Promise.allSettled(descriptions.map(openPart));
  const readers = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const close = async () => {
    await Promise.all(readers.map((reader) => reader.close()));
  };
  const failure = opened.find((one) => one.status === 'rejected');
  if (failure !== undefined) {
    await close();
    throw failure.reason;
  }
  return {
    read(located) {
      const { part, locator } = located as PartLocator;
      return (readers[part] as Reader).read(locator);
    },
    ...(readers.some(({ prefetch }) => prefetch) && {
      prefetch(located) {
        for (const [part, reader] of readers.entries()) {
          const own = (located as readonly PartLocator[]).filter((one) => one.part === part);
          if (own.length > 0) reader.prefetch?.(own.map(({ locator }) => locator));
        }
      },
    }),
    close,
  };
}
