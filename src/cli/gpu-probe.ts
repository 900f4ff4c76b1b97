import {
  adapterAdvice,
  findAdapter,
  type ListedAdapter,
  listAdapters,
} from '../../backends/gpu/device/adapter.ts';
import { usableMatrices } from '../../backends/gpu/device/matrix-units.ts';
import { reasonOf } from '../core/errors.ts';
import type { Finding } from './finding.ts';
import { describeCapabilities } from './gpu-capabilities.ts';
import { describeTests, testAdapter } from './gpu-self-test.ts';

/*
 * A program of its own, which doctor runs: it prints the GPU adapters as JSON; given `self-test`, with how each computes.
 * What the drivers print goes to its stderr, and one that crashes ends this process alone.
 */

const isTested = process.argv.includes('self-test');

async function gpuAdapters(): Promise<Finding[]> {
  const missing = (detail: string): Finding[] => [
    { name: 'GPU adapter', status: 'optional', detail, advice: adapterAdvice() },
  ];
  try {
    const adapters = await listAdapters();
    if (adapters.length === 0) return missing('none found');
    const findings: Finding[] = [];
    for (const [index, adapter] of adapters.entries()) findings.push(await gpuAdapter(adapter, index));
    return findings;
  } catch (error) {
    return missing(`cannot be asked: ${reasonOf(error)}`);
  }
}

/** One adapter, by the index that `--gpu-adapter` takes. */
async function gpuAdapter(listed: ListedAdapter, index: number): Promise<Finding> {
  const name = `GPU adapter ${index}`;
  const found = await findAdapter(String(index)).catch(() => undefined);
  if (found === undefined)
    return { name, status: 'optional', detail: `${listed.name} (${listed.backend}): cannot be used` };
  const { description, capabilities } = found;
  const { isSoftware, hasFloat16, driver } = description;
  const kind = isSoftware ? 'software, runs on the CPU' : 'hardware';
  const half = hasFloat16 ? 'has' : 'lacks';
  const detail = `${listed.name} (${listed.backend}, ${kind}), ${half} shader-f16, driver ${driver}`;
  const matrixUnits = usableMatrices(capabilities);
  const selfTest = isTested ? await testAdapter(String(index)) : undefined;
  const notes = [...describeCapabilities(capabilities), ...describeTests(selfTest ?? [])];
  const adapter = {
    index,
    ...listed,
    ...description,
    ...capabilities,
    matrixUnits,
    ...(selfTest && { selfTest }),
  };
  return { name, status: 'ok', detail, notes, adapter };
}

/** Where the trainer graph computes unless told otherwise. */
async function deviceOfAuto(): Promise<Finding> {
  const found = await findAdapter().catch(() => undefined);
  const { name, isSoftware } = found?.description ?? {};
  const detail =
    name !== undefined && !isSoftware
      ? `the trainer graph computes on ${name}`
      : `the trainer graph computes on the CPU${isSoftware ? ' (no hardware GPU; --device gpu takes the software adapter)' : ''}`;
  return { name: 'device auto', status: 'ok', detail };
}

process.stdout.write(JSON.stringify([...(await gpuAdapters()), await deviceOfAuto()]));
