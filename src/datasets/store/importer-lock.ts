import { randomUUID } from 'node:crypto';
import { existsSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { DataError } from '../../core/errors.ts';
import type { Environment } from './environment.ts';
import type { Importer } from './metadata.ts';

/** After as long without a sign of life an importer counts as gone, whatever became of its process. */
const GONE_AFTER_MS = 120_000;
const tokensOfThisProcess = new Set<string>();

/**
 * The right to import into a store, kept in the store itself: LMDB runs one transaction at a time, so of two importers
 * one finds the other's name. An importer that was killed leaves its name behind; it is taken over when its
 * process is gone.
 */
export class ImporterLock {
  readonly #environment: Environment;
  readonly #token = randomUUID();

  /** Call within a transaction. Throws DataError where another importer is at work. */
  constructor(environment: Environment) {
    this.#environment = environment;
    const other = environment.metadata.get('importer');
    if (other !== undefined && isAtWork(other)) throw busy(environment.path, other);
    this.#write();
    tokensOfThisProcess.add(this.#token);
  }

  /** Call within each transaction: throws where another importer took over, which believed this one gone. */
  renew(): void {
    const { metadata, path } = this.#environment;
    const holder = metadata.get('importer');
    if (holder?.token === this.#token) this.#write();
    else throw new DataError('STORE_BUSY', `${path}: another importer took over while this one stood still`);
  }

  /** Call within a transaction. */
  release(): void {
    tokensOfThisProcess.delete(this.#token);
    const { metadata } = this.#environment;
    if (metadata.get('importer')?.token === this.#token) metadata.remove('importer');
  }

  #write(): void {
    const importer = { host: hostName(), process: process.pid, token: this.#token, seen: Date.now() };
    this.#environment.metadata.put('importer', importer);
  }
}

function isAtWork({ host, process: id, token, seen }: Importer): boolean {
  if (Date.now() - seen > GONE_AFTER_MS) return false;
  if (host !== hostName()) return true;
  // in a container the next process often has the number of the one before
  if (id === process.pid) return tokensOfThisProcess.has(token);
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Containers may share a host's name, yet not the numbers of its processes. */
export function hostName(): string {
  const namespace = '/proc/self/ns/pid';
  return existsSync(namespace) ? `${hostname()}, ${readlinkSync(namespace)}` : hostname();
}

function busy(path: string, { host, process: id, seen }: Importer): DataError {
  const ago = Math.max(0, Math.round((Date.now() - seen) / 1000));
  return new DataError(
    'STORE_BUSY',
    `${path}: process ${id} on ${host} is importing into it (last seen ${ago} s ago); wait for it, or end it first`,
  );
}
