/** What `npm start` says in the terminal: enough to know whether the report is worth opening. */
import { OFFLINE } from "../offline";
import { LOADS, shareOf } from "./facts/quotas";
import { isRed } from "../requirements/judge";
import { objectsOf, Report, StackReport } from "./model";
import { counted } from "./words";

/**
 * @param path of the report, from where the command was run
 * @param url the same, for terminals that open what they show
 */
export function summaryOf(report: Report, path: string, url: string): string {
  const lines = report.stacks.map(stackLine);
  const warnings = report.stacks.flatMap(warningsOf);
  return [
    "",
    ...lines,
    ...warnings.map((warning) => `  ! ${warning}`),
    `The stacks differ in ${counted(report.differences.length, "object")}.`,
    requirementsLine(report),
    OFFLINE,
    "",
    `Report: ${path}`,
    `        ${url}`,
    "",
  ].join("\n");
}

function requirementsLine({ requirements }: Report): string {
  const proven = requirements.filter((row) => !isRed(row)).length;
  return `${proven} of ${counted(requirements.length, "requirement")} are proven by the last runs of the tests here.`;
}

function stackLine(input: StackReport): string {
  const { stack, files, plan, network, facts } = input;
  const connections = network.flows.filter(({ unguarded }) => !unguarded).length;
  const parts = [
    `${counted(objectsOf(input).length, "object")} in ${counted(files.length, "chart")}`,
    counted(Math.max(0, plan.resources.length - 1), "planned resource"),
    counted(connections, "allowed connection"),
    counted(facts.alerts.length, "alert"),
  ];
  return `${stack}: ${parts.join(", ")}`;
}

/** What the report marks, and a reader should not have to find. */
export function warningsOf({ stack, network, facts }: StackReport): string[] {
  const open = network.groups.filter(({ guarded }) => !guarded.ingress || !guarded.egress);
  const over = facts.quotas.flatMap(({ name, rows }) =>
    rows
      .filter((row) => LOADS.some((load) => (shareOf(row, load) ?? 0) > 1))
      .map(({ resource }) => `${stack}: quota ${name} is too small for ${resource} at the highest load`),
  );
  return [
    ...open.map(({ id }) => `${stack}: ${id} is not denied by default`),
    ...network.oneSided.map(({ from, to }) => `${stack}: a rule between ${from} and ${to} has no effect`),
    ...over,
  ];
}
