import { MillraceError, reworded } from '../../core/errors.ts';
import { type InHand, NestedFault, pluginError } from '../../core/plugin.ts';

/** Runs an operator's own code; an error that does not say so yet is told which operator it came from. */
export function naming<T>(operator: string, inHand: InHand, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (cause instanceof NestedFault)
      return naming(cause.operator, inHand, () => {
        throw cause.cause;
      });
    if (!(cause instanceof MillraceError))
      throw pluginError({ kind: 'operator', name: operator }, cause, inHand);
    if (cause.operator !== undefined) throw cause;
    const { message } = cause;
    throw reworded(cause, message.startsWith(`${operator}:`) ? message : `${operator}: ${message}`, {
      operator,
    });
  }
}
