import { examples, type DefineCommand, type Outcome } from '../command.js';
import { bytes } from '../format.js';

export const defineDoctor: DefineCommand = (program, execute) => {
  const command = program
    .command('doctor')
    .summary('say what this machine proves with')
    .description('Says what this machine proves with: the prover, its instruction set, threads, ONNX Runtime, whether it computes as the circuits do, and the local EVM node.')
    .action(() =>
      execute(command, async (): Promise<Outcome> => {
        const [{ inspectMachine }, { probeRuntime }] = await Promise.all([import('../../workflow/inspectMachine.js'), import('../../workflow/probeRuntime.js')]);
        const machine = inspectMachine();
        const differences = await probeRuntime();
        const rows = {
          zkonnx: machine.zkonnx,
          node: machine.node,
          platform: machine.platform,
          processor: `${machine.processor}, ${machine.threads} threads`,
          memory: bytes(machine.memory),
          prover: machine.native === undefined ? 'snarkjs (the native engine was not built)' : `native, ${machine.native.isa} (available: ${machine.native.available.join(', ')})`,
          'plonk, fflonk': 'snarkjs',
          'onnxruntime-node': machine.onnxruntime,
          arithmetic: differences.length === 0 ? 'as the circuits: every probe of operators that differ between processors agrees' : `differs in ${differences.flatMap(({ operators }) => operators).join(', ')}`,
          anvil: machine.anvil ?? 'not installed: verify-onchain needs --rpc',
        };
        const text = Object.entries(rows).map(([name, value]) => `${name.padEnd(17)} ${value}`).join('\n');
        const warnings = differences.map(({ operators, what, fix }) => `${operators.join(' and ')}: ${what}. ${fix}`);
        return { data: { ...machine, arithmetic: differences }, text, warnings };
      }),
    );
  examples(command, ['doctor', 'doctor --json']);
};
