import type { ObserverTrial } from '../chooseObserver.js';
import { percentText } from './figures.js';

/** How the ranges were chosen, where several observers were tried: for people. */
export function observersText([best, ...others]: readonly ObserverTrial[]): string | undefined {
  const named = ({ observer, relativeError = 0 }: ObserverTrial): string => `${observer} ${percentText(relativeError)}`;
  return best === undefined || others.length === 0 ? undefined : `ranges by ${named(best)}, relative error of the outputs on calibration inputs; tried too: ${others.map(named).join(', ')}`;
}
