/** snarkjs on a key and a witness: `node snarkjsProve.js KEY.zkey WITNESS.wtns RUNS`. Prints the milliseconds of each proof as JSON. */
import * as snarkjs from 'snarkjs';

const [zkey = '', witness = '', runs = '1'] = process.argv.slice(2);
const times: number[] = [];
for (let run = 0; run < Number(runs); run++) {
  const start = performance.now();
  await snarkjs.groth16.prove(zkey, witness);
  times.push(performance.now() - start);
}
console.log(JSON.stringify({ times }));
process.exit(0);
