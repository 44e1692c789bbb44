/** All experiments of the laboratory. Their parts begin in this order, so those that cannot be divided come first. */
import type { Experiment } from './experiment.js';
import { faults } from './faults.js';
import { gadgetForgeries } from './gadgetForgeries.js';
import { hostileFiles } from './hostileFiles.js';
import { intervals } from './intervals.js';
import { modelForgeries } from './modelForgeries.js';
import { verifierAgreement } from './verifierAgreement.js';

export const EXPERIMENTS: readonly Experiment[] = [gadgetForgeries, modelForgeries, intervals, verifierAgreement, faults, hostileFiles];
