/** The report's style sheet, light and dark. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #f9f9f7; --surface: #fff; --ink: #16181d; --soft: #5c6370; --rule: #e2e3e6;
  --c1: #2a78d6; --c2: #d9541e; --c3: #14885f; --c4: #6d4fc4; --warn: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #101114; --surface: #191b1f; --ink: #eceef2; --soft: #9ba1ac; --rule: #30333a;
    --c1: #4f98ee; --c2: #ef7a48; --c3: #2fb585; --c4: #a18bf0; --warn: #ff897d;
  }
}
* { box-sizing: border-box }
body {
  margin: 0 auto; padding: 28px 20px 48px; max-width: 1180px;
  background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif;
}
h1 { margin: 0; font-size: 24px; line-height: 1.25; overflow-wrap: anywhere }
h2 { margin: 36px 0 12px; font-size: 18px }
h3 { margin: 0; font-size: 14px }
header p { margin: 4px 0 0; color: var(--soft) }
.warning { margin: 12px 0 0; padding: 8px 12px; border-left: 4px solid var(--warn); background: var(--surface) }
dl, dd, dt, ul, figure { margin: 0; padding: 0 }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: 12px; margin-top: 20px }
.tiles div, .chart { padding: 12px 14px; border: 1px solid var(--rule); border-radius: 8px; background: var(--surface) }
.tiles dt { color: var(--soft); font-size: 13px }
.tiles dd { font-size: 24px; line-height: 1.3 }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 16px }
.chart { position: relative }
figcaption { display: flex; flex-wrap: wrap; gap: 2px 16px; margin-bottom: 6px }
.legend { display: flex; flex-wrap: wrap; gap: 0 14px; list-style: none; color: var(--soft); font-size: 13px }
.key i { display: inline-block; width: 16px; margin-right: 6px; vertical-align: 4px; border-top: 3px solid var(--color) }
.key.steps i { border-top-width: 2px; opacity: .75 }
.c1 { --color: var(--c1) } .c2 { --color: var(--c2) } .c3 { --color: var(--c3) } .c4 { --color: var(--c4) }
svg { display: block; width: 100%; height: auto }
svg text { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums }
.grid { stroke: var(--rule) } .tick { stroke: var(--soft) } .cursor { stroke: var(--soft); stroke-dasharray: 3 3 }
.line { fill: none; stroke: var(--color); stroke-linejoin: round }
.steps .line { stroke-width: 1.4; opacity: .75 } .epochs .line { stroke-width: 2.2 }
.chart .beyond { fill: var(--color) }
.band { fill: var(--color); opacity: .16 } circle { fill: var(--color) }
.tip {
  position: absolute; z-index: 1; padding: 6px 9px; border: 1px solid var(--rule); border-radius: 6px;
  background: var(--surface); font-size: 12px; line-height: 1.4; white-space: pre; pointer-events: none;
}
details { margin-top: 14px } summary { cursor: pointer; color: var(--soft) }
.wide { overflow-x: auto }
code { font: 12px ui-monospace, monospace; user-select: all }
.outliers td { white-space: nowrap }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums }
caption { padding-bottom: 8px; color: var(--soft); text-align: left }
th { color: var(--soft); font-weight: 500; text-align: left }
th, td { padding: 4px 10px; border-bottom: 1px solid var(--rule) }
.numbers th, .numbers td, td.number { text-align: right }
.confusion td { min-width: 40px; padding: 5px 8px; border: 2px solid var(--page); text-align: right }
.confusion th { border: 0 } .confusion .none { color: var(--rule) } .confusion .sum { color: var(--soft) }
.confusion thead th { vertical-align: bottom }
.confusion thead th span { max-height: 160px; overflow: hidden; white-space: nowrap; writing-mode: vertical-rl; transform: rotate(180deg) }
.right { background: color-mix(in srgb, var(--c1) var(--share), var(--surface)) }
.wrong { background: color-mix(in srgb, var(--c2) var(--share), var(--surface)) }
.strong { color: var(--surface) }
.classes { margin-top: 20px } .classes th, .classes td { padding: 3px 10px } .classes th + th { text-align: right }
.classes th { overflow-wrap: anywhere }
.sample { display: grid; grid-template-columns: repeat(auto-fill, minmax(130px, 1fr)); gap: 12px; padding: 12px 0; border-top: 1px solid var(--rule) }
.sample .mat { display: flex; align-items: center; justify-content: center; aspect-ratio: 1; background: var(--rule); border-radius: 6px; overflow: hidden }
.sample img { max-width: 100%; max-height: 100% }
.sample figcaption { flex-direction: column; gap: 0; margin: 6px 0 0; color: var(--soft); font-size: 12px; line-height: 1.4; overflow-wrap: anywhere }
.sample strong { color: var(--ink); font-weight: 600 }
.facts { columns: 320px; column-gap: 32px; font-size: 13px }
.facts div { display: flex; gap: 12px; padding: 3px 0; border-bottom: 1px solid var(--rule); break-inside: avoid }
.facts dt { flex: 0 0 40%; color: var(--soft) } .facts dd { overflow-wrap: anywhere }
`;
