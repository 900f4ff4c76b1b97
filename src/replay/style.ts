/** What a replay's page adds to the report's style sheet. */
export const replayStyle = `
:root { --proof: #14885f; --red: #d43d3d; --green: #2c9a4b; --blue: #3b72d9; --mat: #eceef1 }
@media (prefers-color-scheme: dark) {
  :root { --proof: #2fb585; --red: #f06a6a; --green: #4fbf6d; --blue: #6f9cf5; --mat: #22252b }
}
.overline { margin: 0 0 4px; color: var(--soft); font-size: 13px }
.proof { margin: 16px 0 0; padding: 8px 12px; border-left: 4px solid var(--proof); background: var(--surface) }
.proof b { color: var(--proof) }
code { font: 12px/1.5 ui-monospace, monospace; overflow-wrap: anywhere }
.tiles { grid-template-columns: repeat(auto-fit, minmax(110px, 1fr)) }
.tiles dd { font-size: 20px; overflow-wrap: anywhere }
.way { display: grid; grid-template-columns: repeat(auto-fill, minmax(252px, 1fr)); gap: 16px; align-items: start }
.stage { min-width: 0; padding: 12px 14px; border: 1px solid var(--rule); border-radius: 8px; background: var(--surface) }
.large > :first-child { grid-column: span 2; grid-row: span 2 }
@media (max-width: 620px) { .large > :first-child { grid-column: span 1; grid-row: span 1 } }
.number {
  display: inline-block; min-width: 20px; margin-right: 8px; padding: 0 5px; border-radius: 10px;
  background: var(--ink); color: var(--surface); font-size: 12px; line-height: 20px; text-align: center;
}
.unchanged { opacity: .45 }
.picture { position: relative; margin: 0 auto }
.picture img { display: block; width: 100%; height: auto; background: var(--mat) }
.pixels { image-rendering: pixelated }
.box { position: absolute; inset: 0; height: 100% }
.outside { fill: #000; fill-opacity: .5; fill-rule: evenodd }
.outline { fill: none; stroke: #ffb020; stroke-width: 2.5px; vector-effect: non-scaling-stroke }
.words { margin-top: 10px; font-size: 13px }
.words div { display: flex; gap: 10px; padding: 2px 0 }
.words dt { flex: 0 0 84px; color: var(--soft) } .words dd { overflow-wrap: anywhere; min-width: 0 }
.calls { margin: 8px 0 0; font-size: 12px; color: var(--soft) } .calls p { margin: 4px 0 }
.mix { display: flex; flex-wrap: wrap; gap: 10px; align-items: start }
.mix .stage { flex: 1 1 240px } .sign { padding-top: 130px; font-size: 26px; color: var(--soft) }
@media (max-width: 820px) { .sign { flex: 1 0 100%; padding: 0; text-align: center } }
.note { margin: 8px 0 0; color: var(--soft); font-size: 13px }
.bars div { display: flex; gap: 14px; padding: 3px 0 } .bars dt { flex: 0 1 260px; overflow-wrap: anywhere }
.bars dd { flex: 1; display: flex; gap: 8px; align-items: center; font-variant-numeric: tabular-nums }
.bars span { white-space: nowrap } .bars i { height: 14px; border-radius: 3px; background: var(--color) }
.sheet { display: grid; grid-template-columns: repeat(auto-fill, minmax(132px, 1fr)); gap: 10px }
.sheet .stage { padding: 8px } .sheet .words { margin-top: 6px; font-size: 12px; line-height: 1.35 }
.sheet .words dt { display: none } .sheet figcaption { margin-bottom: 4px }
.tensor { display: grid; grid-template-columns: minmax(252px, 1fr) 3fr; gap: 16px; align-items: start }
@media (max-width: 900px) { .tensor { grid-template-columns: 1fr } }
.histograms { display: grid; grid-template-columns: repeat(auto-fit, minmax(220px, 1fr)); gap: 16px }
.histograms .words dt { flex-basis: 130px } .histograms dd { font-variant-numeric: tabular-nums }
.chart.red { --color: var(--red) } .chart.green { --color: var(--green) } .chart.blue { --color: var(--blue) }
.bins { fill: var(--color); fill-opacity: .8 } .mean { stroke: var(--ink); stroke-dasharray: 3 3 }
pre {
  margin: 0; padding: 12px 14px; border: 1px solid var(--rule); border-radius: 8px; background: var(--surface);
  font: 13px/1.6 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere;
}
pre + .words dt { flex-basis: 150px } pre + .words dd { font: 12px/1.6 ui-monospace, monospace }
`;
