import { ERRORS, EXIT_STATUS, type ErrorDescription, type ErrorKind } from '../../src/errors/index.js';

const KIND_MEANING: Readonly<Record<ErrorKind, string>> = {
  internal: 'a defect of zkonnx',
  usage: 'a wrong call',
  model: 'the model is malformed or cannot be proven',
  gate: 'a limit that you set was exceeded',
  mismatch: 'the proven and the native computation disagree',
  invalid: 'a proof does not verify',
  artifact: 'a file is missing, damaged or does not belong',
  input: 'the input data are wrong',
  chain: 'the chain cannot be reached, or rejected the proof',
  cancelled: 'you stopped it',
};

/** docs/errors.md, from the error catalogue. */
export function errorsPage(): string {
  const kinds = Object.entries(EXIT_STATUS).map(([kind, status]) => `| ${status} | ${kind} | ${KIND_MEANING[kind as ErrorKind]} |`);
  const codes = Object.entries<ErrorDescription>(ERRORS).map(([code, { kind, title, help }]) => `### ${code}\n\n${title}. Exit status ${EXIT_STATUS[kind]} (${kind}).\n\n${help}\n`);
  return [
    '# Errors',
    '',
    '<!-- Written by `npm run docs` from src/errors/catalogue.ts. -->',
    '',
    'Every error has a stable code. The command line prints the code, what was expected and what was found, the node concerned',
    'and the way out, on stderr; with `--json` it prints the same as one JSON object on stdout. `--verbose` adds the stack.',
    '',
    '| exit status | kind | meaning |',
    '| ---: | --- | --- |',
    '| 0 | | success |',
    ...kinds,
    '',
    ...codes,
  ].join('\n');
}
