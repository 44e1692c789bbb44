/** The plots of the page, as SVG that needs nothing else. The library is loaded when the first page is made. */
import type { EChartsCoreOption } from 'echarts/core';
import type { LayerDrift, OutputDrift } from '../driftReport.js';
import { numberText } from '../figures.js';

const INK = '#1c2430';
const FAINT = '#6b7685';
const RULE = '#e3e7ec';
const BLUE = '#2b5fc1';
const ORANGE = '#d97a1e';
const FONT = 'system-ui, -apple-system, "Segoe UI", sans-serif';

/** Draws a plot. */
export type Draw = (size: { readonly width: number; readonly height: number }, option: EChartsCoreOption) => string;

/** Loads the library and gives a function that draws. */
export async function loadCharts(): Promise<Draw> {
  const [core, { BarChart, LineChart, ScatterChart }, { GridComponent, LegendComponent, MarkLineComponent }, { SVGRenderer }] = await Promise.all([
    import('echarts/core'), import('echarts/charts'), import('echarts/components'), import('echarts/renderers'),
  ]);
  core.use([BarChart, LineChart, ScatterChart, GridComponent, LegendComponent, MarkLineComponent, SVGRenderer]);
  return (size, option) => {
    const chart = core.init(null, null, { renderer: 'svg', ssr: true, ...size });
    try {
      chart.setOption({ animation: false, textStyle: { fontFamily: FONT, color: INK }, ...option });
      return chart.renderToSVGString({ useViewBox: true });
    } finally {
      chart.dispose();
    }
  };
}

/** More layers than this are drawn as lines without names. */
const NAMED_LAYERS = 48;

/** Signal to noise of each layer: as it arrives there, and if the layer alone were rounded. */
export function layerChart(draw: Draw, layers: readonly LayerDrift[]): string {
  const arriving = layers.map(({ signalToNoise }) => signalToNoise ?? '-');
  const own = layers.map(({ ownSignalToNoise }) => ownSignalToNoise ?? '-');
  const names = layers.map(({ node }, index) => (layers.length <= NAMED_LAYERS ? shortened(node) : String(index + 1)));
  const lowest = Math.min(...layers.flatMap(({ signalToNoise }) => signalToNoise ?? []));
  const line = (name: string, color: string, data: readonly (number | '-')[], dashed: boolean): object => ({
    type: 'line', name, data, connectNulls: true, symbol: 'circle', symbolSize: layers.length <= NAMED_LAYERS ? 6 : 2,
    lineStyle: { color, width: dashed ? 1.5 : 2, type: dashed ? [4, 4] : 'solid' }, itemStyle: { color },
  });
  return draw({ width: 960, height: 330 }, {
    grid: { left: 56, right: 20, top: 40, bottom: layers.length <= NAMED_LAYERS ? 92 : 48 },
    // A small mark, so that the dashes show.
    legend: { top: 0, right: 20, itemWidth: 30, itemHeight: 6, itemGap: 28, textStyle: { color: INK, fontSize: 12 } },
    xAxis: { type: 'category', data: names, axisTick: { show: false }, axisLine: { lineStyle: { color: RULE } }, axisLabel: { color: FAINT, fontSize: 11, ...(layers.length <= NAMED_LAYERS ? { rotate: 40, interval: 0 } : {}) } },
    yAxis: { type: 'value', name: 'dB', nameTextStyle: { color: FAINT }, min: Number.isFinite(lowest) ? Math.min(20, 5 * Math.floor(lowest / 5)) : 0, ...valueAxis() },
    series: [line('as it arrives', BLUE, arriving, false), line('from rounding this tensor alone', ORANGE, own, true)],
  });
}

/** Each chosen element of an output: float across, quantized up. On the diagonal they agree. */
export function agreementChart(draw: Draw, { sample }: OutputDrift): string {
  const values = sample.flat();
  const least = values.length === 0 ? 0 : Math.min(...values);
  const most = values.length === 0 ? 1 : Math.max(...values);
  const margin = most === least ? 1 : (most - least) / 30;
  const [lo, hi] = [least - margin, most + margin];
  const axis = (name: string): object => ({ type: 'value', name, nameLocation: 'middle', nameGap: 30, nameTextStyle: { color: FAINT }, min: lo, max: hi, ...valueAxis(), axisLabel: { color: FAINT, fontSize: 11, showMinLabel: false, showMaxLabel: false, formatter: numberText } });
  return draw({ width: 470, height: 340 }, {
    grid: { left: 58, right: 16, top: 14, bottom: 48 },
    xAxis: axis('float'),
    yAxis: axis('quantized'),
    series: [{
      type: 'scatter', data: sample.map((pair) => [...pair]), symbolSize: 4, itemStyle: { color: BLUE, opacity: 0.45 },
      markLine: { silent: true, symbol: 'none', animation: false, lineStyle: { color: FAINT, width: 1, type: 'solid', opacity: 0.6 }, label: { show: false }, data: [[{ coord: [lo, lo] }, { coord: [hi, hi] }]] },
    }],
  });
}

/** How often each error occurs. */
export function errorChart(draw: Draw, { histogram: { lo, hi, counts } }: OutputDrift): string {
  const width = (hi - lo) / counts.length;
  const centre = (counts.length - 1) / 2;
  const labels = counts.map((_, bin) => numberText(lo + (bin + 0.5) * width));
  return draw({ width: 470, height: 340 }, {
    grid: { left: 58, right: 16, top: 14, bottom: 48 },
    xAxis: {
      type: 'category', data: labels, name: 'quantized − float', nameLocation: 'middle', nameGap: 30, nameTextStyle: { color: FAINT }, axisTick: { show: false }, axisLine: { lineStyle: { color: RULE } },
      axisLabel: { color: FAINT, fontSize: 11, interval: (bin: number) => (bin - centre) % 8 === 0, formatter: (_: string, bin: number) => (bin === centre ? '0' : (labels[bin] as string)) },
    },
    yAxis: { type: 'value', name: 'elements', nameLocation: 'end', nameTextStyle: { color: FAINT }, ...valueAxis() },
    series: [{ type: 'bar', data: [...counts], barCategoryGap: '12%', itemStyle: { color: BLUE } }],
  });
}

function valueAxis(): object {
  return { axisLine: { show: false }, axisTick: { show: false }, splitLine: { lineStyle: { color: RULE } }, axisLabel: { color: FAINT, fontSize: 11 } };
}

function shortened(name: string): string {
  return name.length <= 18 ? name : `…${name.slice(-17)}`;
}
