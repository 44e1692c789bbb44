// Proves one handwritten digit and verifies the proof: `npm run build && node dist/examples/api/proveDigit.js`.
import { isZkonnxError, proveInputs, setupModel, verifyProofFile } from 'zkonnx';

const model = 'examples/digits/cnn.int8.qoperator.onnx';

try {
  // Compiles the model, and makes a key: for development only, since whoever makes such a key can forge proofs.
  const { rows, folder } = await setupModel({ model, key: 'development', folder: process.argv[2] });
  console.log(`${rows} rows, files in ${folder}`);

  // The context is what the verifier chose, so that a proof cannot be used twice.
  const context = '0x2a';
  const { proofs } = await proveInputs({ model, folder, inputs: ['examples/digits/inputs/digit-000.json'], context });

  for (const { path } of proofs) {
    const { floats, verifyMs } = await verifyProofFile({ proof: path, model, folder, context });
    const logits = floats['logits']?.data ?? [];
    console.log(`${path}: class ${logits.indexOf(Math.max(...logits))}, verified in ${verifyMs.toFixed(0)} ms`);
  }
} catch (error) {
  if (!isZkonnxError(error)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = error.exitStatus;
}
