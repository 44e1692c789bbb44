#!/usr/bin/env node
import { reportError, write } from './report.js';
import { runCli } from './runCli.js';

/** Errors outside of the command are defects; they end the process like any other error. */
const crash = (error: unknown): void => {
  const plain = (text: string): string => text;
  const options = { json: process.argv.includes('--json'), quiet: false, verbose: process.argv.includes('--verbose'), colors: { bold: plain, dim: plain, green: plain, yellow: plain, red: plain } };
  void reportError(undefined, error, options).then((status) => process.exit(status));
};
process.on('uncaughtException', crash);
process.on('unhandledRejection', crash);
// Whoever reads our output may stop reading: `zkonnx check model.onnx | head`.
process.stdout.on('error', () => process.exit(0));

const status = await runCli(process.argv.slice(2));
await write(process.stdout, '');
// Whatever a library has left open, the process ends now.
process.exit(status);
