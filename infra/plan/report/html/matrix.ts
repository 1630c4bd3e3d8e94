import type { Network } from "../network/network";
import { ANYONE } from "../network/outside";
import { portsOf } from "../picture/graph";
import { html, Markup } from "./markup";

interface End {
  readonly id: string;
  readonly name: string;
}

/**
 * Everyone against everyone. Between deployed pods, what has no ports is refused. Of an outside end all that is known is
 * whether a rule names it: a wider rule may mean it too.
 */
export function matrix(network: Network): Markup {
  const { groups, outside, flows } = network;
  const outsideEnds = (end: "from" | "to") => outside.filter(({ id }) => flows.some((flow) => flow[end] === id));
  const [sources, targets] = [
    [...outsideEnds("from"), ...groups],
    [...groups, ...outsideEnds("to")],
  ];
  return html`<div class="scroll" tabindex="0" role="group" aria-label="From whom to whom">
    <table class="matrix">
      <caption>
        From each row to each column
      </caption>
      <thead>
        <tr>
          <th scope="col">from, to</th>
          ${targets.map(({ name }) => html`<th scope="col">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${sources.map((from) => row(network, from, targets))}
      </tbody>
    </table>
  </div>`;
}

function row(network: Network, from: End, targets: readonly End[]): Markup {
  return html`<tr>
    <th scope="row">${from.name}</th>
    ${targets.map((to) => cell(network, from, to))}
  </tr>`;
}

function cell({ flows, outside }: Network, from: End, to: End): Markup {
  const find = (source: string, target: string) => flows.find((flow) => flow.from === source && flow.to === target);
  const flow = find(from.id, to.id);
  if (flow !== undefined) return html`<td class="${flow.unguarded ? "warning" : "admitted"}">${portsOf(flow)}</td>`;
  const [comes, goes] = [from, to].map(({ id }) => outside.some((end) => end.id === id));
  if (comes !== true && goes !== true) return html`<td class="refused">refused</td>`;
  // What doesn't touch a pod of ours is no business of these policies.
  if (comes === true && goes === true) return html`<td></td>`;
  const open = comes === true ? find(ANYONE.id, to.id) : find(from.id, ANYONE.id);
  return open === undefined
    ? html`<td class="refused">no rule</td>`
    : html`<td class="warning">${portsOf(open)}, as anyone</td>`;
}
