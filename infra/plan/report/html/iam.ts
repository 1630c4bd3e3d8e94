/** Who may do what at AWS: each role in plain words. */
import type { Right, RoleFacts } from "../iam/roles";
import { rightText, rolesOf } from "../iam/roles";
import type { StackReport } from "../model";
import { counted, inList } from "../words";
import { html, Markup } from "./markup";

export function iamSection({ plan }: StackReport): Markup {
  const roles = rolesOf(plan);
  if (roles.length === 0) return html`<p class="none">The stack makes no role.</p>`;
  const marked = roles.flatMap(({ rights }) => rights).filter(({ onAnything }) => onAnything);
  return html`<p>
      ${counted(roles.length, "role")}, each sentence one statement of its policies.
      <strong>${counted(marked.length, "statement")} on anything</strong>, marked, each with its reason.
    </p>
    ${roles.map(roleCard)}`;
}

function roleCard({ name, path, takenBy, trust, rights, managed }: RoleFacts): Markup {
  const open = rights.filter(({ onAnything }) => onAnything).length;
  return html`<details class="chart role">
    <summary>
      <strong>${name}</strong> ${counted(rights.length + managed.length, "right")}${
        open > 0 ? html` <span class="tag anything">${open} on anything</span>` : undefined
      }
    </summary>
    <p>Taken by ${inList(takenBy)}${trust.length === 0 ? "" : `, if ${inList(trust)}`}. <small>${path}</small></p>
    <ul>
      ${rights.map(rightItem)}
      ${managed.map((policy) => html`<li><code>${policy.name}</code> (kept by AWS) ${policy.text ?? "is described by AWS alone"}.</li>`)}
    </ul>
  </details>`;
}

function rightItem(right: Right): Markup {
  const { sid, names, onAnything, reason } = right;
  return html`<li>
    ${rightText(right)}${
      onAnything
        ? html` <span class="tag anything">on anything</span> <em>${reason ?? "Nobody says why."}</em>`
        : undefined
    }
    <small><code>${sid}</code>: ${names.join(", ")}</small>
  </li>`;
}
