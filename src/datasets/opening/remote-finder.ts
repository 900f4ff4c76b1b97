import type { RemoteFile } from '../../remote/remote-file.ts';
import { RemoteFiles } from '../../remote/remote-files.ts';

const IDLE_MS = 1000;

/** Looks objects up after a dataset was listed, when their lengths are asked for. Connections are open as long as that takes. */
export class RemoteFinder {
  readonly #onMessage: ((message: string) => void) | undefined;
  #files: RemoteFiles | undefined;
  #underWay = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(onMessage?: (message: string) => void) {
    this.#onMessage = onMessage;
  }

  /** Throws a DataError MISSING_FILE; all else is a BackendError. */
  async find(url: string): Promise<RemoteFile> {
    clearTimeout(this.#timer);
    this.#underWay++;
    try {
      return await this.#open().findNamed(url);
    } finally {
      this.#underWay--;
      if (this.#underWay === 0) this.#timer = setTimeout(() => this.#close(), IDLE_MS).unref();
    }
  }

  plainUrl(url: string): string {
    return this.#open().plainUrl(url);
  }

  #open(): RemoteFiles {
    this.#files ??= new RemoteFiles({}, this.#onMessage);
    return this.#files;
  }

  #close(): void {
    void this.#files?.close();
    this.#files = undefined;
  }
}
