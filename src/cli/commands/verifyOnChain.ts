import { examples, type DefineCommand, type Outcome } from '../command.js';
import { count } from '../format.js';
import type { VerifyProofOnChainReturnType } from '../../workflow/verifyProofOnChain.js';

interface Options {
  readonly rpc?: string;
  readonly address?: string;
  readonly key?: string;
  readonly model?: string;
  readonly out?: string;
  readonly allowDevKey?: boolean;
}

export const defineVerifyOnChain: DefineCommand = (program, execute) => {
  const command = program
    .command('verify-onchain')
    .summary('have a proof verified by a contract, in a mined transaction')
    .description('Has a proof verified by a contract, in a mined transaction: on a local EVM node that is started for it, or on the node of --rpc. Without --address a verifier is deployed. The account that pays is the first unlocked one of the node, or that of the variable ZKONNX_PRIVATE_KEY.')
    .argument('<proof>', 'proof file')
    .option('--rpc <url>', 'an EVM node (default: a local one)')
    .option('--address <address>', 'the verifier contract on it (default: deploy one)')
    .option('--key <file>', 'verification.json (default: the one in the folder above the proof)')
    .option('--model <file>', 'the ONNX file, instead of --key')
    .option('--out <folder>', 'folder of the files of --model (default: artifacts/MODEL)')
    .option('--allow-dev-key', 'deploy a verifier of a development key to --rpc')
    .action((proof: string, options: Options) =>
      execute(command, async ({ signal, onProgress }): Promise<Outcome> => {
        const { verifyProofOnChain } = await import('../../workflow/verifyProofOnChain.js');
        const result = await verifyProofOnChain({
          proof,
          rpcUrl: options.rpc,
          address: options.address,
          verification: options.key,
          model: options.model,
          folder: options.out,
          privateKey: process.env['ZKONNX_PRIVATE_KEY'] || undefined,
          allowDevelopmentKey: options.allowDevKey,
          signal,
          onProgress,
        });
        return { data: result, text: onChainLines(result).join('\n'), warnings: result.verification.developmentKey ? ['the contract is of a development key: whoever made it can forge proofs'] : [] };
      }),
    );
  examples(command, ['verify-onchain artifacts/model/proofs/digit.json', 'verify-onchain proof.json --rpc http://127.0.0.1:8545 --address 0x5FbDB2315678afecb367f032d93F642f64180aa3']);
};

/** What the chain said. */
export function onChainLines({ localNode, deployment, verification }: VerifyProofOnChainReturnType): string[] {
  return [
    `verified on ${localNode ? 'a local node' : `chain ${count(verification.chainId)}`}: ${count(verification.gasUsed)} gas, ${count(verification.calldataBytes)} bytes of calldata`,
    `  transaction ${verification.transactionHash}`,
    `  contract ${verification.address}${deployment === undefined ? '' : ` (deployed now, ${count(deployment.gasUsed)} gas)`}`,
  ];
}
