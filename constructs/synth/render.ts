import { ApiObject, App, Chart, Yaml } from "cdk8s";
import { Construct } from "constructs";
import { stringify } from "yaml";
import { manifestSettings, ManifestSettings } from "../settings";

/** Content by path. */
export type Files = Readonly<Record<string, string>>;

/** File with the settings as they were understood. The program applies `dist` for these, and for no others. */
export const SETTINGS_FILE = "settings.yaml";

const HEADER = "# Written by npm run synth. Change the settings or the constructs, not this file.\n";

/** The settings with every default filled in; those that no manifest follows from are left out. */
export function renderSettings(settings: ManifestSettings): Files {
  return { [SETTINGS_FILE]: HEADER + stringify(manifestSettings(settings), { lineWidth: 0 }) };
}

/** The manifests of all charts: a file for each part of a chart, so that a reader finds the backup in the backup's file. */
export function renderCharts(app: App): Files {
  return Object.fromEntries(app.charts.flatMap((chart) => renderChart(chart)));
}

function renderChart(chart: Chart): [string, string][] {
  const parts = new Map<string, unknown[]>();
  for (const object of chart.node.findAll().filter((child) => ApiObject.isApiObject(child))) {
    const file = `${chart.node.id}.${kebab(partOf(object, chart))}.k8s.yaml`;
    parts.set(file, [...(parts.get(file) ?? []), object.toJson()]);
  }
  return [...parts].map(([file, objects]) => [file, HEADER + Yaml.stringify(...objects)]);
}

/** Id of the chart's child that `object` stands under. */
function partOf(object: Construct, chart: Chart): string {
  const path = object.node.scopes;
  return path[path.indexOf(chart) + 1]?.node.id ?? chart.node.id;
}

function kebab(id: string): string {
  return id.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, "-").toLowerCase();
}
