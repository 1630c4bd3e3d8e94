/** The platform, drawn from its resources. */
import type { StackReport } from "../model";
import { platformOf } from "../picture/platform";
import { drawPicture } from "../picture/svg";
import { html, idOf, Markup } from "./markup";
import { table } from "./parts";

export function platformSection({ stack, plan }: StackReport): Markup {
  const graph = platformOf(plan);
  if (graph.nodes.length === 0)
    return html`<p class="none">The stack is applied to a cluster that is there already.</p>`;
  const names = new Map(graph.nodes.map(({ id, title }) => [id, title]));
  const nameOf = (id: string) => names.get(id) ?? id;
  return html`<p>
      Drawn from the planned resources: a line is what a security group, a TargetGroupBinding, an Ingress, a claim or a
      role of Pod Identity lets pass. Ways that no resource of the plan names, such as pods to AWS through NAT, have
      none.
    </p>
    <figure class="scroll" tabindex="0" aria-label="The platform of ${stack}">
      ${drawPicture(graph, idOf(stack, "platform-picture"), `The platform of ${stack}`)}
      <figcaption>
        From left to right: from the internet through the load balancer to pods, then what they keep their data in, and
        what of AWS they use.
      </figcaption>
    </figure>
    ${table(
      "Lines of the picture",
      ["From", "To", "What", "By"],
      graph.bundles.flatMap(({ sources, target, ports, services }) =>
        sources.map((source) => [nameOf(source), nameOf(target), ports, services]),
      ),
    )}`;
}
