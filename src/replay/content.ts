import type { AnyImageOperator } from '../../operators/operator.ts';
import type { RawImage } from '../core/image.ts';
import { namedValues } from '../core/plain-data.ts';
import type { StageImage } from '../engine/rows/stage-images.ts';
import type { ReplayedSample } from './replayed-sample.ts';
import { describeValue, type Fact, spaced, stageFacts } from './words.ts';

/** One operator on the way, or one part of an operator that is made of others. */
export interface StageContent {
  readonly title: string;
  readonly facts: readonly Fact[];
  /** Undefined where the operator applied nothing: the image stays as it was. */
  readonly stage: StageImage | undefined;
  readonly input: RawImage;
}

/** The way of a sample, operator by operator, those that applied nothing too. */
export function stageContents({ original, drawn, operators, stages }: ReplayedSample): StageContent[] {
  let input = original;
  return drawn.flatMap(({ operator, values }, step): StageContent[] => {
    const own = stages.filter((stage) => stage.step === step);
    const ofAll = plainFacts(operators[step] as AnyImageOperator, values);
    if (own.length === 0) {
      const facts = [...ofAll, ['operations', 'none applied'] as Fact];
      return [{ title: spaced(operator), facts, stage: undefined, input }];
    }
    return own.map((stage, i) => {
      const facts = stageFacts(stage, input);
      const content = {
        title:
          stage.partOf === undefined ? spaced(operator) : `${spaced(operator)} · ${spaced(stage.operator)}`,
        facts: stage.partOf === undefined ? facts : [partFact(i, own.length), ...ofAll, ...facts],
        stage,
        input,
      };
      input = stage.image;
      return content;
    });
  });
}

const partFact = (index: number, count: number): Fact => ['operation', `${index + 1} of ${count}`];

/** What an operator drew for all of its parts. */
const plainFacts = (operator: AnyImageOperator, values: unknown): Fact[] =>
  namedValues(values)
    .filter(([, value]) => typeof value !== 'object')
    .map((named) => describeValue(operator, named));
