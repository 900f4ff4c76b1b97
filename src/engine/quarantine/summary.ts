import { type QuarantineRecord, sampleOf } from './record.ts';

/** Samples that failed for the same reason. */
export interface QuarantineCause {
  readonly code: string;
  readonly operator?: string;
  readonly samples: number;
  /** The first of them. */
  readonly examples: readonly QuarantineRecord[];
}

export interface QuarantineSummary {
  /** Distinct samples, and lines, which are more where a sample failed in several ways. */
  readonly samples: number;
  readonly lines: number;
  /** The largest first. */
  readonly datasets: readonly {
    readonly dataset: string;
    readonly split?: string;
    readonly samples: number;
  }[];
  readonly causes: readonly QuarantineCause[];
}

const EXAMPLES = 3;

export function summarise(records: readonly QuarantineRecord[]): QuarantineSummary {
  const latest = latestRecords(records);
  const datasets = groupBy(latest, ({ dataset, split }) => JSON.stringify([dataset, split ?? null]));
  const causes = groupBy(latest, ({ code, operator }) => JSON.stringify([code, operator ?? null]));
  return {
    samples: latest.length,
    lines: records.length,
    datasets: datasets.map((group) => {
      const [{ dataset, split }] = group;
      return { dataset, ...(split !== undefined && { split }), samples: group.length };
    }),
    causes: causes.map((group) => {
      const [{ code, operator }] = group;
      const examples = group.slice(0, EXAMPLES);
      return { code, ...(operator !== undefined && { operator }), samples: group.length, examples };
    }),
  };
}

/** The last record of each sample, in the order in which the samples were first met. */
export function latestRecords(records: readonly QuarantineRecord[]): QuarantineRecord[] {
  return [...new Map(records.map((record) => [sampleOf(record), record])).values()];
}

type Group = [QuarantineRecord, ...QuarantineRecord[]];

function groupBy(
  records: readonly QuarantineRecord[],
  nameOf: (record: QuarantineRecord) => string,
): Group[] {
  const groups = new Map<string, Group>();
  for (const record of records) {
    const name = nameOf(record);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [record]);
    else group.push(record);
  }
  return [...groups.values()].sort((a, b) => b.length - a.length);
}
