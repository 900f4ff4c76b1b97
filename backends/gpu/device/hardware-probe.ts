import { hardwareAdapters } from './hardware-adapters.ts';

/* A program of its own, which ask-hardware.ts runs: it prints the machine's GPUs as JSON. */

process.stdout.write(JSON.stringify(await hardwareAdapters()));
