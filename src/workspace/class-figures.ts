import type { Confusion } from './confusion.ts';

/** How well one class is told from the others. */
export interface ClassFigures {
  /** Class index. */
  readonly class: number;
  readonly name: string;
  /** Images of this class. */
  readonly images: number;
  /**
   * Share of the images taken for this class that are of it, 0..1; null where none was taken for it. Where images may have several
   * classes, one is taken for all whose probability is above a half.
   */
  readonly precision: number | null;
  /** Share of the images of this class that were taken for it, 0..1; null where there are none. */
  readonly recall: number | null;
  /** Where images may have several classes: area under the curve of precision over recall, 0..1; null where no image has the class. */
  readonly averagePrecision?: number | null;
}

/** Figures of each class after an epoch. */
export interface EpochClassFigures {
  readonly epoch: number;
  readonly classes: readonly ClassFigures[];
}

/** The same with the classes' names. */
export const named = (
  figures: readonly Omit<ClassFigures, 'name'>[],
  classes: readonly string[],
): ClassFigures[] =>
  figures.map(({ class: index, ...figures }) => ({
    ...{ class: index, name: classes[index] ?? String(index) },
    ...figures,
  }));

/** Figures of each class, from what was taken for what. */
export function classFigures({ classes, cells }: Pick<Confusion, 'classes' | 'cells'>): ClassFigures[] {
  const images = new Map<number, number>();
  const guesses = new Map<number, number>();
  const right = new Map<number, number>();
  for (const { label, prediction, images: count } of cells) {
    add(images, label, count);
    add(guesses, prediction, count);
    if (label === prediction) add(right, label, count);
  }
  return classes.map((name, index) => {
    const told = right.get(index) ?? 0;
    const count = images.get(index) ?? 0;
    return {
      ...{ class: index, name, images: count },
      precision: shareOf(told, guesses.get(index) ?? 0),
      recall: shareOf(told, count),
    };
  });
}

/** Classes with images, those first that are told worst: the lowest average precision or recall, then the lowest precision. */
export const worstFirst = (figures: readonly ClassFigures[]): ClassFigures[] =>
  figures
    .filter(({ images }) => images > 0)
    .sort(
      (a, b) =>
        (a.averagePrecision ?? 0) - (b.averagePrecision ?? 0) ||
        (a.recall ?? 0) - (b.recall ?? 0) ||
        (a.precision ?? 0) - (b.precision ?? 0) ||
        a.class - b.class,
    );

function add(counts: Map<number, number>, key: number, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}

const shareOf = (part: number, all: number): number | null => (all > 0 ? part / all : null);

/** As many classes or fewer: the right one is nearly always among five guesses, which says nothing. */
const FEW_CLASSES = 5;

/** Whether top-5 accuracy says something of a model that tells so many classes apart. */
export const saysTop5 = (classes: number): boolean => classes > FEW_CLASSES;
