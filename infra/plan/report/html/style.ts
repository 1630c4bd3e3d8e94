/** The page's style: one set of colours by role, given twice. */

export const COLOURS = `:root {
  --page: #f6f7f9; --card: #ffffff; --text: #1b2430; --soft: #566275; --edge: #d8dee7; --accent: #0b5cad;
  --mark: #fff6da; --tag: #7a5200; --code: #eef1f6; --good: #17683c; --bad: #b3261e; --box: #ffffff; --open: #fdecea;
  --outside: #eef1f6; --w0: #0b62b8; --w1: #a1450a; --w2: #6a3fb5; --w3: #0f766e; --w4: #a11d62; --w5: #5b6b12; --wout: #6b7686;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12161c; --card: #1a2029; --text: #e4e9f0; --soft: #a3afbf; --edge: #343e4c; --accent: #7db8f5;
    --mark: #332b12; --tag: #f0c463; --code: #232b37; --good: #71cf98; --bad: #ff9a91; --box: #222a35; --open: #3d2422;
    --outside: #1a2029; --w0: #6fb3f7; --w1: #f2a36b; --w2: #bb9cf5; --w3: #5ccfc3; --w4: #f28bbd; --w5: #c0cf6a; --wout: #8c98a8;
  }
}`;

/** Of pictures, which stand alone as well. */
export const PICTURE_STYLE = `.picture { display: block; max-width: 100%; min-width: 56rem; height: auto; }
.picture.wide { min-width: 88rem; }
.picture text { fill: var(--text); font-size: 12px; }
.picture .name { font-size: 14px; font-weight: 650; }
.picture .kind { fill: var(--soft); }
.box rect { fill: var(--box); stroke: var(--soft); stroke-width: 1.2; }
.box.open > rect { fill: var(--open); stroke: var(--bad); stroke-dasharray: 6 4; }
.box.outside > rect { fill: var(--outside); stroke: var(--edge); stroke-width: 1.5; }
.picture .guard rect { fill: var(--good); stroke: none; } .guard .shackle { fill: none; stroke: var(--good); stroke-width: 1.6; }
.picture .guard text { fill: var(--good); font-size: 11px; }
.picture .open .guard rect { fill: var(--bad); } .open .guard .shackle { stroke: var(--bad); } .picture .open .guard text { fill: var(--bad); }
.wire path { fill: none; stroke-linecap: round; }
.wire .halo { stroke: var(--card); stroke-width: 5; } .wire .line { stroke: var(--wire); stroke-width: 1.8; }
.wire .head, .wire circle { fill: var(--wire); stroke: none; }
.picture .wire text { text-anchor: end; font-size: 11px; paint-order: stroke; stroke: var(--card); stroke-width: 3px; }
.picture .wire .service { fill: var(--soft); font-style: italic; }
.wire:hover .line { stroke-width: 3.5; }
.wire-0 { --wire: var(--w0); } .wire-1 { --wire: var(--w1); } .wire-2 { --wire: var(--w2); } .wire-3 { --wire: var(--w3); }
.wire-4 { --wire: var(--w4); } .wire-5 { --wire: var(--w5); } .wire-out { --wire: var(--wout); } .wire-out .line { stroke-dasharray: 2 4; }
.frame rect { fill: none; stroke: var(--edge); stroke-width: 1.5; } .frame.outer rect { stroke: var(--soft); stroke-dasharray: 2 3; }
.picture .frame .name { font-size: 12px; fill: var(--soft); } .picture .frame .zone { font-size: 11px; fill: var(--soft); }`;

export const STYLE = `
${COLOURS}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1rem; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0; display: grid; grid-template-columns: 15rem minmax(0, 1fr); background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif;
}
a { color: var(--accent); }
a:focus-visible, summary:focus-visible, button:focus-visible, [tabindex]:focus-visible {
  outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px;
}
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 1rem; padding: .5rem 1rem; background: var(--card); z-index: 2; }
nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 2rem 1rem; border-right: 1px solid var(--edge); background: var(--card); }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li { margin: .3rem 0; }
nav a { text-decoration: none; }
nav a:hover { text-decoration: underline; }
nav ul ul { padding-left: .9rem; font-size: .92em; }
nav > ul > li:nth-child(n + 3) { margin-top: 1.2rem; }
nav > ul > li:nth-child(n + 3) > a { font-weight: 650; }
main { padding: 2rem 2.5rem 4rem; max-width: 100rem; }
h1 { margin: .1rem 0 .5rem; font-size: 2rem; line-height: 1.2; letter-spacing: -.01em; }
h2 { margin: 3rem 0 .5rem; font-size: 1.5rem; }
h3 { margin: 2.2rem 0 .5rem; font-size: 1.15rem; }
main > section > section { padding-top: .1rem; }
.eyebrow { margin: 0; color: var(--soft); font-size: .85rem; letter-spacing: .04em; }
.lead { max-width: 46rem; font-size: 1.05rem; }
p { max-width: 60rem; }
p, li { overflow-wrap: anywhere; }
.stacks { display: flex; flex-wrap: wrap; gap: .75rem; list-style: none; margin: 1rem 0 0; padding: 0; }
.stacks li { padding: .6rem .9rem; background: var(--card); border: 1px solid var(--edge); border-radius: 8px; }
.none, figcaption, small { color: var(--soft); }
.good { color: var(--good); }
.warning { color: var(--bad); }
code, pre, .ports { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
code { font-size: .88em; overflow-wrap: anywhere; }
p code { padding: .1em .3em; background: var(--code); border-radius: 4px; }
.scroll { margin: 1rem 0 1.5rem; overflow-x: auto; background: var(--card); border: 1px solid var(--edge); border-radius: 8px; }
table { width: 100%; border-collapse: collapse; font-size: .93rem; }
caption { padding: .7rem .9rem .2rem; text-align: left; font-weight: 650; }
th, td { padding: .5rem .9rem; text-align: left; vertical-align: top; border-top: 1px solid var(--edge); }
thead th { color: var(--soft); font-weight: 550; font-size: .85rem; border-top: 0; white-space: nowrap; }
tbody th { font-weight: 600; }
.topic th { padding-top: 1rem; color: var(--soft); font-size: .85rem; font-weight: 550; background: var(--page); }
.differs { background: var(--mark); }
.glance td { width: 36%; }
.tag { padding: 0 .4em; border: 1px solid currentColor; border-radius: 99px; color: var(--tag); font-size: .75rem; font-weight: 500; white-space: nowrap; }
.again { color: var(--soft); font-weight: 400; }
.plain { margin: 0; padding: 0; list-style: none; }
.plain li + li { margin-top: .2rem; }
.bar .all { fill: var(--code); } .bar .used { fill: var(--accent); } .bar.tight .used { fill: var(--tag); } .bar.over .used { fill: var(--bad); }
.severity { font-weight: 600; } .severity.critical { color: var(--bad); } .severity.other { color: var(--tag); }
details > summary { cursor: pointer; }
details.chart { margin: .8rem 0; padding: .6rem .9rem; background: var(--card); border: 1px solid var(--edge); border-radius: 8px; }
details.object { margin: .35rem 0 .35rem 1rem; }
.kind { color: var(--soft); }
pre { margin: .4rem 0; padding: .8rem; background: var(--code); border-radius: 6px; overflow-x: auto; font-size: .8rem; line-height: 1.45; }
button { padding: .2rem .7rem; border: 1px solid var(--edge); border-radius: 6px; background: var(--card); color: inherit; font: inherit; font-size: .88rem; cursor: pointer; }
.tree, .tree ul { list-style: none; margin: 0; padding-left: 1.3rem; }
.tree { padding: .8rem 1rem; background: var(--card); border: 1px solid var(--edge); border-radius: 8px; overflow-x: auto; }
.tree ul { border-left: 1px solid var(--edge); margin-left: .35rem; }
.tree li { margin: .15rem 0; white-space: nowrap; }
.tree code { color: var(--soft); } .tree .name { font-weight: 550; }
.tree li[hidden] { display: none; }
.tools { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem .7rem; margin: 1rem 0 .6rem; }
.tools input { min-width: min(24rem, 100%); padding: .3rem .6rem; border: 1px solid var(--soft); border-radius: 6px; background: var(--card); color: inherit; font: inherit; }
.tools input:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
.tools output { min-width: 5rem; color: var(--soft); font-size: .9rem; }
.role ul { margin: .4rem 0; padding-left: 1.2rem; } .role li { margin: .5rem 0; max-width: 70rem; } .role li small { display: block; overflow-wrap: anywhere; }
.tag.anything { color: var(--bad); }
.matrix td { font-size: .88em; white-space: nowrap; } .admitted { color: var(--good); font-weight: 600; } .refused { color: var(--soft); }
figure { padding: 1rem; } figcaption { margin-top: .6rem; font-size: .88rem; }
${PICTURE_STYLE}
@media (max-width: 60rem) { body { display: block; } nav { position: static; height: auto; } main { padding: 1rem; } }
@media print {
  body { display: block; background: none; } nav, button, .skip { display: none; } main { padding: 0; max-width: none; }
  .scroll, pre { overflow: visible; } pre { white-space: pre-wrap; } .picture, .picture.wide { min-width: 0; }
  tr, figure { break-inside: avoid; } .tree li { white-space: normal; }
}
`;
