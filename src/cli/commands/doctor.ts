import { examples, type DefineCommand, type Outcome } from '../command.js';
import { bytes } from '../format.js';

export const defineDoctor: DefineCommand = (program, execute) => {
  const command = program
    .command('doctor')
    .summary('say what this machine proves with')
    .description('Says what this machine proves with: the prover, its instruction set, threads, ONNX Runtime and the local EVM node.')
    .action(() =>
      execute(command, async (): Promise<Outcome> => {
        const { inspectMachine } = await import('../../workflow/inspectMachine.js');
        const machine = inspectMachine();
        const rows = {
          zkonnx: machine.zkonnx,
          node: machine.node,
          platform: machine.platform,
          processor: `${machine.processor}, ${machine.threads} threads`,
          memory: bytes(machine.memory),
          prover: machine.native === undefined ? 'snarkjs (the native engine was not built)' : `native, ${machine.native.isa} (available: ${machine.native.available.join(', ')})`,
          'onnxruntime-node': machine.onnxruntime,
          anvil: machine.anvil ?? 'not installed: verify-onchain needs --rpc',
        };
        return { data: machine, text: Object.entries(rows).map(([name, value]) => `${name.padEnd(17)} ${value}`).join('\n') };
      }),
    );
  examples(command, ['doctor', 'doctor --json']);
};
