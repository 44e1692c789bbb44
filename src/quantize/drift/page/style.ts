/** The style sheet of the page. */
export const STYLE = `
:root { color-scheme: light; --ink: #1c2430; --faint: #6b7685; --rule: #e3e7ec; --accent: #2b5fc1; --bad: #b3391f; --good: #1d7a46; }
* { box-sizing: border-box; }
body { margin: 0; background: #fff; color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
main { max-width: 1008px; margin: 0 auto; padding: 40px 24px 64px; }
h1 { font-size: 26px; line-height: 1.2; margin: 0 0 4px; font-weight: 650; letter-spacing: -0.01em; }
h2 { font-size: 18px; margin: 40px 0 4px; font-weight: 650; }
h3 { font-size: 15px; margin: 24px 0 6px; font-weight: 600; overflow-wrap: anywhere; }
p { margin: 4px 0 14px; max-width: 104ch; }
.faint { color: var(--faint); }
code { font: 13px ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(172px, 1fr)); gap: 12px; margin: 24px 0 8px; }
.tile { border: 1px solid var(--rule); border-radius: 8px; padding: 12px 14px; }
.tile .label { color: var(--faint); font-size: 13px; }
.tile .value { font-size: 24px; font-weight: 600; letter-spacing: -0.01em; font-variant-numeric: tabular-nums; }
.tile .note { color: var(--faint); font-size: 13px; font-variant-numeric: tabular-nums; }
.bad { color: var(--bad); }
.good { color: var(--good); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
th { text-align: left; color: var(--faint); font-weight: 500; font-size: 13px; vertical-align: bottom; }
th, td { padding: 5px 14px 5px 0; border-bottom: 1px solid var(--rule); white-space: nowrap; }
th:last-child, td:last-child { padding-right: 0; }
td.number, th.number { text-align: right; }
tr.weakest td { background: #fdf3ea; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(400px, 100%), 1fr)); gap: 20px; }
figure { margin: 14px 0 0; }
figcaption { font-size: 13px; color: var(--faint); margin-bottom: 14px; }
svg { display: block; width: 100%; height: auto; }
.wide svg { min-width: 640px; }
footer { margin-top: 48px; border-top: 1px solid var(--rule); padding-top: 14px; font-size: 13px; color: var(--faint); }
@media print { main { padding: 0; } .tile, figure, tr { break-inside: avoid; } }
`;
