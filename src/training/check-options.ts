export function checkOptions(_: unknown): void {}
