/** The commands that are killed, with what comes before and what must go well afterwards. All run in a folder of their own, with its default paths. */
import { resolve } from 'node:path';

export interface FaultCommand {
  readonly name: string;
  readonly args: readonly string[];
  /** What has run before it, in order. */
  readonly after: readonly string[];
  /** What must succeed on what it leaves behind, in order. */
  readonly then: readonly string[];
  /** Whether it writes files: without a place for them it must say so, otherwise it must succeed. */
  readonly writes: boolean;
  /** What the next run may say when the killed one had done everything. */
  readonly done?: string;
}

/** The powers of tau that the ceremonies begin from, in the working folder. */
export const PTAU = 'own.ptau';
export const PTAU_POWER = 11;

const MODEL = resolve('examples/digits/mlp.int8.qoperator.onnx');
const FLOAT = resolve('examples/digits/mlp.float.onnx');
const INPUTS = [0, 1, 2].map((digit) => resolve(`examples/digits/inputs/digit-00${digit}.json`));
const FILES = 'artifacts/mlp.int8.qoperator';
const CEREMONY = `${FILES}/ceremony`;
const PROOF = `${FILES}/proofs/digit-000.json`;
const [INPUT = ''] = INPUTS;

const SET_UP = ['compile', 'setup'];
const ENDED = ['ceremony init', 'ceremony contribute', 'ceremony beacon'];

export const FAULT_COMMANDS: readonly FaultCommand[] = [
  { name: 'quantize', args: ['quantize', FLOAT, '--calibration', ...INPUTS, '--out', 'own.int8.onnx', '--report', 'drift.html', 'drift.json'], after: [], then: ['compile quantized'], writes: true },
  { name: 'compile', args: ['compile', MODEL], after: [], then: ['setup', 'prove', 'verify'], writes: true },
  { name: 'setup', args: ['setup', MODEL, '--dev'], after: ['compile'], then: ['prove', 'verify'], writes: true },
  { name: 'statement', args: ['statement', MODEL], after: SET_UP, then: ['prove'], writes: false },
  { name: 'commit', args: ['commit', MODEL, '--weights'], after: [], then: ['compile hashed', 'setup hashed', 'prove', 'verify'], writes: true },
  { name: 'prove', args: ['prove', MODEL, '--input', ...INPUTS], after: SET_UP, then: ['verify'], writes: true },
  { name: 'verify', args: ['verify', PROOF], after: [...SET_UP, 'prove'], then: [], writes: false },
  { name: 'export-verifier', args: ['export-verifier', MODEL, '--allow-dev-key'], after: SET_UP, then: ['prove', 'verify'], writes: true },
  { name: 'verify-onchain', args: ['verify-onchain', PROOF], after: [...SET_UP, 'prove'], then: ['verify'], writes: false },
  { name: 'verify-key', args: ['verify-key', MODEL, `${FILES}/proving.zkey`], after: SET_UP, then: ['prove'], writes: false },
  { name: 'run', args: ['run', MODEL, '--input', INPUT, '--no-chain'], after: [], then: ['prove', 'verify'], writes: true },
  { name: 'run of a float model', args: ['run', FLOAT, '--calibration', ...INPUTS, '--input', INPUT, '--no-chain'], after: [], then: [], writes: true },
  { name: 'check', args: ['check', MODEL, '--samples', '1'], after: [], then: [], writes: false },
  { name: 'estimate', args: ['estimate', MODEL, '--no-calibration'], after: [], then: [], writes: false },
  { name: 'ceremony init', args: ['ceremony', 'init', MODEL, '--ptau', PTAU], after: [], then: ['ceremony contribute', 'ceremony verify'], writes: true },
  { name: 'ceremony contribute', args: ['ceremony', 'contribute', CEREMONY, '--name', 'own'], after: ['ceremony init'], then: ['ceremony beacon', 'ceremony finalize'], writes: true },
  { name: 'ceremony beacon', args: ['ceremony', 'beacon', CEREMONY, '--value', '0a1b2c3d4e5f'], after: ['ceremony init', 'ceremony contribute'], then: ['ceremony finalize'], writes: true, done: 'CEREMONY_INVALID' },
  { name: 'ceremony verify', args: ['ceremony', 'verify', CEREMONY, '--model', MODEL, '--ptau', PTAU], after: ENDED, then: ['ceremony finalize'], writes: true },
  { name: 'ceremony finalize', args: ['ceremony', 'finalize', CEREMONY, '--model', MODEL, '--ptau', PTAU], after: ENDED, then: ['prove', 'verify'], writes: true },
];

/** Commands of `then` that are not killed themselves. */
const FURTHER: Readonly<Record<string, readonly string[]>> = {
  'compile quantized': ['compile', 'own.int8.onnx'],
  'compile hashed': ['compile', MODEL, '--weights', 'hashed'],
  'setup hashed': ['setup', MODEL, '--dev', '--weights', 'hashed'],
};

/** The arguments of a command by its name. */
export function argumentsOf(name: string): readonly string[] {
  const args = FAULT_COMMANDS.find((command) => command.name === name)?.args ?? FURTHER[name];
  if (args === undefined) throw new Error(`no command ${name}`);
  return args;
}
