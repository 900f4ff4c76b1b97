import type { DrawingOperator } from '../../operators/operator.ts';
import type { RawImage } from '../core/image.ts';
import { namedValues } from '../core/plain-data.ts';
import type { StageImage } from '../engine/rows/stage-images.ts';
import { lastImage, type ReplayedSample } from './replayed-sample.ts';
import { describeValue, erasedFacts, type Fact, spaced, stageFacts } from './words.ts';

/** One operator on the way, or one part of an operator that is made of others. */
export interface StageContent {
  readonly title: string;
  readonly facts: readonly Fact[];
  /** Undefined where the operator calls no kernel. */
  readonly stage: StageImage | undefined;
  readonly input: RawImage;
  /** The image after it: `input` where nothing was applied. */
  readonly result: RawImage;
}

/** The way of a sample until it is mixed, operator by operator, those that applied nothing too. */
export function stageContents(sample: ReplayedSample): StageContent[] {
  const { erase, mixable } = sample;
  const contents = imageContents(sample);
  if (erase === undefined) return contents;
  const input = lastImage(sample);
  return [
    ...contents,
    { title: 'erase', facts: erasedFacts(erase), stage: undefined, input, result: mixable },
  ];
}

function imageContents({ original, drawn, operators, stages, ...sample }: ReplayedSample): StageContent[] {
  let input = original;
  const onTensors = [sample.erase, sample.eraseAfter].filter((step) => step !== undefined).length;
  return drawn.slice(0, drawn.length - onTensors).flatMap(({ operator, values }, step): StageContent[] => {
    const own = stages.filter((stage) => stage.step === step);
    const ofAll = plainFacts(operators[step] as DrawingOperator, values);
    if (own.length === 0) {
      const facts = [...ofAll, ['operations', 'none applied'] as Fact];
      return [{ title: spaced(operator), facts, stage: undefined, input, result: input }];
    }
    return own.map((stage, i) => {
      const facts = stageFacts(stage, input);
      const content = {
        title:
          stage.partOf === undefined ? spaced(operator) : `${spaced(operator)} · ${spaced(stage.operator)}`,
        facts: stage.partOf === undefined ? facts : [partFact(i, own.length), ...ofAll, ...facts],
        stage,
        input,
        result: stage.image,
      };
      input = stage.image;
      return content;
    });
  });
}

const partFact = (index: number, count: number): Fact => ['operation', `${index + 1} of ${count}`];

/** What an operator drew for all of its parts. */
const plainFacts = (operator: DrawingOperator, values: unknown): Fact[] =>
  namedValues(values)
    .filter(([, value]) => typeof value !== 'object')
    .map((named) => describeValue(operator, named));
