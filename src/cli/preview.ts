import { makeCommand } from './command.ts';
export const previewCommand = () => makeCommand('preview');
