/** What talks to what: the picture, and the same as a table. */
import { countText } from "../facts/glance";
import type { StackReport } from "../model";
import type { Flow, Network } from "../network/network";
import { portText } from "../network/ports";
import { amongThemselves, graphOf, guardText, portsOf, servicesOf } from "../picture/graph";
import { drawPicture } from "../picture/svg";
import { Content, html, idOf, Markup } from "./markup";
import { matrix } from "./matrix";
import { table } from "./parts";

export function networkSection({ stack, network, facts }: StackReport): Markup {
  const counts = new Map(
    facts.workloads.map(({ kind, namespace, name, pods }) => [`${kind} ${namespace}/${name}`, countText(kind, pods)]),
  );
  const graph = graphOf(network, counts);
  return html`
    <p>
      Read from the NetworkPolicies and Services: a line stands for connections that both ends admit. Whatever has no
      line is refused, where a box says “denied by default”. Ends outside (rounded) are held by rules of their own,
      which aren't known here; blocks of addresses stand for what is outside the cluster; probes from a pod's own node
      always pass.
    </p>
    <figure class="scroll" tabindex="0">
      ${drawPicture(graph, idOf(stack, "picture"), `What talks to what in ${stack}`)}
      <figcaption>
        From left to right: who opens the connection, then who answers. On each line the ports; below it, in italics,
        the Service that leads there.
      </figcaption>
    </figure>
    ${oneSided(network)} ${matrix(network)}
    ${table("Connections that the policies allow", ["From", "To", "Ports", "By Service"], rowsOf(network))}
    ${table(
      "What the policies hold",
      ["Pods", "Ingress and egress", "Listen on", "Among themselves"],
      network.groups.map(({ id, guarded, ports }) => [
        id,
        guardText(guarded),
        ports
          .map(({ protocol, number, name }) => `${protocol} ${number}${name === undefined ? "" : ` ${name}`}`)
          .join(", ") || "nothing",
        amongThemselves(network).get(id) ?? "–",
      ]),
    )}
  `;
}

function rowsOf(network: Network): Content[][] {
  const names = new Map<string, string>([
    ...network.groups.map(({ id }): [string, string] => [id, id]),
    ...network.outside.map(({ id, name, detail }): [string, string] => [id, `${name} (${detail})`]),
  ]);
  const nameOf = (id: string) => names.get(id) ?? id;
  // Between pods that no policy holds there are too many to list, and nothing to learn.
  const listed = network.flows.filter(({ unguarded }) => !unguarded);
  const key = ({ from, to }: Flow) => `${nameOf(from)} ${nameOf(to)}`;
  return [...listed]
    .sort((a, b) => (key(a) < key(b) ? -1 : 1))
    .map((flow) => [nameOf(flow.from), nameOf(flow.to), html`<code>${portsOf(flow)}</code>`, servicesOf(flow) || "–"]);
}

function oneSided({ oneSided: found }: Network): Markup {
  if (found.length === 0)
    return html`<p class="good">Every rule that names a peer is met by a rule at the other end.</p>`;
  return table(
    "Rules without effect: one end names the other, which doesn't admit it",
    ["From", "To", "Its egress admits", "Its ingress admits"],
    found.map(({ from, to, egress, ingress }) => [
      from,
      to,
      portText(egress) || "nothing",
      portText(ingress) || "nothing",
    ]),
  );
}
