import { ParameterError, TrainerError } from '../core/errors.ts';
import type { Trainer } from '../core/trainer.ts';
import { differenceByRank } from './by-rank.ts';
import { ownVersion } from './environment.ts';
import type { Agreement } from './ranks/agreement.ts';
import type { RunIdentity } from './run-identity.ts';
import { settingValues } from './settings.ts';
import type { TrainingSetup } from './setup.ts';
import { stateDigest } from './state-digest.ts';

type Compared = Pick<TrainingSetup, 'options' | 'trainer' | 'stream' | 'start' | 'validation'>;
type Facts = Readonly<Record<string, string>>;

/** What a rank compares with the others before the first step. */
interface RankFacts {
  /** Another one on some rank is a mistake. */
  readonly alike: Facts;
  /** Another one on some rank may change the last bits. */
  readonly computing: Facts;
}

/**
 * Compares what the ranks are about to train. Throws on all of them where they do not have the same training before them; warns
 * where they compute on different machines.
 */
export async function checkRanksAlike(
  agreement: Agreement,
  setup: Compared,
  identity: RunIdentity,
  warn: (message: string) => void,
): Promise<void> {
  const all = await agreement.share(async () => factsOf(setup, identity));
  const differences = differencesIn(all.map(({ alike }) => alike));
  if (differences.length > 0) {
    const reason = 'start all ranks with one command, of one release of millrace, on the same data';
    agreement.alike(() => {
      throw new ParameterError('RANKS_DIFFER', `the ranks differ: ${reason}:${listOf(differences)}`);
    });
  }
  const others = differencesIn(all.map(({ computing }) => computing));
  if (others.length === 0) return;
  const effect = 'the same training on other ranks may differ in the last bits';
  warn(`the ranks compute on different machines: ${effect}:${listOf(others)}`);
}

function factsOf(
  { options, trainer, stream, start, validation }: Compared,
  { settings, dataset, pipelineDigest }: RunIdentity,
): RankFacts {
  const { adapter, ...environment } = trainer.environment ?? {};
  const { step, epoch, batch } = start.cursor;
  return {
    alike: {
      'version of millrace': ownVersion(),
      trainer: trainer.name,
      ...(adapter !== undefined && { device: adapter === 'cpu' ? 'a CPU' : 'a GPU' }),
      ...Object.fromEntries(
        Object.entries({ ...settings, ...settingValues(options, 'flag', 'pacesRanks') }).map(
          ([name, value]) => [`--${name}`, JSON.stringify(value)],
        ),
      ),
      images: String(dataset.length),
      'digest of the dataset': dataset.digest,
      'images to evaluate on': 'dataset' in validation ? String(validation.dataset.length) : 'none',
      'digest of the pipeline': pipelineDigest,
      'batches of an epoch': String(stream.batchesPerEpoch),
      'first step': `${step} (batch ${batch} of epoch ${epoch})`,
    },
    computing: { ...(adapter !== undefined && { adapter }), ...environment, node: process.version },
  };
}

/** A line for each fact that is not the same on all ranks. */
function differencesIn(all: readonly Facts[]): string[] {
  const names = [...new Set(all.flatMap((facts) => Object.keys(facts)))];
  return names.flatMap((name) => {
    const difference = differenceByRank(all.map((facts) => facts[name] ?? 'none'));
    return difference === undefined ? [] : [`${name}: ${difference}`];
  });
}

const listOf = (lines: readonly string[]): string => lines.map((line) => `\n  ${line}`).join('');

/** Throws on all ranks where their trainers' states are not the same to the last bit. */
export async function checkStatesAlike(
  agreement: Agreement,
  trainer: Pick<Trainer, 'state' | 'environment'>,
  when: string,
): Promise<void> {
  if (agreement.isAlone) return;
  const digests = await agreement.share(async () => stateDigest(await trainer.state()).slice(0, 12));
  const difference = differenceByRank(digests);
  if (difference === undefined) return;
  const environment = Object.values(trainer.environment ?? {}).join(', ') || 'not known';
  const machines = differenceByRank(await agreement.share(async () => environment));
  const causes =
    machines === undefined
      ? 'other files, a fault of memory or of a driver'
      : `they compute on different machines (${machines})`;
  const advice = 'a checkpoint from before can be continued (--resume) on ranks that are alike';
  const message = `${when} the ranks have different weights: by digest, ${difference}: likely causes: ${causes}. Nothing more is saved; ${advice}`;
  agreement.alike(() => {
    throw new TrainerError('RANKS_DIVERGED', message);
  });
}
