/** The process of one part of an experiment: `node runPart.js EXPERIMENT PART`. Tells its parent what it found. */
import { EXPERIMENTS } from './experiments.js';

const [experiment, name] = process.argv.slice(2);
const part = EXPERIMENTS.find((each) => each.name === experiment)?.parts('full').find((each) => each.name === name);
if (part === undefined) throw new Error(`no part ${String(name)} of ${String(experiment)}`);
const findings = await part.run();
process.send?.(findings, () => process.exit());
